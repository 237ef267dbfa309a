package packet

import (
	"slices"
	"testing"
)

// snap is LLC and SNAP before an Ethernet type.
func snap(kind int, payload []byte) []byte {
	return join([]byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(kind), payload)
}

func cookedHeader(packetType, kind int, payload []byte) []byte {
	return join(u16(packetType), u16(1), u16(6), macFrom, u16(0), u16(kind), payload)
}

func cooked2Header(packetType byte, kind int, payload []byte) []byte {
	return join(u16(kind), u16(0), u32(9), u16(1), []byte{packetType, 6}, macFrom, u16(0), payload)
}

// overWifi is a data frame from an access point, or as the flags say.
func overWifi(first, second byte, more, payload []byte) []byte {
	return join([]byte{first, second, 0, 0}, macTo, []byte{1, 1, 1, 1, 1, 1}, macFrom, u16(0), more, payload)
}

func attributes(payload []byte) []byte {
	return join([]byte{2, 0, 0, 0},
		[]byte{8, 0, 4, 0}, u32(11), // came in by interface 11
		[]byte{5, 0, 10, 0, 0, 0, 0, 0}, // prefix: an empty string, padded
		[]byte{byte(4 + len(payload)), 0, 9, 0}, payload)
}

// TestLinkTypes has a frame for every link type.
func TestLinkTypes(t *testing.T) {
	v4, v6 := whole4(), whole6()
	for _, c := range []struct {
		what string
		link LinkType
		data []byte
		ends Tuple
	}{
		{"ethernet, IPv4", LinkEthernet, overEthernet(0x800, v4), ends4},
		{"ethernet, IPv6", LinkEthernet, overEthernet(0x86dd, v6), ends6},
		{"ethernet, LLC and SNAP", LinkEthernet, overEthernet(8+len(v4), snap(0x800, v4)), ends4},
		{"ethernet, SNAP of 802.1H", LinkEthernet, overEthernet(8+len(v4), join([]byte{0xaa, 0xaa, 3, 0, 0, 0xf8}, u16(0x800), v4)), ends4},
		{"ethernet, IP by its LLC number", LinkEthernet, overEthernet(3+len(v4), join([]byte{6, 6, 3}, v4)), ends4},
		{"raw, IPv4", LinkRaw, v4, ends4},
		{"raw, IPv6", LinkRaw, v6, ends6},
		{"raw, number 12", LinkRawBSD, v4, ends4},
		{"raw, number 14", LinkRawOpen, v6, ends6},
		{"IPv4", LinkIPv4, v4, ends4},
		{"IPv6", LinkIPv6, v6, ends6},
		{"null, little end", LinkNull, join([]byte{2, 0, 0, 0}, v4), ends4},
		{"null, big end", LinkNull, join([]byte{0, 0, 0, 2}, v4), ends4},
		{"null, IPv6 of Darwin", LinkNull, join([]byte{30, 0, 0, 0}, v6), ends6},
		{"null, IPv6 of FreeBSD", LinkNull, join([]byte{0, 0, 0, 28}, v6), ends6},
		{"loop, IPv6 of OpenBSD", LinkLoop, join([]byte{0, 0, 0, 24}, v6), ends6},
		{"cooked", LinkSLL, cookedHeader(0, 0x800, v4), ends4},
		{"cooked, LLC", LinkSLL, cookedHeader(0, 4, snap(0x86dd, v6)), ends6},
		{"cooked, VLAN", LinkSLL, cookedHeader(4, 0x8100, join(u16(5), u16(0x800), v4)), ends4},
		{"cooked 2", LinkSLL2, cooked2Header(4, 0x86dd, v6), ends6},
		{"802.11", Link80211, overWifi(8, 2, nil, snap(0x800, v4)), ends4},
		{"802.11, to the access point", Link80211, overWifi(8, 1, nil, snap(0x800, v4)), ends4},
		{"802.11, ad hoc", Link80211, overWifi(8, 0, nil, snap(0x800, v4)), ends4},
		{"802.11, four addresses", Link80211, overWifi(8, 3, macFrom, snap(0x800, v4)), ends4},
		{"802.11, QoS", Link80211, overWifi(0x88, 2, u16(0), snap(0x86dd, v6)), ends6},
		{"802.11, QoS and HT control", Link80211, overWifi(0x88, 0x82, join(u16(0), u32(0)), snap(0x800, v4)), ends4},
		{"802.11, aggregate", Link80211, overWifi(0x88, 2, []byte{0x80, 0}, join(macTo, macFrom, u16(8+len(v4)), snap(0x800, v4))), ends4},
		{"radiotap", LinkRadiotap, join([]byte{0, 0, 8, 0, 0, 0, 0, 0}, overWifi(8, 2, nil, snap(0x800, v4))), ends4},
		{"radiotap with time, flags and padding", LinkRadiotap, join([]byte{0, 0, 25, 0, 3, 0, 0, 0x80}, u32(0), u32(0), make([]byte, 8), []byte{0x20},
			overWifi(0x88, 2, join(u16(0), u16(0)), snap(0x800, v4))), ends4},
		{"PPP", LinkPPP, join([]byte{0xff, 3, 0, 0x21}, v4), ends4},
		{"PPP without address and control", LinkPPP, join([]byte{0, 0x57}, v6), ends6},
		{"PPP with a short protocol", LinkPPP, join([]byte{0x21}, v4), ends4},
		{"PPP in HDLC", LinkPPPHDLC, join([]byte{0xff, 3, 0, 0x57}, v6), ends6},
		{"PPP with a direction", LinkPPPD, join([]byte{1, 3, 0, 0x21}, v4), ends4},
		{"PPP, MPLS", LinkPPP, join([]byte{0xff, 3, 2, 0x81, 0, 0, 0x11, 64}, v4), ends4},
		{"PPPoE", LinkPPPoE, join([]byte{0x11, 0}, u16(3), u16(2+len(v4)), u16(0x21), v4), ends4},
		{"PPPoE in Ethernet", LinkEthernet, overEthernet(0x8864, join([]byte{0x11, 0}, u16(3), u16(2+len(v6)), u16(0x57), v6)), ends6},
		{"LLC", LinkLLC, snap(0x800, v4), ends4},
		{"LLC with bridged Ethernet", LinkLLC, join([]byte{0xaa, 0xaa, 3, 0, 0x80, 0xc2}, u16(7), u16(0), overEthernet(0x800, v4)), ends4},
		{"Cisco HDLC", LinkCiscoHDLC, join([]byte{0x0f, 0}, u16(0x800), v4), ends4},
		{"MPLS", LinkMPLS, join([]byte{0, 0, 0x11, 64}, v4), ends4},
		{"NFLOG", LinkNFLOG, attributes(v4), ends4},
		{"VLAN", LinkEthernet, overEthernet(0x8100, join(u16(0x6005), u16(0x800), v4)), ends4},
		{"QinQ", LinkEthernet, overEthernet(0x88a8, join(u16(7), u16(0x8100), u16(5), u16(0x86dd), v6)), ends6},
		{"MPLS stack", LinkEthernet, overEthernet(0x8847, join([]byte{0, 0, 0x10, 64, 0, 0, 0x21, 64}, v4)), ends4},
		{"MPLS with Ethernet", LinkEthernet, overEthernet(0x8847, join([]byte{0, 0, 0x11, 64, 0, 0, 0, 0}, overEthernet(0x800, v4))), ends4},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := mustDecode(t, frameOf(c.link, c.data))
			checkSegment(t, s, c.ends)
			if s.Time != 42 || s.Number != 7 || s.Interface != 3 {
				t.Errorf("frame's own facts are lost: %+v", s)
			}
			if string(c.data[s.TextAt:s.TextAt+s.TextSize]) != "hello" {
				t.Errorf("text is at %d", s.TextAt)
			}
			everyCut(t, c.link, c.data)
		})
	}
}

