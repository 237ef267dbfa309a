package explore

import (
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// What a Noted happening of a trace says, as message ids.
const (
	NoteDuplicated = "explore.duplicated" // the packet that arrives next stays under way as well
	NoteMSL        = "explore.msl"        // an MSL has passed
	NoteCut        = "explore.cut"        // the network carries nothing any more
	NoteCrash      = "explore.crash"      // the end of Side has lost its memory
)

// telling writes down a run that is made again.
type telling struct {
	*machine
	at     time.Duration
	states [2]tcp.State
	trace  simulate.Trace
	sent   int
	air    []numbered
}

// numbered is a packet under way, as a joint state knows it and by its number
// in the trace.
type numbered struct {
	u underWay
	n int
}

// trace makes the moves again from the beginning and writes down what happens.
func (m *machine) trace(way []move) simulate.Trace {
	j, _ := m.first()
	t := &telling{machine: m}
	for side := range j.ends {
		t.states[side] = m.locals[j.ends[side]].state()
	}
	for _, u := range j.flight() {
		t.sent++
		t.air = append(t.air, numbered{u, t.sent})
	}
	for _, mv := range way {
		t.tell(&j, mv)
		m.apply(&j, mv)
		t.match(&j)
	}
	return t.trace
}

// match gives the packets in the air the marks that they have in the joint
// state, and forgets those that are gone. Which of two equal packets bears a mark
// makes no difference.
func (t *telling) match(j *joint) {
	var air []numbered
	for _, u := range j.flight() {
		for i, p := range t.air {
			if p.u.packet() == u.packet() && (p.u^u)&spare == 0 {
				air = append(air, numbered{u, p.n})
				t.air = slices.Delete(t.air, i, i+1)
				break
			}
		}
	}
	t.air = air
}

// add appends a happening, with the time and the states as they are.
func (t *telling) add(h simulate.Happening) {
	h.At, h.States = t.at, t.states
	t.trace = append(t.trace, h)
}

// tell writes down one move from a joint state.
func (t *telling) tell(j *joint, mv move) {
	side := mv.side()
	t.at += mv.takes()
	switch mv.kind() {
	case ticked:
		t.add(simulate.Happening{Kind: simulate.Noted, Side: side, Why: NoteMSL})
	case severed:
		t.add(simulate.Happening{Kind: simulate.Noted, Why: NoteCut})
	case called:
		l := t.locals[j.ends[side]]
		if t.bound.Users[side][l.made].Crash {
			t.states[side] = tcp.Closed
			t.add(simulate.Happening{Kind: simulate.Noted, Side: side, Why: NoteCrash})
			return
		}
		t.step(j, mv, simulate.Happening{Kind: simulate.Called, Side: side, Event: t.bound.Users[side][l.made].Event})
	case fired:
		t.step(j, mv, simulate.Happening{Kind: simulate.Fired, Side: side, Event: tcp.Event(mv.what())})
	default:
		t.step(j, mv, t.arrival(mv))
	}
}

// takes is how long a move takes on the clock of a trace.
func (m move) takes() time.Duration {
	switch {
	case m.kind() == ticked:
		return msl
	case m.kind() == arrived || m.kind() == copied:
		return transit
	case m.kind() == fired && tcp.Event(m.what()) == tcp.KeepaliveTimeout:
		return keepalive
	case m.kind() == fired && tcp.Event(m.what()) == tcp.UserTimeout:
		return patience
	case m.kind() == fired && tcp.Event(m.what()) != tcp.TimeWaitTimeout:
		return rto
	default:
		return thought
	}
}

// arrival takes the packet of the move out of the air, the one that has been
// there longest.
func (t *telling) arrival(mv move) simulate.Happening {
	u := underWay(mv.what())
	i := slices.IndexFunc(t.air, func(p numbered) bool { return p.u == u })
	p := t.air[i]
	t.air = slices.Delete(t.air, i, i+1)
	if mv.kind() == copied {
		t.add(simulate.Happening{Kind: simulate.Noted, Side: 1 - mv.side(), Why: NoteDuplicated})
		t.air = append(t.air, numbered{u | spare, p.n})
	}
	return simulate.Happening{Kind: simulate.Arrived, Side: mv.side(), Packet: t.packets[u.packet()], Number: p.n}
}

// step writes down what happens to an end and what it does.
func (t *telling) step(j *joint, mv move, what simulate.Happening) {
	l := t.locals[j.ends[mv.side()]].clone()
	effects := t.perform(l, mv.incident())
	before := len(t.trace)
	t.add(what)
	for _, f := range effects {
		t.effect(mv.side(), f)
	}
	t.send(j, mv, effects)
	if len(t.trace) > before {
		t.trace[before].States = t.states
	}
}

// effect writes down one effect, sending apart.
func (t *telling) effect(side simulate.Side, f tcp.Effect) {
	h := simulate.Happening{Side: side}
	switch f.Kind {
	case tcp.RowTaken:
		t.states[side] = f.Row.To
		h.Kind, h.Row = simulate.Took, f.Row
	case tcp.DeliverData:
		h.Kind, h.Octets = simulate.Delivered, tcp.Size(len(f.Text))
	case tcp.TellUser:
		h.Kind, h.Word = simulate.Told, f.Word
	case tcp.IgnorePacket:
		h.Kind, h.Why = simulate.Ignored, f.Why
	default:
		return
	}
	t.add(h)
}

// send writes down what a step sends and what of it is lost.
func (t *telling) send(j *joint, mv move, effects []tcp.Effect) {
	i := 0
	for _, f := range effects {
		if f.Kind != tcp.SendPacket {
			continue
		}
		t.sent++
		t.add(simulate.Happening{Kind: simulate.Sent, Side: mv.side(), Packet: f.Packet, Number: t.sent})
		if j.cut || mv.lost()>>i&1 != 0 {
			t.add(simulate.Happening{Kind: simulate.Lost, Side: mv.side(), Packet: f.Packet, Number: t.sent})
		} else {
			t.air = append(t.air, numbered{underWay(t.packet(f.Packet)) << packetShift, t.sent})
		}
		i++
	}
}
