package explore

import (
	"math/bits"
	"slices"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// move is one thing that happens to a joint state: what, to which side, with
// what, and which of the packets sent in answer are lost.
type move uint32

type moveKind uint8

const (
	called  moveKind = iota // the next call of the script
	arrived                 // a packet
	copied                  // a packet that arrives and stays under way
	fired                   // a timer
	ticked                  // an MSL has passed since the side began to count it
	severed                 // the network stops to carry anything
)

func newMove(kind moveKind, side simulate.Side, what uint16) move {
	return move(kind) | move(side)<<3 | move(what)<<4
}

func (m move) kind() moveKind      { return moveKind(m & 7) }
func (m move) side() simulate.Side { return simulate.Side(m >> 3 & 1) }
func (m move) what() uint16        { return uint16(m >> 4) }
func (m move) lost() uint8         { return uint8(m >> 20) } // a bit each

func (m move) losing(lost uint8) move { return m | move(lost)<<20 }

// ofEnd tells whether an end takes part, not only the network or time.
func (m move) ofEnd() bool { return m.kind() < ticked }

// maxSent is how many packets one step can send.
const maxSent = 8

// incident returns what the move is to the end of its side.
func (m move) incident() incident {
	switch m.kind() {
	case called:
		return callNext
	case fired:
		return timeoutOf + incident(m.what())
	default:
		return incident(underWay(m.what()).packet())
	}
}

// moves appends what can happen in a joint state, losses apart.
func (m *machine) moves(j *joint, list []move) []move {
	ends := [2]*local{m.locals[j.ends[0]], m.locals[j.ends[1]]}
	for side, l := range ends {
		if m.willCall(l, ends[1-side]) {
			list = append(list, newMove(called, simulate.Side(side), 0))
		}
	}
	list = m.arrivals(j, list)
	for side, l := range ends {
		list = m.timers(j, l, ends[1-side], list)
	}
	for side := range ends {
		if m.mayTick(j, side, ends) {
			list = append(list, newMove(ticked, simulate.Side(side), 0))
		}
	}
	if m.bound.Cut && !j.cut && !(m.gone(ends[0]) && m.gone(ends[1])) {
		list = append(list, newMove(severed, 0, 0))
	}
	return list
}

// willCall tells whether the user has a call left that fits the state.
func (m *machine) willCall(l, other *local) bool {
	script := m.bound.Users[l.side]
	if int(l.made) >= len(script) {
		return false
	}
	next := &script[l.made]
	return int(other.made) >= next.After && (next.When == 0 || next.When.Has(l.state()))
}

// arrivals appends the arrivals of packets under way, each of the equal ones
// once. Of a packet and its copy the packet goes first: the copy that remains
// can do all that the packet could.
func (m *machine) arrivals(j *joint, list []move) []move {
	flight := j.flight()
	for i, u := range flight {
		if i > 0 && (flight[i-1] == u || u&spare != 0 && flight[i-1] == u&^spare) {
			continue
		}
		side := m.to(u.packet())
		list = append(list, newMove(arrived, side, uint16(u)))
		if j.copies > 0 {
			list = append(list, newMove(copied, side, uint16(u)))
		}
	}
	return list
}

// timers appends the timers of an end that can fire.
func (m *machine) timers(j *joint, l, other *local, list []move) []move {
	for event := tcp.UserTimeout; event <= tcp.TimeWaitTimeout; event++ {
		if l.runs(event) && m.due(j, l, other, event) {
			list = append(list, newMove(fired, l.side, uint16(event)))
		}
	}
	return list
}

func (m *machine) due(j *joint, l, other *local, event tcp.Event) bool {
	switch event {
	case tcp.TimeWaitTimeout:
		return j.rested[l.side] == m.bound.timeWait()
	case tcp.KeepaliveTimeout:
		return j.quiet() && !busy(l) && !busy(other)
	case tcp.UserTimeout:
		return j.cut
	default:
		if m.givesUp(l, event) {
			return j.quiet() && !m.trying(other)
		}
		return j.quiet() || j.early > 0
	}
}

// givesUp tells whether the end will not try once more when the timer fires.
func (m *machine) givesUp(l *local, event tcp.Event) bool {
	o := m.step(l.number, timeoutOf+incident(event))
	return len(o.rows) > 0 && m.rows[o.rows[0]].Event == tcp.RetransmissionExhausted
}

// trying tells whether an end still repeats something.
func (m *machine) trying(l *local) bool {
	for _, event := range [...]tcp.Event{tcp.RetransmissionTimeout, tcp.ZeroWindowTimeout} {
		if l.runs(event) && !m.givesUp(l, event) {
			return true
		}
	}
	return false
}

// busy tells whether an end has something to do before the hours pass after
// which a keep-alive is sent.
func busy(l *local) bool {
	return l.repeats() || l.runs(tcp.TimeWaitTimeout)
}

// mayTick tells whether the MSL that the side counts can be over: it counts one,
// what was sent before and must arrive has arrived, and the other end's timer for
// sending again, which is shorter, has not run all the time.
func (m *machine) mayTick(j *joint, side int, ends [2]*local) bool {
	if ends[side].state() != tcp.TimeWait || j.rested[side] == m.bound.timeWait() {
		return false
	}
	if ends[1-side].repeats() && !j.prompt[1-side] {
		return false
	}
	late := func(u underWay) bool { return u&(aged(side)|spare) == aged(side) }
	return !slices.ContainsFunc(j.flight(), late)
}

// apply changes the joint state as the move does. The outcome is nil where no
// end takes part. It is false where more packets are under way than can be.
func (m *machine) apply(j *joint, mv move) (o *outcome, fits bool) {
	switch mv.kind() {
	case ticked:
		j.tick(int(mv.side()))
		m.tidy(j)
		return nil, true
	case severed:
		j.cut, j.n = true, 0
		return nil, true
	case arrived:
		j.land(underWay(mv.what()))
	case copied:
		j.land(underWay(mv.what()))
		j.copies--
		j.launch(underWay(mv.what()) | spare) // its own place is free
	case fired:
		m.wentOff(j, mv)
	case called:
	}
	o = m.step(j.ends[mv.side()], mv.incident())
	fits = m.follow(j, mv, o)
	m.tidy(j)
	return o, fits
}

// wentOff notes what a timer that fires takes from the bound. Where hours
// have passed no copy is left.
func (m *machine) wentOff(j *joint, mv move) {
	switch tcp.Event(mv.what()) {
	case tcp.RetransmissionTimeout, tcp.ZeroWindowTimeout:
		if !j.quiet() {
			j.early--
		}
	case tcp.KeepaliveTimeout:
		j.n = 0
	}
}

// follow puts the end where the outcome says, and what it sent under way.
func (m *machine) follow(j *joint, mv move, o *outcome) (fits bool) {
	fits = len(o.sent) <= maxSent
	j.ends[mv.side()] = o.next
	j.prompt[mv.side()] = j.prompt[mv.side()] || o.rearmed
	for i, packet := range o.sent {
		if mv.lost()>>i&1 == 0 && !j.cut {
			fits = j.launch(underWay(packet)<<packetShift) && fits
		}
	}
	j.losses -= uint8(bits.OnesCount8(mv.lost()))
	if o.rested {
		j.rested[mv.side()] = 0
		j.count(int(mv.side()))
	}
	return fits
}

// tidy forgets what means nothing in the states of the ends, and everything but
// the ends when these are gone for good.
func (m *machine) tidy(j *joint) {
	a, b := m.locals[j.ends[0]], m.locals[j.ends[1]]
	if m.gone(a) && m.gone(b) {
		*j = joint{ends: j.ends}
		return
	}
	j.tidy([2]*local{a, b})
}

// gone tells whether an end is CLOSED and its user has no call left.
func (m *machine) gone(l *local) bool {
	return l.state() == tcp.Closed && int(l.made) == len(m.bound.Users[l.side])
}

// losses appends the move once for each choice of packets, out of those that it
// sends, that the bound lets the network lose.
func losses(j *joint, mv move, sent int, list []move) []move {
	if j.cut || sent > maxSent {
		sent = 0
	}
	for lost := 0; lost < 1<<sent; lost++ {
		if bits.OnesCount8(uint8(lost)) <= int(j.losses) {
			list = append(list, mv.losing(uint8(lost)))
		}
	}
	return list
}