// everyCut decodes all beginnings of the frame: none may say another thing than
// the whole.
func everyCut(t *testing.T, link LinkType, data []byte) {
	t.Helper()
	whole, _ := decode(frameOf(link, data))
	for n := range data {
		f := frameOf(link, slices.Clone(data[:n]))
		f.Length = len(data)
		s, reason := decode(f)
		switch {
		case reason == CutShort:
		case reason != IsSegment:
			t.Errorf("first %d octets: %v", n, reason)
		case s.Tuple != whole.Tuple || s.TCP.Seq != whole.TCP.Seq || s.TCP.Data != whole.TCP.Data || s.TCP.Flags != whole.TCP.Flags:
			t.Errorf("first %d octets: %v %v", n, s.Tuple, s.TCP)
		case !s.Marks.Has(Truncated) || s.Checksum != ChecksumUnknown:
			t.Errorf("first %d octets: marks %v, checksum %v", n, s.Marks, s.Checksum)
		}
	}
}

// TestLinkFacts looks at what link layers tell besides.
func TestLinkFacts(t *testing.T) {
	v4 := whole4()
	from, to := "00:1b:21:3c:9d:f8", "52:54:00:12:35:02"
	s := mustDecode(t, frameOf(LinkEthernet, overEthernet(0x88a8, join(u16(7), u16(0x8100), u16(0xf005), u16(0x800), v4))))
	if s.SourceHardware.String() != from || s.DestinationHardware.String() != to {
		t.Errorf("ethernet: %v > %v", s.SourceHardware, s.DestinationHardware)
	}
	if !slices.Equal(s.Tags(), []uint16{7, 5}) {
		t.Errorf("tags %v", s.Tags())
	}
	if s.ID != 0x4242 || s.TTL != 63 || s.TrafficClass != 0x12 || s.IPVersion != 4 || s.Urgent != 0 {
		t.Errorf("IPv4: %+v", s)
	}
	s = mustDecode(t, frameOf(LinkSLL, cookedHeader(4, 0x800, v4)))
	if s.Direction != Outbound || s.SourceHardware.String() != from || s.DestinationHardware != 0 {
		t.Errorf("cooked: %v %v %v", s.Direction, s.SourceHardware, s.DestinationHardware)
	}
	s = mustDecode(t, frameOf(LinkSLL2, cooked2Header(1, 0x86dd, whole6())))
	if s.Direction != Inbound || s.IfIndex != 9 || s.TTL != 62 || s.TrafficClass != 0x12 || s.IPVersion != 6 {
		t.Errorf("cooked 2: %+v", s)
	}
	s = mustDecode(t, frameOf(LinkSLL, cookedHeader(3, 0x800, v4)))
	if s.Direction != DirectionUnknown {
		t.Errorf("to another host: %v", s.Direction)
	}
	s = mustDecode(t, frameOf(LinkNFLOG, attributes(v4)))
	if s.Direction != Inbound || s.IfIndex != 11 {
		t.Errorf("NFLOG: %v %d", s.Direction, s.IfIndex)
	}
	s = mustDecode(t, frameOf(LinkPPPD, join([]byte{1, 3, 0, 0x21}, v4)))
	if s.Direction != Outbound {
		t.Errorf("PPP: %v", s.Direction)
	}
	for second, want := range map[byte][2]string{
		0: {"01:01:01:01:01:01", to}, 1: {"01:01:01:01:01:01", from}, 2: {from, to},
	} {
		s = mustDecode(t, frameOf(Link80211, overWifi(8, second, nil, snap(0x800, v4))))
		if got := [2]string{s.SourceHardware.String(), s.DestinationHardware.String()}; got != want {
			t.Errorf("802.11 with %d: %v, want %v", second, got, want)
		}
	}
}

