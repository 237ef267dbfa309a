package track

// placed names text by where it lies in what the end has sent before.
func (x *end) placed(y *end, o *observed) Anomalies {
	switch {
	case o.data == 0 || !x.has(nextKnown):
		return 0
	case o.seq == x.next:
		x.marks &^= asked
		return x.reaching(y, o)
	case o.seq.Less(x.next) && !(o.data > 1 && o.seq == x.next.Sub(1)):
		return x.again(y, o) // else the octet before was a probe
	default:
		return 0
	}
}

// reaching names new text by the window that it meets.
func (x *end) reaching(y *end, o *observed) Anomalies {
	switch {
	case !y.has(acked):
		return 0
	case y.window == 0:
		x.marks |= asked
		return WindowProbe
	case y.has(scaled) && y.sentAny(sentACK) && o.seq.Add(o.data) == y.ack.Add(y.room()):
		return WindowFull
	default:
		return 0
	}
}

// again names text, some of which is not the first at its place, by what the other
// end has said of it.
func (x *end) again(y *end, o *observed) Anomalies {
	switch {
	case !y.has(acked):
		return TextAgain
	case o.seq.Add(o.data).LessEqual(y.ack):
		return TextAgain | SpuriousRetransmission
	case o.seq == y.ack && y.marks&duplicates >= 2*duplicate:
		return TextAgain | FastRetransmission
	default:
		return TextAgain
	}
}

// asking recognises a segment before SND.NXT that asks for an acknowledgment
// (RFC 9293 section 3.8.4), with or without an octet of garbage. Linux asks a
// closed window in the same way.
func (x *end) asking(y *end, o *observed) Anomalies {
	if !x.has(nextKnown) || !y.has(acked) || y.ack != x.next || o.seq != x.next.Sub(1) || o.data > 1 {
		return 0
	}
	if o.data != 0 && x.has(gap) {
		return 0 // it may be text whose acknowledgment was captured before it
	}
	x.marks |= asked
	if y.window == 0 {
		return WindowProbe
	}
	return Keepalive
}
