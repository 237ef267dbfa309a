package bench

// tagsInFrames makes an interface leave VLAN tags in its frames, where XDP sees
// them: a tag that the driver takes off is gone before any program runs.
func tagsInFrames(name string) error {
	const getFlags, setFlags, tags = 0x25, 0x26, 1<<7 | 1<<8 // ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_TXVLAN and RXVLAN
	flags, err := ethtool(name, getFlags, 0)
	if err != nil {
		return err
	}
	_, err = ethtool(name, setFlags, flags&^tags)
	return err
}
