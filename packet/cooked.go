package packet

import "encoding/binary"

// loopback reads the address family that BSD systems put before a packet. Its
// byte order is the capturing machine's, so both are tried: no family needs more
// than one octet.
func loopback(d *Decoder, _ *Segment) step {
	const size = 4
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	family := be32(b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(b)
	}
	d.at += size
	switch family {
	case 2: // AF_INET everywhere
		return ip4
	case 10, 24, 28, 30: // AF_INET6: Linux, NetBSD and OpenBSD, FreeBSD, Darwin
		return ip6
	default:
		return d.stop(NotIP)
	}
}

// Packet types of Linux cooked captures (PACKET_OUTGOING and others).
const cookedOutgoing = 4

// sll reads a Linux cooked header, version 1: packet type, device type, address
// size, address of eight octets, protocol.
func sll(d *Decoder, s *Segment) step {
	const size = 16
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	d.at += size
	s.cooked(be16(b), be16(b[4:]), b[6:14])
	return d.cookedProtocol(s, be16(b[14:]))
}

// sll2 reads version 2: protocol, two octets of nothing, interface index, device
// type, packet type, address size, address.
func sll2(d *Decoder, s *Segment) step {
	const size = 20
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	d.at += size
	s.IfIndex = be32(b[4:])
	s.cooked(uint16(b[10]), uint16(b[11]), b[12:20])
	return d.cookedProtocol(s, be16(b))
}

// cooked stores what both versions know. Packets to other hosts travel neither
// in nor out.
func (s *Segment) cooked(packetType, addressSize uint16, address []byte) {
	switch {
	case packetType == cookedOutgoing:
		s.Direction = Outbound
	case packetType < 3:
		s.Direction = Inbound
	}
	if addressSize == 6 {
		s.SourceHardware = hardware(address)
	}
}

// cookedProtocol knows, besides Ethernet types, Linux's own numbers below them
// (ETH_P_802_2 is the one with IP in it).
func (d *Decoder) cookedProtocol(s *Segment, kind uint16) step {
	const linux8022 = 4
	switch {
	case kind == linux8022:
		return llc
	case kind <= etherLengths:
		return d.stop(NotIP)
	default:
		return d.etherType(s, kind)
	}
}

// nflog reads a netfilter log message: family, version, resource, and
// attributes in the capturing machine's byte order, one of which is the packet.
func nflog(d *Decoder, s *Segment) step {
	const size = 4
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	if b[1] != 0 { // version
		return d.stop(DamagedLink)
	}
	d.at += size
	for range maxAttributes {
		b = d.rest()
		if len(b) < size {
			return d.short(size, NotIP)
		}
		kind, length := attribute(b, d.end-d.at)
		if length < size {
			return d.stop(DamagedLink)
		}
		if kind == attributePayload {
			d.bound(s, length)
			d.at += size
			return rawIP
		}
		d.nflogAttribute(s, kind, b[size:])
		if d.at += (length + 3) &^ 3; d.at > len(d.b) {
			d.at = len(d.b)
			return d.short(size, DamagedLink)
		}
	}
	return d.stop(TooDeep)
}

// Attributes of NFLOG (enum nfulnl_attr_type).
const (
	maxAttributes      = 64
	attributeIfIndexIn = 4 // NFULA_IFINDEX_INDEV
	attributeIfIndexTo = 5 // NFULA_IFINDEX_OUTDEV
	attributePayload   = 9 // NFULA_PAYLOAD
)

// attribute reads kind and length in the byte order in which the length fits
// what room there is.
func attribute(b []byte, room int) (kind uint16, length int) {
	length = int(binary.LittleEndian.Uint16(b))
	if length >= 4 && length <= room {
		return binary.LittleEndian.Uint16(b[2:]), length
	}
	length = int(be16(b))
	if length > room {
		return 0, 0
	}
	return be16(b[2:]), length
}

func (d *Decoder) nflogAttribute(s *Segment, kind uint16, value []byte) {
	if len(value) < 4 {
		return
	}
	switch kind {
	case attributeIfIndexIn:
		s.IfIndex, s.Direction = be32(value), Inbound
	case attributeIfIndexTo:
		s.IfIndex, s.Direction = be32(value), Outbound
	}
}
