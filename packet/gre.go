package packet

// Bits of the GRE header's first word (RFC 2784, RFC 2890, RFC 1701, RFC 2637).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080 // version 1
	greVersion  = 0x0007
)

// gre reads generic routing encapsulation of version 0, and of version 1 (PPTP).
func gre(d *Decoder, s *Segment) step {
	const least = 4
	b := d.rest()
	if len(b) < least {
		return d.short(least, DamagedLink)
	}
	bits, protocol := be16(b), be16(b[2:])
	size, keyAt := greSize(bits)
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	d.at += size
	switch {
	case bits&greVersion == 1:
		return d.pptp(s, bits, uint32(be16(b[6:])))
	case bits&greVersion != 0:
		return d.stop(OtherTransport)
	case bits&greRouting != 0 && !d.skipRoutes():
		return nil
	}
	var key uint32
	if keyAt > 0 {
		key = be32(b[keyAt:])
	}
	return d.insideGRE(s, protocol, bits, key)
}

// greSize returns the header's size without routes, and where the key stands, or
// 0.
func greSize(bits uint16) (size, keyAt int) {
	size = 4
	if bits&(greChecksum|greRouting) != 0 {
		size += 4 // checksum and offset are there together
	}
	if bits&greKey != 0 || bits&greVersion == 1 {
		keyAt, size = size, size+4
	}
	if bits&greSequence != 0 {
		size += 4
	}
	if bits&greVersion == 1 && bits&greAck != 0 {
		size += 4
	}
	return size, keyAt
}

// skipRoutes takes the source route entries of RFC 1701 off: family, offset,
// length; the last has length and family zero.
func (d *Decoder) skipRoutes() bool {
	const size, maxRoutes = 4, 16
	for range maxRoutes {
		b := d.rest()
		if len(b) < size {
			d.short(size, DamagedLink)
			return false
		}
		length := int(b[3])
		if len(b) < size+length {
			d.short(size+length, DamagedLink)
			return false
		}
		d.at += size + length
		if be32(b)&0xffff00ff == 0 {
			return true
		}
	}
	d.stop(TooDeep)
	return false
}

// pptp goes on with the PPP packet of a call; those without a sequence number
// have no payload.
func (d *Decoder) pptp(s *Segment, bits uint16, call uint32) step {
	if bits&greSequence == 0 {
		return d.stop(NotIP)
	}
	return d.enter(s, PPTP, call, ppp)
}

func (d *Decoder) insideGRE(s *Segment, protocol, bits uint16, key uint32) step {
	switch protocol {
	case etherSPAN2:
		if bits&greSequence == 0 {
			return d.enter(s, ERSPAN, 0, ethernet) // type I has no header of its own
		}
		return erspan2
	case etherSPAN3:
		return erspan3
	case etherWCCP:
		return d.enter(s, GRE, key, redirected)
	}
	if protocol <= etherLengths {
		return d.stop(NotIP)
	}
	next := d.etherType(s, protocol)
	if next == nil {
		return nil
	}
	return d.enter(s, GRE, key, next)
}

// redirected skips the header of four octets that WCCP version 2 puts before the
// IPv4 packet; version 1 has none.
func redirected(d *Decoder, s *Segment) step {
	const size = 4
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	if b[0]>>4 != 4 {
		d.at += size
	}
	return rawIP(d, s)
}

const erspanSession = 0x03ff

// erspan2 reads a type II header: version, VLAN, class, flags, session, index.
func erspan2(d *Decoder, s *Segment) step {
	const size = 8
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	d.at += size
	return d.mirrored(s, be16(b[2:]), ethernet)
}

// erspan3 reads a type III header: as type II, then a timestamp, a word of
// which the last bit announces eight octets more, and the kind of frame.
func erspan3(d *Decoder, s *Segment) step {
	const size, sizeSub, hasSub, frameIP = 12, 8, 0x0001, 2
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	word := be16(b[10:])
	total := size
	if word&hasSub != 0 {
		total += sizeSub
	}
	if len(b) < total {
		return d.short(total, DamagedLink)
	}
	d.at += total
	if word>>10&31 == frameIP {
		return d.mirrored(s, be16(b[2:]), rawIP)
	}
	return d.mirrored(s, be16(b[2:]), ethernet)
}

// mirrored enters the copy of a frame. The switch may have cut it.
func (d *Decoder) mirrored(s *Segment, word uint16, next step) step {
	const cut = 0x0400
	if word&cut != 0 {
		d.parted = true
	}
	return d.enter(s, ERSPAN, uint32(word&erspanSession), next)
}
