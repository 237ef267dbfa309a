package packet

// Ethernet types (IEEE registration authority).
const (
	etherIP4     = 0x0800
	etherIP6     = 0x86dd
	etherVLAN    = 0x8100 // IEEE 802.1Q
	etherQinQ    = 0x88a8 // IEEE 802.1ad
	etherQinQOld = 0x9100 // before 802.1ad
	etherQinQAlt = 0x9200
	etherMPLS    = 0x8847
	etherMPLSMC  = 0x8848
	etherPPPoE   = 0x8864 // session stage
	etherPPP     = 0x880b
	etherBridge  = 0x6558 // transparent Ethernet bridging
	etherMACsec  = 0x88e5
	etherSPAN2   = 0x88be // ERSPAN types I and II
	etherSPAN3   = 0x22eb // ERSPAN type III
	etherWCCP    = 0x883e // Cisco's redirection

	etherLengths = 1500 // values up to here are lengths (IEEE 802.3)
)

func ethernet(d *Decoder, s *Segment) step {
	const size = 14
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	s.DestinationHardware, s.SourceHardware = hardware(b), hardware(b[6:])
	d.at += size
	return d.etherType(s, be16(b[12:]))
}

// etherType goes on with what an Ethernet type, or a length, announces.
func (d *Decoder) etherType(s *Segment, kind uint16) step {
	switch kind {
	case etherIP4:
		return ip4
	case etherIP6:
		return ip6
	case etherVLAN, etherQinQ, etherQinQOld, etherQinQAlt:
		return vlan
	case etherMPLS, etherMPLSMC:
		return mpls
	case etherPPPoE:
		return pppoe
	case etherPPP:
		return ppp
	case etherBridge:
		return ethernet
	case etherMACsec:
		return d.stop(Encrypted)
	}
	if kind > etherLengths {
		return d.stop(NotIP)
	}
	if d.at+int(kind) <= d.end { // the rest is padding; a false length is left alone
		d.bound(s, int(kind))
	}
	return llc
}

// vlan takes one tag off (IEEE 802.1Q section 9.6).
func vlan(d *Decoder, s *Segment) step {
	const size, identifier = 4, 0x0fff
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	s.tag(be16(b) & identifier)
	d.at += size
	return d.etherType(s, be16(b[2:]))
}

func (s *Segment) tag(vlan uint16) {
	if int(s.VLANCount) < len(s.VLANs) {
		s.VLANs[s.VLANCount] = vlan
	}
	s.VLANCount++
}

// llc reads IEEE 802.2 logical link control and the SNAP header behind it (RFC
// 1042).
func llc(d *Decoder, s *Segment) step {
	const size, sizeSNAP, accessIP, accessSNAP, unnumbered = 3, 8, 0x06, 0xaa, 0x03
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	switch {
	case b[0] == accessIP && b[1] == accessIP && b[2] == unnumbered:
		d.at += size
		return rawIP
	case b[0] != accessSNAP || b[1] != accessSNAP || b[2] != unnumbered:
		return d.stop(NotIP)
	case len(b) < sizeSNAP:
		return d.short(sizeSNAP, DamagedLink)
	}
	d.at += sizeSNAP
	switch kind := be16(b[6:]); uint32(b[3])<<16 | uint32(be16(b[4:])) {
	case 0x000000, 0x0000f8: // RFC 1042; IEEE 802.1H bridge tunnel
		if kind <= etherLengths {
			return d.stop(NotIP)
		}
		return d.etherType(s, kind)
	case 0x0080c2: // bridged Ethernet, RFC 2684 section 5.2
		return d.bridged(kind)
	default:
		return d.stop(NotIP)
	}
}

// bridged follows RFC 2684: Ethernet with or without its check sequence, behind
// two octets of padding.
func (d *Decoder) bridged(kind uint16) step {
	const withFCS, withoutFCS, padding = 1, 7, 2
	if kind != withFCS && kind != withoutFCS {
		return d.stop(NotIP)
	}
	if len(d.rest()) < padding {
		return d.short(padding, DamagedLink)
	}
	d.at += padding
	return ethernet
}

// mpls takes the label stack off (RFC 3032). What follows is told from the first
// four bits (RFC 4928): IP, or Ethernet behind a control word (RFC 4448).
func mpls(d *Decoder, _ *Segment) step {
	const size, maxLabels, bottom = 4, 16, 0x01
	for range maxLabels {
		b := d.rest()
		if len(b) < size {
			return d.short(size, DamagedLink)
		}
		d.at += size
		if b[2]&bottom != 0 {
			return underLabels
		}
	}
	return d.stop(TooDeep)
}

func underLabels(d *Decoder, s *Segment) step {
	const controlWord = 4
	b := d.rest()
	if len(b) < controlWord {
		return d.short(controlWord, DamagedLink)
	}
	if b[0]>>4 != 0 {
		return rawIP(d, s)
	}
	d.at += controlWord
	return ethernet
}
