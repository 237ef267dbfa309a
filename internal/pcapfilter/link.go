package pcapfilter

// LinkError says that a link does not show what a filter asks for.
type LinkError struct {
	Asked string // what the filter asks for
	Link  string // what the frames are
}

// Error is one line.
func (e *LinkError) Error() string {
	return "filter: " + e.Asked + " can be asked for on Ethernet only, and these frames are " + e.Link + "; name an Ethernet interface"
}

// Link is the kind of frames that a program is run on.
type Link uint8

// The links.
const (
	Ethernet Link = iota // frames that begin with an Ethernet header
	Raw                  // IPv4 or IPv6, by its first four bits
	SLL2                 // Linux cooked capture version 2, as files hold it (LINKTYPE 276)
	Cooked               // what a packet socket without link headers shows the kernel's filter: packets from their network header on
)

// EtherTypes (IEEE 802).
const (
	etherIP   = 0x0800
	etherARP  = 0x0806
	etherRARP = 0x8035
	etherIP6  = 0x86dd
)

// Extensions of the kernel to classic BPF: loads from SKF_AD_OFF on.
const (
	extension        = 0xfffff000
	extendedProtocol = extension      // SKF_AD_PROTOCOL: the EtherType
	extendedPacket   = extension + 4  // SKF_AD_PKTTYPE
	extendedRandom   = extension + 56 // SKF_AD_RANDOM
	packetOutgoing   = 4              // PACKET_OUTGOING
)

// layout is where a link has what.
type layout struct {
	name    string
	network uint32 // offset of the network header
	kind    load   // of the EtherType; none for Raw
	way     load   // of the packet type
}

var layouts = map[Link]*layout{
	Ethernet: {"Ethernet", 14, load{absolute, 12, 2}, load{extended, extendedPacket, 4}},
	Raw:      {"raw IP", 0, load{}, load{extended, extendedPacket, 4}},
	SLL2:     {"cooked", 20, load{absolute, 0, 2}, load{absolute, 10, 1}},
	Cooked:   {"cooked", 0, load{extended, extendedProtocol, 4}, load{extended, extendedPacket, 4}},
}

// at loads octets at an offset of the network header.
func (l *layout) at(offset uint32, octets uint8) load {
	return load{absolute, l.network + offset, octets}
}

func equals(l load, with uint32) test { return test{load: l, op: opEqual, with: with} }

func masked(l load, mask, with uint32) test {
	return test{load: l, mask: mask, op: opEqual, with: with}
}

// protocol asks for an EtherType.
func (l *layout) protocol(number uint32) condition {
	if l.kind.octets > 0 {
		return equals(l.kind, number)
	}
	switch number {
	case etherIP:
		return masked(l.at(0, 1), 0xf0, 0x40)
	case etherIP6:
		return masked(l.at(0, 1), 0xf0, 0x60)
	default:
		return constant(false)
	}
}

// over4 and over6 ask an IP packet for its protocol. Behind an IPv6 header one
// fragment header is passed over.
func (l *layout) over4(number uint32) condition { return equals(l.at(9, 1), number) }

func (l *layout) over6(number uint32) condition {
	const fragment = 44
	return some{equals(l.at(6, 1), number), all{equals(l.at(6, 1), fragment), equals(l.at(40, 1), number)}}
}

// transport asks for a protocol over IPv4 or IPv6.
func (l *layout) transport(number uint32) condition {
	return some{all{l.protocol(etherIP), l.over4(number)}, all{l.protocol(etherIP6), l.over6(number)}}
}

// unfragmented is true of IPv4 packets that begin with their transport header.
func (l *layout) unfragmented() condition {
	return negation{test{load: l.at(6, 2), op: opAnyBit, with: 0x1fff}}
}

// carries asks for a protocol by its word.
func (l *layout) carries(p protocol) (condition, error) {
	switch p {
	case "ether":
		return constant(l.network == 14), nil
	case "icmp":
		return all{l.protocol(etherIP), l.over4(protocolNumbers["icmp"])}, nil
	case "icmp6":
		return all{l.protocol(etherIP6), l.over6(protocolNumbers["icmp6"])}, nil
	case "tcp", "udp", "sctp":
		return l.transport(protocolNumbers[string(p)]), nil
	default:
		return l.protocol(etherTypes[string(p)]), nil
	}
}

// readable is what must be true of a packet so that octets of the protocol can
// be read; nil where that is always so. As in libpcap, transport headers are
// those behind IPv4, but for ICMPv6.
func (l *layout) readable(p protocol) (condition, error) {
	switch p {
	case "ether":
		if l.network == 0 || l.kind.offset != 12 {
			return nil, &LinkError{"ether[...]", l.name}
		}
		return nil, nil
	case "icmp6":
		return all{l.protocol(etherIP6), equals(l.at(6, 1), protocolNumbers["icmp6"])}, nil
	case "tcp", "udp", "sctp", "icmp":
		return all{l.protocol(etherIP), l.over4(protocolNumbers[string(p)]), l.unfragmented()}, nil
	default:
		return l.protocol(etherTypes[string(p)]), nil
	}
}
