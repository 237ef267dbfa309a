package packet

// ip6 reads an IPv6 header (RFC 8200 section 3).
func ip6(d *Decoder, s *Segment) step {
	const size = 40
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedIP)
	}
	if b[0]>>4 != 6 {
		return d.stop(DamagedIP)
	}
	next, length := b[6], int(be16(b[4:]))
	s.ip6Fields(b)
	s.Marks &^= ofPacket
	d.hidden = false
	d.at += size
	if length > 0 {
		d.bound(s, length)
		return d.extension(s, next)
	}
	return d.withoutLength(s, next)
}

func (s *Segment) ip6Fields(b []byte) {
	b = b[:40]
	s.IPVersion, s.TrafficClass, s.TTL, s.ID = 6, byte(be16(b)>>4), b[7], 0
	s.Tuple.Source, s.Tuple.Destination = address16(b[8:24]), address16(b[24:40])
}

// withoutLength reads a packet whose payload length is zero: a jumbogram, which
// says its length in a hop-by-hop option, or one that the sender left to the
// card to cut, as Linux's BIG TCP does; then all of the frame belongs to it.
func (d *Decoder) withoutLength(s *Segment, next byte) step {
	if next == protoHopByHop {
		if length := jumboLength(d.rest()); length > 0 {
			s.Marks |= Jumbo
			d.bound(s, length)
			return d.extension(s, next)
		}
	}
	s.Marks |= LengthFromFrame
	return d.extension(s, next)
}

// jumboLength finds the jumbo payload option (RFC 2675 section 2) in a
// hop-by-hop header; 0 stands for none.
func jumboLength(b []byte) int {
	const jumbo, least = 0xc2, 0xffff
	options := optionArea(b)
	for len(options) > 0 {
		kind, value, rest := option6(options)
		if kind == jumbo && len(value) == 4 && be32(value) > least {
			return int(min(be32(value), 1<<30))
		}
		options = rest
	}
	return 0
}

// optionArea returns the options of a hop-by-hop or destination header, as far as
// they were captured.
func optionArea(b []byte) []byte {
	if len(b) < 8 {
		return nil
	}
	return b[2:min(len(b), (int(b[1])+1)*8)]
}

// option6 takes the first option off (RFC 8200 section 4.2). A damaged one ends
// the list.
func option6(b []byte) (kind byte, value, rest []byte) {
	const pad1 = 0
	if b[0] == pad1 {
		return pad1, nil, b[1:]
	}
	if len(b) < 2 || len(b) < 2+int(b[1]) {
		return pad1, nil, nil
	}
	size := 2 + int(b[1])
	return b[0], b[2:size], b[size:]
}

// extension goes on with what a next header field announces.
func (d *Decoder) extension(s *Segment, next byte) step {
	switch next {
	case protoTCP:
		return readTCP
	case protoHopByHop, protoMobility, protoHIP, protoShim6:
		return extensionHeader
	case protoDestination:
		return destinationOptions
	case protoRouting:
		return routing
	case protoFragment:
		return fragment6
	default:
		return d.transport(s, next)
	}
}

// skipExtension takes an extension header of the common form off: next header,
// length in words of eight octets beyond the first. It returns nil where the
// header is not whole; the reason is then set.
func (d *Decoder) skipExtension() []byte {
	const least = 8
	b := d.rest()
	if len(b) < least {
		d.short(least, DamagedIP)
		return nil
	}
	size := (int(b[1]) + 1) * 8
	if len(b) < size {
		d.short(size, DamagedIP)
		return nil
	}
	d.at += size
	return b[:size]
}

func extensionHeader(d *Decoder, s *Segment) step {
	b := d.skipExtension()
	if b == nil {
		return nil
	}
	return d.extension(s, b[0])
}

// destinationOptions looks for the home address of a mobile node: to TCP it is
// the source (RFC 6275 section 9.3.1).
func destinationOptions(d *Decoder, s *Segment) step {
	const homeAddress = 0xc9
	b := d.skipExtension()
	if b == nil {
		return nil
	}
	for options := optionArea(b); len(options) > 0; {
		kind, value, rest := option6(options)
		if kind == homeAddress && len(value) == 16 {
			s.Tuple.Source = address16(value)
		}
		options = rest
	}
	return d.extension(s, b[0])
}

// routing finds the final destination while segments are left: it is what TCP's
// checksum covers (RFC 8200 section 8.1), and the other end of the connection.
func routing(d *Decoder, s *Segment) step {
	const (
		source, mobile, compressed, segments = 0, 2, 3, 4 // RFC 5095, 6275, 6554, 8754
		fixed, address                       = 8, 16
	)
	b := d.skipExtension()
	if b == nil {
		return nil
	}
	list := b[fixed:]
	switch kind, left := b[2], b[3]; {
	case left == 0:
	case (kind == source || kind == mobile) && len(list) >= address:
		s.routed(list[len(list)/address*address-address:])
	case kind == segments && len(list) >= address:
		s.routed(list) // the list is in reverse order
	default:
		d.hidden = true
	}
	return d.extension(s, b[0])
}

func (s *Segment) routed(destination []byte) {
	s.Tuple.Destination = address16(destination)
	s.Marks |= SourceRouted
}

// fragment6 lets first fragments and atomic ones pass (RFC 8200 section 4.5, RFC
// 6946).
func fragment6(d *Decoder, s *Segment) step {
	const size, offset, more = 8, 0xfff8, 1
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedIP)
	}
	field := be16(b[2:])
	if field&offset != 0 {
		return d.stop(LaterFragment)
	}
	s.ID = be32(b[4:])
	if field&more != 0 {
		s.Marks |= Fragmented
		d.parted = true
	} else {
		s.Marks |= AtomicFragment
	}
	d.at += size
	return d.extension(s, b[0])
}
