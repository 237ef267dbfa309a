package track

import "github.com/synoptic-net/synoptic/tcp"

// take updates the connection by a segment of the end with index side and
// returns what is odd about it. renewed says that the segment begins another
// connection between the same ends: nothing was changed.
func (c *core) take(side int, o *observed) (odd Anomalies, renewed bool) {
	x, y := &c.ends[side], &c.ends[1-side]
	if o.flags&(tcp.SYN|tcp.FIN|tcp.RST|tcp.ACK) == tcp.ACK && x.set == established && y.set == established {
		return x.quick(y, o), false
	}
	if o.has(tcp.SYN) && c.renews(x, y, o) {
		return Reused, true
	}
	if o.has(tcp.RST) {
		return c.reset(x, y, o), false
	}
	return c.step(x, y, o), false
}

const established = tcp.StateSet(1 << tcp.Established)

// step takes any segment but a RST.
func (c *core) step(x, y *end, o *observed) Anomalies {
	if !o.has(tcp.ACK | tcp.SYN) {
		return NoACK
	}
	stale := o.has(tcp.ACK) && x.has(acked) && o.ack.Less(x.ack)
	k, odd := x.kindOf(y, o)
	if odd&(OutsideWindow|FINMoved) != 0 {
		return odd
	}
	shown := x.shown(y, o)
	late := stale || x.sentBefore(k)
	odd |= x.learn(y, o)
	if odd.Has(SYNInside) {
		return odd // both connections are possible until the answer tells
	}
	if !o.has(tcp.SYN) {
		x.marks &^= contested
	}
	before := x.unseen()
	if x.has(gap) || !y.has(heard) {
		before = spreadSet(y.possible(x), before)
	}
	if !stale {
		before &= shown
	}
	odd |= x.move(y, k, before, late)
	settle(x, y)
	return odd
}

// renews tells whether a SYN begins another connection: the old one is over, or
// its answer came to a SYN that had met the old one.
func (c *core) renews(x, y *end, o *observed) bool {
	if x.marks&(heard|isnKnown) == 0 {
		return false
	}
	same := x.has(isnKnown) && x.isn == o.seq
	switch {
	case o.has(tcp.ACK) && y.has(contested) && o.ack == y.isn.Add(1):
		return !same
	case same:
		return false
	case o.has(tcp.ACK):
		return x.has(isnKnown) && c.over()
	default:
		return !y.has(heard) || c.over() || y.set&(1<<tcp.Closed|1<<tcp.TimeWait|1<<tcp.Listen) != 0
	}
}

// shown returns the states in which an end sends such an acknowledgment: that
// of a FIN by none to which the FIN has not come, and so on.
func (x *end) shown(y *end, o *observed) tcp.StateSet {
	if !o.has(tcp.ACK) || y.foreign(o) {
		return tcp.AllStates
	}
	set := tcp.AllStates
	if !o.has(tcp.SYN) && y.has(isnKnown) && !y.has(contested) && y.isn.Add(1).Less(o.ack) {
		set &= tookText | tookFIN
	}
	switch {
	case y.has(finSeen) && y.next.LessEqual(o.ack):
		set &= tookFIN
	case !y.has(nextKnown) || y.has(gap) || y.next.Less(o.ack):
		// Octets that were not captured may have been a FIN.
	default:
		set &^= tookFIN
	}
	return set
}

// move brings the sender's set to the states in which it sends such a segment.
func (x *end) move(y *end, k kind, before tcp.StateSet, late bool) (odd Anomalies) {
	after := sendSet(k, before)
	switch {
	case sent(x.sent)&sentRST != 0:
		after = x.set | sendSet(k, tookSYN)
		if x.state() == tcp.Closed {
			odd = AfterReset
		}
	case late && (k == kindFIN || k == kindFINLate):
		after = x.set | sendSet(k, before|established)
	case late && (after == 0 || k == kindACK || k == kindText):
		after = x.set
	case after == 0:
		odd = x.surprise(k)
		after = sendSet(k, tcp.AllStates)
	}
	x.set = after
	x.lean(y, k, late)
	return odd
}

// surprise names a segment that fits none of the states. A SYN does so where one
// of the other end was not captured.
func (x *end) surprise(k kind) Anomalies {
	if k == kindSYNACK || k == kindSYN {
		return 0
	}
	return Contradiction
}

// sentBefore tells whether the segment can be a late copy of an earlier one.
func (x *end) sentBefore(k kind) bool {
	switch k {
	case kindSYN:
		return sent(x.sent)&sentSYN != 0
	case kindSYNACK:
		return sent(x.sent)&sentSYNACK != 0
	case kindTextAgain, kindFINAgain:
		return true
	default:
		return false
	}
}

