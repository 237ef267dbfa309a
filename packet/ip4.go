package packet

// Internet protocol numbers (IANA).
const (
	protoHopByHop    = 0
	protoICMP        = 1
	protoIP4         = 4
	protoTCP         = 6
	protoUDP         = 17
	protoIP6         = 41
	protoRouting     = 43
	protoFragment    = 44
	protoGRE         = 47
	protoESP         = 50
	protoAH          = 51
	protoICMP6       = 58
	protoDestination = 60
	protoEtherIP     = 97
	protoMobility    = 135
	protoMPLS        = 137
	protoHIP         = 139
	protoShim6       = 140
)

// ip4 reads an IPv4 header (RFC 791 section 3.1).
func ip4(d *Decoder, s *Segment) step {
	const least = 20
	b := d.rest()
	if len(b) < least {
		return d.short(least, DamagedIP)
	}
	size := int(b[0]&15) * 4
	if b[0]>>4 != 4 || size < least {
		return d.stop(DamagedIP)
	}
	if len(b) < size {
		return d.short(size, DamagedIP)
	}
	s.Marks &^= ofPacket
	if !d.boundIP4(s, int(be16(b[2:])), size) {
		return d.stop(DamagedIP)
	}
	s.ip4Fields(b)
	d.hidden = false
	if !d.SkipChecksums {
		s.checkIP4(b[:size])
	}
	if size > least {
		s.sourceRoute4(b[least:size])
	}
	if reason := d.fragment4(s, be16(b[6:])); reason != IsSegment {
		return d.stop(reason)
	}
	protocol := b[9]
	d.at += size
	return d.transport(s, protocol)
}

func (s *Segment) ip4Fields(b []byte) {
	b = b[:20]
	s.IPVersion, s.TrafficClass, s.TTL = 4, b[1], b[8]
	s.ID = uint32(be16(b[4:]))
	s.Tuple.Source, s.Tuple.Destination = Address4(be32(b[12:])), Address4(be32(b[16:]))
}

// boundIP4 takes the total length for the packet's end. Zero is left by senders
// that let the card cut the segment, and by packets of 64 KiB and more (Linux,
// BIG TCP for IPv4): then all of the frame belongs to the packet.
func (d *Decoder) boundIP4(s *Segment, total, size int) bool {
	switch {
	case total >= size:
		d.bound(s, total)
		return true
	case total == 0 && d.end-d.at >= size:
		s.Marks |= LengthFromFrame
		return true
	default:
		return false
	}
}

// checkIP4 verifies the header's sum. A field of zero was left to the card.
func (s *Segment) checkIP4(header []byte) {
	if fold(sum(header)) != 0xffff && be16(header[10:]) != 0 {
		s.Marks |= IPChecksumBad
	}
}

// fragment4 lets whole packets and first fragments pass (RFC 791 section 3.2).
func (d *Decoder) fragment4(s *Segment, field uint16) Reason {
	const more, offset = 0x2000, 0x1fff
	if field&offset != 0 {
		return LaterFragment
	}
	if field&more != 0 {
		s.Marks |= Fragmented
		d.parted = true
	}
	return IsSegment
}

// sourceRoute4 finds the last address of a loose or strict source route that is
// not used up: the packet's true destination, which TCP's checksum covers (RFC
// 1122 section 4.2.3.8).
func (s *Segment) sourceRoute4(b []byte) {
	const end, nop, loose, strict = 0, 1, 131, 137
	for len(b) > 0 && b[0] != end {
		if b[0] == nop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || int(b[1]) < 2 || int(b[1]) > len(b) {
			return
		}
		size := int(b[1])
		pointer := 0
		if size >= 7 {
			pointer = int(b[2])
		}
		if (b[0] == loose || b[0] == strict) && pointer >= 4 && pointer+3 <= size {
			s.Tuple.Destination = Address4(be32(b[size-4:]))
			s.Marks |= SourceRouted
		}
		b = b[size:]
	}
}

// transport goes on with what a protocol number announces.
func (d *Decoder) transport(s *Segment, protocol byte) step {
	switch protocol {
	case protoTCP:
		return readTCP
	case protoUDP:
		return readUDP
	case protoICMP, protoICMP6:
		return d.stop(ICMP)
	case protoAH:
		return authentication
	case protoESP:
		return d.stop(Encrypted)
	default:
		return d.encapsulated(s, protocol)
	}
}

// encapsulated knows the protocols that carry packets.
func (d *Decoder) encapsulated(s *Segment, protocol byte) step {
	switch protocol {
	case protoIP4:
		return d.enter(s, IPInIP, 0, ip4)
	case protoIP6:
		return d.enter(s, IPInIP, 0, ip6)
	case protoGRE:
		return gre
	case protoEtherIP:
		return etherIP
	case protoMPLS:
		return d.enter(s, MPLSInIP, 0, mpls)
	default:
		return d.stop(OtherTransport)
	}
}

// authentication skips the header of RFC 4302: its length field counts words of
// 32 bits, less two.
func authentication(d *Decoder, s *Segment) step {
	const least = 12
	b := d.rest()
	if len(b) < least {
		return d.short(least, DamagedIP)
	}
	size := (int(b[1]) + 2) * 4
	switch {
	case size < least:
		return d.stop(DamagedIP)
	case len(b) < size:
		return d.short(size, DamagedIP)
	}
	d.at += size
	if s.IPVersion == 6 {
		return d.extension(s, b[0])
	}
	return d.transport(s, b[0])
}

func etherIP(d *Decoder, s *Segment) step {
	const size, version = 2, 0x30
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, DamagedLink)
	case b[0] != version:
		return d.stop(DamagedLink)
	}
	d.at += size
	return d.enter(s, EtherIP, 0, ethernet)
}
