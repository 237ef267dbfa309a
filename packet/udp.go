package packet

// UDP ports of tunnels (IANA).
const (
	portVXLAN      = 4789
	portVXLANLinux = 8472 // Linux's before the number was assigned
	portVXLANGPE   = 4790 // draft-ietf-nvo3-vxlan-gpe
	portGeneve     = 6081
	portTeredo     = 3544
	portGTPU       = 2152
	portGRE        = 4754 // RFC 8086
	portMPLS       = 6635 // RFC 7510
)

// readUDP looks for a tunnel by the port (RFC 768). UDP that carries none ends
// here.
func readUDP(d *Decoder, s *Segment) step {
	const size = 8
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedIP)
	}
	source, destination, length := be16(b), be16(b[2:]), int(be16(b[4:]))
	next := tunnelAt(destination)
	if next == nil && source == portTeredo {
		next = teredo
	}
	if next == nil {
		return d.stop(UDP)
	}
	if length >= size && d.at+length <= d.end {
		d.bound(s, length)
	}
	d.at += size
	return next
}

func tunnelAt(port uint16) step {
	switch port {
	case portVXLAN, portVXLANLinux:
		return vxlan
	case portVXLANGPE:
		return vxlanGPE
	case portGeneve:
		return geneve
	case portTeredo:
		return teredo
	case portGTPU:
		return gtpu
	case portGRE:
		return gre
	case portMPLS:
		return mplsInUDP
	default:
		return nil
	}
}

func mplsInUDP(d *Decoder, s *Segment) step { return d.enter(s, MPLSInIP, 0, mpls) }

// vxlan reads flags, group and network identifier (RFC 7348 section 5). A port
// alone proves nothing: without the flag it is some other UDP.
func vxlan(d *Decoder, s *Segment) step {
	const size, hasVNI = 8, 0x08
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, UDP)
	case b[0]&hasVNI == 0:
		return d.stop(UDP)
	}
	d.at += size
	return d.enter(s, VXLAN, be32(b[4:])>>8, ethernet)
}

// vxlanGPE has the next protocol in the fourth octet.
func vxlanGPE(d *Decoder, s *Segment) step {
	const size, hasVNI, hasProtocol = 8, 0x08, 0x04
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, UDP)
	case b[0]&hasVNI == 0:
		return d.stop(UDP)
	}
	d.at += size
	next := step(ethernet)
	if b[0]&hasProtocol != 0 {
		next = gpeProtocol(b[3])
	}
	return d.enter(s, VXLAN, be32(b[4:])>>8, next)
}

func gpeProtocol(kind byte) step {
	switch kind {
	case 1:
		return ip4
	case 2:
		return ip6
	case 3:
		return ethernet
	case 5:
		return mpls
	default:
		return notIP
	}
}

func notIP(d *Decoder, _ *Segment) step { return d.stop(NotIP) }

// geneve reads version, options' length, protocol and network identifier (RFC
// 8926 section 3.4).
func geneve(d *Decoder, s *Segment) step {
	const size, version, control = 8, 0xc0, 0x80
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, UDP)
	case b[0]&version != 0:
		return d.stop(UDP)
	case b[1]&control != 0:
		return d.stop(NotIP)
	}
	total := size + int(b[0]&0x3f)*4
	if len(b) < total {
		return d.short(total, DamagedLink)
	}
	kind := be16(b[2:])
	d.at += total
	if kind <= etherLengths {
		return d.stop(NotIP)
	}
	next := d.etherType(s, kind)
	if next == nil {
		return nil
	}
	return d.enter(s, Geneve, be32(b[4:])>>8, next)
}

// teredo skips the authentication and origin indications that may stand before
// the IPv6 packet (RFC 4380 section 5.1.1). Anything else is some other UDP.
func teredo(d *Decoder, s *Segment) step {
	const least, authentication, fixed, origin, sizeOrigin, indications = 4, 1, 13, 0, 8, 2
	for range indications + 1 {
		b := d.rest()
		if len(b) < least {
			return d.short(least, UDP)
		}
		size := 0
		switch kind := be16(b); {
		case kind == authentication:
			size = fixed + int(b[2]) + int(b[3])
		case kind == origin:
			size = sizeOrigin
		case b[0]>>4 == 6:
			return d.enter(s, Teredo, 0, ip6)
		default:
			return d.stop(UDP)
		}
		if len(b) < size {
			return d.short(size, UDP)
		}
		d.at += size
	}
	return d.stop(UDP)
}
