package track

import "github.com/synoptic-net/synoptic/tcp"

// reachLimit is how far text may lie beyond the window and still be believed:
// window updates may not have been captured. Octets.
const reachLimit = 1 << 20

// quick takes a segment that changes no state: an acknowledgment, with or
// without text, between two ends that are certainly ESTABLISHED.
func (x *end) quick(y *end, o *observed) (odd Anomalies) {
	end := o.end()
	switch {
	case x.next.Less(o.seq):
		if x.outside(y, o) {
			return OutsideWindow
		}
		odd = Gap
		if o.data == 0 {
			x.marks |= gap
		}
	case o.seq == x.next:
		odd = x.placed(y, o)
	default:
		if odd = x.asking(y, o); odd == 0 {
			odd = x.placed(y, o)
		}
	}
	if x.next.Less(end) {
		x.next = end
	}
	odd |= x.learnACK(y, o)
	if odd&(Gap|AckUnseen) != 0 {
		settle(x, y)
	}
	return odd
}

// outside tells whether the segment lies further beyond the window than any
// missed update explains.
func (x *end) outside(y *end, o *observed) bool {
	limit := tcp.Size(reachLimit)
	if y.has(acked) {
		limit += y.room()
	}
	lost := o.has(tcp.ACK) && y.has(nextKnown) && y.next.Less(o.ack) // both directions went on unseen
	return !lost && x.has(nextKnown) && x.next.To(o.seq) > limit && x.next.Less(o.seq)
}

// foreign tells whether an acknowledgment belongs to an old connection: this end
// has sent a SYN and nothing else, and the number is none of it (RFC 9293
// section 3.5.1, figure 9).
func (x *end) foreign(o *observed) bool {
	if sent(x.sent) != sentSYN || !x.has(isnKnown) || !o.has(tcp.ACK) {
		return false
	}
	return o.ack.LessEqual(x.isn) || x.next.Less(o.ack) && x.next.To(o.ack) > reachLimit
}

// kindOf says what the segment shows of its sender, before anything is learned
// from it.
func (x *end) kindOf(y *end, o *observed) (k kind, odd Anomalies) {
	switch {
	case o.has(tcp.SYN):
		return x.kindOfSYN(y, o)
	case x.outside(y, o):
		return kindACK, OutsideWindow
	case o.has(tcp.FIN):
		return x.kindOfFIN(y, o)
	}
	if odd = x.asking(y, o); odd != 0 || o.data == 0 {
		return kindACK, odd
	}
	odd = x.placed(y, o)
	switch {
	case x.has(finSeen) && x.next.Less(o.end()):
		return kindTextAgain, TextAfterFIN
	case x.has(nextKnown) && o.end().LessEqual(x.next):
		return kindTextAgain, odd
	case !x.has(whole) || x.has(finSeen):
		return kindTextAgain, odd
	default:
		return kindText, odd
	}
}

func (x *end) kindOfSYN(y *end, o *observed) (kind, Anomalies) {
	var odd Anomalies
	if o.data != 0 {
		odd |= TextOnSYN
	}
	if o.has(tcp.FIN) {
		odd |= FINOnSYN
	}
	if o.scale < cutScale && o.scale > 14 {
		odd |= LargeScale
	}
	again := x.has(heard|isnKnown) && x.isn == o.seq
	switch {
	case !o.has(tcp.ACK):
		if again {
			odd |= SYNAgain
		}
		return kindSYN, odd
	case again && sent(x.sent)&sentSYNACK != 0:
		odd |= SYNACKAgain
	case y.has(isnKnown) && o.ack == y.isn.Add(1) && o.ack.Less(y.next):
		odd |= SYNTextIgnored
	case y.has(isnKnown) && !(y.isn.Less(o.ack) && o.ack.LessEqual(y.next)):
		odd |= SYNACKOther
	}
	return kindSYNACK, odd
}

func (x *end) kindOfFIN(y *end, o *observed) (kind, Anomalies) {
	switch {
	case x.has(finSeen) && o.end() != x.next:
		return kindFINAgain, FINMoved
	case x.has(finSeen):
		return kindFINAgain, FINAgain
	case x.has(nextKnown) && o.end().LessEqual(x.next):
		return kindFINAgain, FINAgain // or it comes late
	}
	var odd Anomalies
	if y.has(finSeen) && o.ack.Less(y.next) {
		odd = BothFIN
	}
	covers := y.has(finSeen) && y.next.LessEqual(o.ack)
	if covers && (x.has(busy) || o.data != 0 || x.next != o.seq || y.room() < waitsBelow) {
		return kindFINLate, odd
	}
	return kindFIN, odd
}

// waitsBelow is the window, in octets, below which text and FIN may have to wait
// (RFC 9293 section 3.8.6.2.1).
const waitsBelow = 1460