// TestManyTags: tags beyond those kept are counted.
func TestManyTags(t *testing.T) {
	data := whole4()
	kind := 0x800
	for vlan := 6; vlan > 0; vlan-- {
		data, kind = join(u16(vlan), u16(kind), data), 0x8100
	}
	s := mustDecode(t, frameOf(LinkEthernet, overEthernet(kind, data)))
	if s.VLANCount != 6 || !slices.Equal(s.Tags(), []uint16{1, 2, 3, 4}) {
		t.Errorf("%d tags, kept %v", s.VLANCount, s.Tags())
	}
}

// TestLinkReasons has a frame for every way to be no segment that a link layer
// knows.
func TestLinkReasons(t *testing.T) {
	v4 := whole4()
	for _, c := range []struct {
		what string
		link LinkType
		data []byte
		want Reason
	}{
		{"a link type of its own", 147, v4, UnknownLink},
		{"ARP", LinkEthernet, overEthernet(0x806, make([]byte, 46)), NotIP},
		{"spanning tree", LinkEthernet, overEthernet(38, join([]byte{0x42, 0x42, 3}, make([]byte, 43))), NotIP},
		{"Cisco's own over SNAP", LinkEthernet, overEthernet(46, join([]byte{0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}, make([]byte, 38))), NotIP},
		{"MACsec", LinkEthernet, overEthernet(0x88e5, make([]byte, 46)), Encrypted},
		{"runt", LinkEthernet, macTo, DamagedLink},
		{"VLAN without an end", LinkEthernet, overEthernet(0x8100, u16(1)), DamagedLink},
		{"PPPoE discovery", LinkEthernet, overEthernet(0x8864, []byte{0x11, 9, 0, 0, 0, 0}), NotIP},
		{"PPPoE version 2", LinkEthernet, overEthernet(0x8864, []byte{0x12, 0, 0, 0, 0, 0}), DamagedLink},
		{"LCP", LinkPPP, []byte{0xff, 3, 0xc0, 0x21, 1, 1, 0, 4}, NotIP},
		{"Van Jacobson", LinkPPP, []byte{0xff, 3, 0, 0x2d, 1, 1, 0, 4}, Compressed},
		{"PPP encrypted", LinkPPP, []byte{0xff, 3, 0, 0x53, 1, 1, 0, 4}, Encrypted},
		{"802.11 beacon", Link80211, overWifi(0x80, 0, nil, nil), NotIP},
		{"802.11 null", Link80211, overWifi(0x48, 1, nil, nil), NotIP},
		{"802.11 protected", Link80211, overWifi(8, 0x41, nil, v4), Encrypted},
		{"radio says the sum is wrong", LinkRadiotap, join([]byte{0, 0, 9, 0, 2, 0, 0, 0, 0x40}, overWifi(8, 2, nil, snap(0x800, v4))), DamagedLink},
		{"radiotap shorter than itself", LinkRadiotap, join([]byte{0, 0, 7, 0, 0, 0, 0, 0}, v4), DamagedLink},
		{"cooked, Ethernet of 802.3", LinkSLL, cookedHeader(0, 1, v4), NotIP},
		{"null with AF_UNIX", LinkNull, join([]byte{1, 0, 0, 0}, v4), NotIP},
		{"raw with version 5", LinkRaw, []byte{0x50, 0, 0, 0}, NotIP},
		{"labels without a bottom", LinkMPLS, make([]byte, 400), TooDeep},
		{"NFLOG of another version", LinkNFLOG, []byte{2, 1, 0, 0, 0}, DamagedLink},
		{"NFLOG without a packet", LinkNFLOG, []byte{2, 0, 0, 0, 8, 0, 4, 0, 0, 0, 0, 1}, NotIP},
		{"NFLOG with a length of 3", LinkNFLOG, []byte{2, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 1}, DamagedLink},
	} {
		if _, got := decode(frameOf(c.link, c.data)); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
