package packet

// plain decodes what nearly all frames are: Ethernet, a whole IPv4 packet
// without options or an IPv6 packet without extension headers, TCP, lengths that
// agree. It tells whether the frame is one; others are left to the steps, which
// give the same result for these as well.
func (d *Decoder) plain(f *Frame, s *Segment) bool {
	b := f.Data
	if f.Link != LinkEthernet || len(b) < 54 {
		return false
	}
	at, end := 0, 0
	switch be16(b[12:]) {
	case etherIP4:
		at, end = 34, plainIP4(b)
	case etherIP6:
		at, end = 54, plainIP6(b)
	}
	if end == 0 || end > max(f.Length, len(b)) {
		return false
	}
	captured := b[:min(end, len(b))]
	if len(captured) < at+leastTCP || !plainTCP(captured[at:], end-at) {
		return false
	}
	s.DestinationHardware, s.SourceHardware = hardware(b), hardware(b[6:])
	if at == 34 {
		s.ip4Fields(b[14:])
		if !d.SkipChecksums {
			s.checkIP4(b[14:34])
		}
	} else {
		s.ip6Fields(b[14:])
	}
	d.segment(s, captured, at, end)
	return true
}

// plainIP4 returns where the packet ends, or 0 if it is no plain one.
func plainIP4(b []byte) int {
	const version, fragment, least = 0x45, 0x3fff, 40
	b = b[14:]
	if total := int(be16(b[2:])); b[0] == version && be16(b[6:])&fragment == 0 && b[9] == protoTCP && total >= least {
		return 14 + total
	}
	return 0
}

func plainIP6(b []byte) int {
	b = b[14:]
	if length := int(be16(b[4:])); b[0]>>4 == 6 && b[6] == protoTCP && length >= leastTCP {
		return 54 + length
	}
	return 0
}

// plainTCP tells whether the header is as long as it may be.
func plainTCP(b []byte, size int) bool {
	header := int(b[12]>>4) * 4
	return header >= leastTCP && header <= size
}