// learn takes over the numbers of the segment.
func (x *end) learn(y *end, o *observed) (odd Anomalies) {
	doubtful := x.has(gap)
	if o.has(tcp.SYN) {
		odd = x.learnSYN(y, o)
	} else {
		odd = x.learnPlace(o)
	}
	odd |= x.learnACK(y, o)
	if o.has(tcp.FIN) && !doubtful && x.behindMissing(y, o, odd) {
		x.sent |= uint8(heldBack)
	}
	switch {
	case o.has(tcp.FIN) && !o.has(tcp.SYN) && !x.has(finSeen):
		x.marks |= finSeen
		x.next = o.end()
		if y.has(nextKnown) && (!x.has(acked) || x.ack != y.next) {
			y.marks |= busy
		}
	case o.data != 0 && o.end() == x.next:
		x.marks &^= gap // a FIN would have been the last octet
	}
	if o.data != 0 && y.has(finSeen) {
		x.marks |= busy
	}
	x.marks |= heard
	x.learnSent(y, o)
	return odd
}

// behindMissing tells whether the first FIN comes behind octets that the other
// end lacks too: it has not acknowledged them, and the capture has lost nothing
// else. A capture that keeps some segments only lacks those of both directions.
func (x *end) behindMissing(y *end, o *observed, odd Anomalies) bool {
	if !x.has(whole) || x.has(finSeen) || !y.has(acked) || y.has(gap) || odd.Has(AckUnseen) {
		return false
	}
	return odd.Has(Gap) || y.marks&duplicates != 0 && y.ack.Less(o.seq)
}

func (x *end) learnPlace(o *observed) (odd Anomalies) {
	switch {
	case !x.has(nextKnown):
		x.next = o.end()
		x.marks |= nextKnown | gap
	case x.has(finSeen):
	default:
		if x.next.Less(o.seq) {
			odd = Gap
			if o.data == 0 && !o.has(tcp.FIN) {
				x.marks |= gap
			}
		}
		if x.next.Less(o.end()) {
			x.next = o.end()
		}
	}
	return odd
}

// learnSYN takes a SYN. One with another ISN inside a connection may be real or
// not; the numbers of the old one stay until the answer tells.
func (x *end) learnSYN(y *end, o *observed) (odd Anomalies) {
	if x.has(heard) && (!x.has(isnKnown) || x.isn != o.seq) {
		x.isn = o.seq
		x.marks |= contested | isnKnown
		x.set |= tcp.SetOf(tcp.SynSent)
		return SYNInside
	}
	if !x.has(heard) {
		x.isn = o.seq
		behind := o.seq.Add(1 + o.data)
		if acknowledged := x.has(nextKnown) && behind.Less(x.next) && behind.To(x.next) <= reachLimit; !acknowledged {
			x.next = behind
			x.marks &^= gap
		}
		x.marks |= isnKnown | nextKnown | whole
		if o.has(tcp.ACK) && !y.has(isnKnown) && !y.has(heard) {
			y.isn, y.next = o.ack.Sub(1), o.ack
			y.marks |= isnKnown | nextKnown
		}
		if !o.has(tcp.ACK) && sent(y.sent)&sentSYN != 0 {
			odd = BothSYN
		}
	}
	x.learnScale(y, o)
	return odd
}

// learnScale applies RFC 7323 section 2.2: both ends scale, or none does.
func (x *end) learnScale(y *end, o *observed) {
	switch o.scale {
	case cutScale:
		return
	case noScale:
	default:
		x.likely = x.likely&15 | min(o.scale, 14)<<4
		x.marks |= scaled
		return
	}
	x.likely, y.likely = x.likely&15, y.likely&15
	x.marks, y.marks = x.marks|scaled, y.marks|scaled
}

func (x *end) learnACK(y *end, o *observed) (odd Anomalies) {
	if o.window == 0 && x.window != 0 && !o.has(tcp.RST) {
		odd = ZeroWindow
	}
	if !o.has(tcp.ACK) {
		x.window = o.window
		return odd
	}
	if y.foreign(o) || x.has(acked) && o.ack.Less(x.ack) {
		return odd
	}
	if x.has(acked) {
		odd |= x.answers(y, o)
	}
	x.window = o.window
	x.ack = o.ack
	x.marks |= acked
	switch {
	case !y.has(nextKnown):
		y.next = o.ack
		y.marks |= nextKnown | gap
	case y.next.Less(o.ack) && !y.has(finSeen) && !y.has(contested):
		y.next = o.ack
		y.marks |= gap
		odd |= AckUnseen
	}
	if y.next.LessEqual(o.ack) {
		y.sent &^= uint8(heldBack)
	}
	return odd
}

// learnSent adds to what the other end may still get.
func (x *end) learnSent(y *end, o *observed) {
	if y.foreign(o) {
		return
	}
	var s sent
	covers := o.has(tcp.ACK) && y.has(finSeen) && y.next.LessEqual(o.ack)
	switch {
	case o.has(tcp.SYN) && o.has(tcp.ACK):
		if !y.has(isnKnown) || y.isn.Less(o.ack) {
			s = sentSYNACK
		}
	case o.has(tcp.SYN):
		s = sentSYN
	default:
		if !y.has(isnKnown) || y.isn.Less(o.ack) {
			s = sentACK
		}
	}
	switch {
	case o.has(tcp.SYN):
		// A FIN on it is held at best, and dropped by Linux.
	case o.has(tcp.FIN) && covers:
		s |= sentFINACK
	case o.has(tcp.FIN):
		s |= sentFIN
	case covers:
		s |= ackedFIN
	}
	x.sent |= uint8(s)
}
