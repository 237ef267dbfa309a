package packet

// PPP protocol numbers (RFC 1661 section 2, IANA).
const (
	pppIP4          = 0x0021
	pppIP6          = 0x0057
	pppMPLS         = 0x0281
	pppCompressed   = 0x002d // Van Jacobson, RFC 1144
	pppUncompressed = 0x002f // the same with the connection's number in place of the protocol
	pppCCP          = 0x00fd // compressed as a whole, RFC 1962
	pppECP          = 0x0053 // encrypted, RFC 1968
)

// ppp reads address and control, where they are, and the protocol, which may be
// compressed to one octet (RFC 1661 sections 6.5 and 6.6).
func ppp(d *Decoder, _ *Segment) step {
	const address, control = 0xff, 0x03
	b := d.rest()
	if len(b) >= 2 && b[0] == address && b[1] == control {
		d.at += 2
	}
	return d.pppProtocol()
}

// pppDirected has 0 for received and 1 for sent in place of the address octet.
func pppDirected(d *Decoder, s *Segment) step {
	b := d.rest()
	if len(b) < 2 {
		return d.short(2, DamagedLink)
	}
	switch b[0] {
	case 0:
		s.Direction = Inbound
	case 1:
		s.Direction = Outbound
	}
	d.at += 2
	return d.pppProtocol()
}

func (d *Decoder) pppProtocol() step {
	b := d.rest()
	if len(b) < 2 {
		return d.short(2, DamagedLink)
	}
	protocol, size := be16(b), 2
	if b[0]&1 != 0 {
		protocol, size = uint16(b[0]), 1
	}
	d.at += size
	switch protocol {
	case pppIP4:
		return ip4
	case pppIP6:
		return ip6
	case pppMPLS:
		return mpls
	case pppCompressed, pppUncompressed, pppCCP:
		return d.stop(Compressed)
	case pppECP:
		return d.stop(Encrypted)
	default:
		return d.stop(NotIP)
	}
}

// pppoe reads a session header (RFC 2516 section 4): version and type, code,
// session, length.
func pppoe(d *Decoder, s *Segment) step {
	const size, versionType, codeSession = 6, 0x11, 0
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, DamagedLink)
	case b[0] != versionType:
		return d.stop(DamagedLink)
	case b[1] != codeSession:
		return d.stop(NotIP) // discovery
	}
	d.at += size
	if length := int(be16(b[4:])); length > 0 && d.at+length <= d.end {
		d.bound(s, length)
	}
	return d.pppProtocol()
}

// ciscoHDLC reads address, control and an Ethernet type.
func ciscoHDLC(d *Decoder, s *Segment) step {
	const size, unicast, multicast = 4, 0x0f, 0x8f
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, DamagedLink)
	case b[0] != unicast && b[0] != multicast:
		return d.stop(NotIP)
	}
	d.at += size
	return d.cookedProtocol(s, be16(b[2:]))
}
