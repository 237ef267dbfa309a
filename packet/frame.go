package packet

import "strconv"

// Frame is one captured packet as a capture file holds it.
type Frame struct {
	// Data is what was captured. It is valid until the next call of Next, unless
	// the capture is in memory (NewBytesReader).
	Data []byte
	// Length is the packet's size on the wire in octets, at least len(Data).
	Length int

	Time      int64  // nanoseconds since 1970-01-01 00:00 UTC; 0 where the file has none
	Number    uint64 // position among the capture's packets, from 1
	Interface uint32 // index of Reader.Interfaces
	Link      LinkType
	Direction Direction

	// Comment is the packet's first pcapng comment, UTF-8, or nil. It is valid
	// until the next call of Next.
	Comment []byte
	// Dropped counts packets that the interface lost between this one and the
	// one before it (pcapng epb_dropcount).
	Dropped uint64
}

// Direction is which way a packet passed the capturing interface.
type Direction uint8

// The directions.
const (
	DirectionUnknown Direction = iota
	Inbound
	Outbound
)

// String returns "inbound", "outbound" or "".
func (d Direction) String() string {
	switch d {
	case Inbound:
		return "inbound"
	case Outbound:
		return "outbound"
	default:
		return ""
	}
}

// LinkType is the kind of header that frames begin with, a number of the
// registry of link-layer types (draft-ietf-opsawg-pcaplinktype).
type LinkType uint16

// The link types that Decode reads.
const (
	LinkNull      LinkType = 0   // BSD loopback: address family in host order
	LinkEthernet  LinkType = 1   // IEEE 802.3
	LinkPPP       LinkType = 9   // RFC 1661, with or without RFC 1662 framing
	LinkRawBSD    LinkType = 12  // IPv4 or IPv6, as some systems number it
	LinkRawOpen   LinkType = 14  // the same on OpenBSD
	LinkPPPHDLC   LinkType = 50  // PPP in HDLC-like framing, RFC 1662
	LinkPPPoE     LinkType = 51  // PPPoE session packets, RFC 2516
	LinkLLC       LinkType = 100 // LLC-encapsulated, RFC 2684
	LinkRaw       LinkType = 101 // IPv4 or IPv6, by its first four bits
	LinkCiscoHDLC LinkType = 104 // Cisco HDLC, RFC 1547 section 4.3.1
	Link80211     LinkType = 105 // IEEE 802.11
	LinkLoop      LinkType = 108 // OpenBSD loopback: address family in network order
	LinkSLL       LinkType = 113 // Linux cooked capture
	LinkRadiotap  LinkType = 127 // IEEE 802.11 behind a radiotap header
	LinkPPPD      LinkType = 166 // PPP with a direction in place of the address octet
	LinkMPLS      LinkType = 219 // an MPLS label stack
	LinkIPv4      LinkType = 228 // IPv4
	LinkIPv6      LinkType = 229 // IPv6
	LinkNFLOG     LinkType = 239 // Linux netfilter log
	LinkSLL2      LinkType = 276 // Linux cooked capture, version 2
)

var linkNames = map[LinkType]string{
	LinkNull: "null", LinkEthernet: "ethernet", LinkPPP: "ppp", LinkRawBSD: "raw", LinkRawOpen: "raw",
	LinkPPPHDLC: "ppp-hdlc", LinkPPPoE: "pppoe", LinkLLC: "llc", LinkRaw: "raw", LinkCiscoHDLC: "c-hdlc",
	Link80211: "802.11", LinkLoop: "loop", LinkSLL: "sll", LinkRadiotap: "radiotap", LinkPPPD: "ppp-pppd",
	LinkMPLS: "mpls", LinkIPv4: "ipv4", LinkIPv6: "ipv6", LinkNFLOG: "nflog", LinkSLL2: "sll2",
}

// String returns a short name, or "linktype-N" for those that Decode does not
// read.
func (l LinkType) String() string {
	if name, ok := linkNames[l]; ok {
		return name
	}
	return "linktype-" + strconv.Itoa(int(l))
}
