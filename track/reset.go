package track

import "github.com/synoptic-net/synoptic/tcp"

// reset takes a RST. Its sender has no connection any more, unless somebody else
// sent it; whether the other end believes it is a matter of its place (RFC 9293
// section 3.5.3, RFC 5961 section 3).
func (c *core) reset(x, y *end, o *observed) (odd Anomalies) {
	if o.data != 0 {
		odd |= ResetText
	}
	if o.has(tcp.SYN) {
		odd |= ResetOnSYN
	}
	k := kindRST
	if o.has(tcp.ACK) {
		k = kindRSTACK
	}
	after := sendSet(k, x.set)
	sure, inside := y.believes(x, o)
	if !inside {
		x.set |= after // it may be genuine, the answer to an old segment
		return odd | ResetOutside
	}
	x.sent |= uint8(sentRST)
	if sure {
		x.set = after
		x.marks |= heard | resetSure
		if x.state() != tcp.SynSent || !y.has(heard) || y.sentAny(sentSYNACK) {
			x.setState(tcp.Closed) // else it refuses an answer to something old
		}
	} else {
		odd |= ResetInexact
		x.set |= after
	}
	y.set = spreadSet(sentRST, y.set)
	if sure && y.has(heard) {
		y.setState(expect[sentRST][y.state()])
	}
	x.keepLikely()
	y.keepLikely()
	return odd
}

// believes tells whether a RST must end the connection for its receiver, and
// whether it may: it lies in the window.
func (y *end) believes(x *end, o *observed) (sure, inside bool) {
	switch {
	case !y.has(acked) && o.has(tcp.ACK) && y.has(nextKnown):
		// SYN-SENT looks at the acknowledgment alone.
		sure = o.ack == y.next
		return sure, sure
	case !y.has(acked):
		// Nothing proves that it left SYN-SENT, where a RST needs an ACK.
		return sent(y.sent) != sentSYN, true
	case !x.has(nextKnown):
		sure = o.seq == y.ack
	default:
		// RCV.NXT lies between what was acknowledged and what was sent; behind a
		// gap it has not moved unless an acknowledgment says so.
		sure = y.ack == o.seq || !x.has(gap) && y.ack.Less(o.seq) && o.seq.LessEqual(x.next)
	}
	return sure, sure || o.seq.In(y.ack, y.room()) || o.seq == x.next
}
