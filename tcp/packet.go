package tcp

import (
	"fmt"
	"net/netip"
	"slices"
)

// Packet is a whole segment on its way: between which sockets, with its options
// and its text. Within a Packet, Segment.Window is what the header carries, 0 to
// 65535: the receiver applies the scale (RFC 7323 section 2.3).
type Packet struct {
	Source      netip.AddrPort
	Destination netip.AddrPort
	Segment     Segment // Data is the length of Text
	Options     Options
	Text        []byte // the octets from SEG.SEQ on, behind a SYN if there is one
}

// Options are the options of a segment that an Endpoint understands. TSval of
// the timestamps option stands in Segment.Timestamp.
type Options struct {
	MSS           uint16      // octets of text the sender can take in one segment, 0: not given (RFC 9293 section 3.7.1)
	WindowScale   WindowScale // only on a SYN (RFC 7323 section 2)
	SACKPermitted bool        // only on a SYN (RFC 2018 section 2)
	Echo          uint32      // TSecr, in ticks of the receiver's clock, with a Timestamp (RFC 7323 section 3)
}

// WindowScale is the shift of a window scale option, or its absence.
type WindowScale struct {
	Present bool
	Shift   uint8 // 0 to 14; larger ones are read as 14 (RFC 7323 section 2.3)
}

// String writes the packet as the figures of RFC 9293 write a segment.
func (p Packet) String() string { return p.Segment.String() }

// Equal tells whether two packets are the same in every part.
func (p Packet) Equal(q Packet) bool {
	return p.Source == q.Source && p.Destination == q.Destination && p.Segment == q.Segment &&
		p.Options == q.Options && slices.Equal(p.Text, q.Text)
}

// String lists the options that are there: "mss 1460, wscale 7, sack-permitted".
func (o Options) String() string {
	var text string
	add := func(there bool, format string, args ...any) {
		if there && text != "" {
			text += ", "
		}
		if there {
			text += fmt.Sprintf(format, args...)
		}
	}
	add(o.MSS != 0, "mss %d", o.MSS)
	add(o.WindowScale.Present, "wscale %d", o.WindowScale.Shift)
	add(o.SACKPermitted, "sack-permitted")
	return text
}
