package track

import "github.com/synoptic-net/synoptic/tcp"

// Two bits of the marks of an end count its duplicate acknowledgments since the
// last that was none.
const (
	duplicate  marks = 1 << 14
	duplicates       = 3 * duplicate
)

// answers names an acknowledgment that is not older than the latest by what it
// says of the window, and by what it repeats. Nothing was learned from it yet.
func (x *end) answers(y *end, o *observed) (odd Anomalies) {
	if x.window == 0 && o.window != 0 {
		odd = WindowOpened
	}
	if x.shrinks(y, o) {
		odd |= WindowShrunk
	}
	if o.ack != x.ack || o.flags&(tcp.SYN|tcp.FIN|tcp.RST) != 0 {
		x.marks &^= duplicates
		return odd
	}
	if o.data == 0 && o.seq == x.next {
		odd |= x.repeats(y, o)
	}
	return odd
}

// repeats names an acknowledgment without anything new: the answer to a question,
// or one that tells of text behind a gap (RFC 5681 section 2).
func (x *end) repeats(y *end, o *observed) Anomalies {
	switch {
	case y.has(asked):
		y.marks &^= asked
		if x.window == 0 {
			return WindowProbeACK
		}
		return KeepaliveACK
	case o.window == x.window && o.window != 0 && o.ack.Less(y.next):
		if x.marks&duplicates != duplicates {
			x.marks += duplicate
		}
		return DuplicateACK
	default:
		return 0
	}
}

// shrinks tells whether the right edge of the window moves back by more than the
// rounding of its scale (RFC 7323 section 2.4). The window of a SYN has no scale,
// and what an end takes that has got a FIN is nobody's matter.
func (x *end) shrinks(y *end, o *observed) bool {
	if !x.has(scaled) || !x.sentAny(sentACK) || o.has(tcp.SYN|tcp.RST) || y.has(finSeen) {
		return false
	}
	before := x.ack.Add(x.room())
	after := o.ack.Add(tcp.Size(o.window) << x.shift())
	return after.Add(1 << x.shift()).LessEqual(before)
}