// lean moves the likely state of the sender with its set. Where something is
// sent again, what should have arrived before probably has not.
func (x *end) lean(y *end, k kind, late bool) {
	s := x.state()
	to := sends[k][s] & x.set
	switch {
	case !x.set.Has(s) && x.set.Has(expect[y.delivered()][s]):
		x.setState(expect[y.delivered()][s]) // it shows what was taken late
	case !x.set.Has(s) || to != 0 && !to.Has(s):
		if to == 0 {
			to = x.set
		}
		x.setState(first(to))
	case sent(x.sent)&sentRST != 0 && k == kindText:
		x.setState(first(x.set &^ (1 << tcp.Closed)))
	}
	if !late || k == kindTextAgain || k == kindACK {
		x.setState(expect[y.delivered()][x.state()])
	}
}

// delivered is what the other end has taken if nothing that was captured was
// lost. A RST that need not be believed is not, nor a FIN that is held back; of
// that only the acknowledgment counts.
func (x *end) delivered() sent {
	s := sent(x.sent) % sents
	if !x.has(resetSure) {
		s &^= sentRST
	}
	if x.sentAny(heldBack) {
		if s&sentFINACK != 0 {
			s |= ackedFIN
		}
		s &^= sentFIN | sentFINACK
	}
	return s
}

// standing returns what the end has sent, and what it may have sent unseen.
func (x *end) standing() sent {
	s := sent(x.sent) % sents
	if x.marks&(gap|finSeen) == gap {
		s |= sentFIN | sentFINACK
	}
	if !x.has(heard) && x.has(nextKnown) {
		s |= sentSYN | sentSYNACK | sentACK | ackedFIN
	}
	return s
}

// settle lets everything that is under way arrive, or not, and keeps what the
// acknowledgments of both ends prove.
func settle(x, y *end) {
	if !y.has(heard) && x.has(acked) {
		y.set = tcp.AllStates &^ (1 << tcp.Listen) // whatever it did was not captured
	}
	x.set = spreadSet(y.possible(x), x.unseen()) & x.proven(y)
	y.set = spreadSet(x.possible(y), y.unseen()) & y.proven(x)
	if y.has(heard) {
		y.setState(expect[x.delivered()][y.state()])
	}
	x.keepLikely()
	y.keepLikely()
}

// unseen adds the states of an end whose FIN was perhaps not captured.
func (x *end) unseen() tcp.StateSet {
	if x.marks&(gap|finSeen) == gap {
		return x.set | sendSet(kindFINLate, x.set)
	}
	return x.set
}

// possible is what y may get from x: besides what was seen, the acknowledgment
// of a FIN that was not.
func (x *end) possible(y *end) sent {
	s := x.standing()
	if y.marks&(gap|finSeen) == gap {
		s |= ackedFIN
	}
	return s
}

// proven returns the states that fit everything an end has acknowledged and
// sent. It may be closed whatever it did.
func (x *end) proven(y *end) tcp.StateSet {
	set := tcp.AllStates
	if x.has(finSeen) && sent(x.sent)&sentRST == 0 {
		set = finSent
	}
	if x.has(acked) {
		set &= tookSYN
		if y.has(finSeen) && y.next.LessEqual(x.ack) {
			set &= tookFIN
			if sent(y.sent)&(sentFIN|sentFINACK) == sentFINACK && x.has(finSeen) {
				set &= finAcked
			}
		}
	}
	if x.has(contested) {
		set |= 1 << tcp.SynSent
	}
	if sent(y.sent)&sentRST != 0 {
		set |= 1 << tcp.Listen // SYN-RECEIVED goes back to it
	}
	return set | 1<<tcp.Closed
}

// keepLikely replaces a likely state that is not possible any more.
func (x *end) keepLikely() {
	if x.set == 0 {
		x.set = tcp.AllStates
	}
	switch {
	case !x.has(heard):
		x.setState(tcp.Unknown)
	case !x.set.Has(x.state()):
		x.setState(first(x.set))
	}
}

// preference is the order in which a state is guessed from a set: a connection
// is open more often than it is closing.
var preference = [...]tcp.State{
	tcp.Established, tcp.CloseWait, tcp.FinWait1, tcp.LastAck, tcp.FinWait2, tcp.Closing,
	tcp.TimeWait, tcp.SynReceived, tcp.SynSent, tcp.Closed, tcp.Listen,
}

func first(set tcp.StateSet) tcp.State {
	for _, s := range preference {
		if set.Has(s) {
			return s
		}
	}
	return tcp.Unknown
}
