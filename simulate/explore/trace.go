package explore

import (
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// What a Noted or Lost happening of a trace says, in Why.
const (
	WhyDuplicated = "duplicated" // the packet that arrives next stays under way as well
	WhyMSL        = "msl"        // an MSL has passed for Side, which is in TIME-WAIT
	WhyCut        = "cut"        // from now on the network carries nothing
	WhyCrash      = "crash"      // Side has lost its memory
	WhyLost       = "lost"
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
		t.add(simulate.Happening{Kind: simulate.Noted, Side: side, Why: WhyMSL})
	case severed:
		t.add(simulate.Happening{Kind: simulate.Noted, Why: WhyCut})
	case called:
		t.call(j, mv)
	case fired:
		t.add(simulate.Happening{Kind: simulate.Fired, Side: side, Event: tcp.Event(mv.what())})
		t.step(j, mv)
	default:
		t.arrive(mv)
		t.step(j, mv)
	}
}

// call writes down what a user does, a crash included.
func (t *telling) call(j *joint, mv move) {
	side := mv.side()
	c := t.bound.Users[side][t.locals[j.ends[side]].made]
	if c.Crash {
		t.states[side] = tcp.Closed
		t.add(simulate.Happening{Kind: simulate.Noted, Side: side, Why: WhyCrash})
		return
	}
	t.add(simulate.Happening{Kind: simulate.Called, Side: side, Event: c.Event, Octets: tcp.Size(len(c.Text))})
	t.step(j, mv)
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

// arrive takes the packet of the move out of the air, the one that has been there
// longest.
func (t *telling) arrive(mv move) {
	u := underWay(mv.what())
	i := slices.IndexFunc(t.air, func(p numbered) bool { return p.u == u })
	p := t.air[i]
	t.air = slices.Delete(t.air, i, i+1)
	if mv.kind() == copied {
		t.add(simulate.Happening{Kind: simulate.Noted, Side: 1 - mv.side(), Why: WhyDuplicated})
		t.air = append(t.air, numbered{u | spare, p.n})
	}
	t.add(simulate.Happening{Kind: simulate.Arrived, Side: mv.side(), Packet: t.packets[u.packet()], Number: p.n})
}

// step writes down what an end does.
func (t *telling) step(j *joint, mv move) {
	l := t.locals[j.ends[mv.side()]].clone()
	sent := 0
	for _, f := range t.perform(l, mv.incident()) {
		if f.Kind == tcp.SendPacket {
			t.send(mv.side(), f.Packet, j.cut || mv.lost()>>sent&1 != 0)
			sent++
			continue
		}
		t.effect(mv.side(), f)
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

// send writes down a packet that is sent.
func (t *telling) send(side simulate.Side, p tcp.Packet, lost bool) {
	t.sent++
	t.add(simulate.Happening{Kind: simulate.Sent, Side: side, Packet: p, Number: t.sent})
	if lost {
		t.add(simulate.Happening{Kind: simulate.Lost, Side: side, Packet: p, Number: t.sent, Why: WhyLost})
		return
	}
	t.air = append(t.air, numbered{underWay(t.packet(p)) << packetShift, t.sent})
}
