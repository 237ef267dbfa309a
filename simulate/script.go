package simulate

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// mostText is the most text that one SEND of a script has, octets.
const mostText = 1 << 28

// act does a line of the script when its time has come, and waits for its state
// before that.
func (r *run) act(index int) {
	a := &r.c.Script[index]
	if when := &a.When; !r.ready[index] && when.State != tcp.Unknown {
		r.ready[index] = true
		switch {
		case r.states[when.Of] != when.State:
			r.waiting = append(r.waiting, index)
			return
		case when.After > 0:
			r.queue.push(r.now+bounded(when.After), actDue, index)
			return
		}
	}
	r.result.End = r.now
	if a.Call != 0 {
		r.call(a)
	} else {
		r.turn(a)
	}
}

// call lets the user of an end make a call.
func (r *run) call(a *Act) {
	e := r.ends[a.Side]
	if e.gone || !a.Call.Call() {
		return
	}
	h := r.note(Called, a.Side)
	h.Event, h.Octets = a.Call, a.Octets
	r.say()
	if r.service != nil && a.Side == Responder && e.State() == tcp.Closed { // no connection is accepted: it is the listener's call
		if a.Call == tcp.CallClose {
			r.fromListener(r.service.listener.Close(r.now), r.ends[Originator].Local())
		}
		return
	}
	in := tcp.Incident{Event: a.Call, Size: a.Octets}
	if a.Call == tcp.CallSend {
		in.Text = make([]byte, min(a.Octets, mostText))
	}
	if a.Call == tcp.CallActiveOpen || a.Call == tcp.CallSend && e.State() == tcp.Listen {
		in.Foreign = r.dialled(a.Side)
	}
	r.step(e, in)
}

// dialled returns the socket that the user of an end opens to.
func (r *run) dialled(side Side) netip.AddrPort {
	if foreign := r.c.Ends[side].Foreign; foreign.IsValid() {
		return foreign
	}
	return r.c.Ends[side.Other()].Local
}

// turn lets fate take a turn with an end.
func (r *run) turn(a *Act) {
	e := r.ends[a.Side]
	switch a.Turn {
	case Crash, Return:
		e.gone = false
		r.forget(a.Side)
		r.enter(a.Side, tcp.Closed)
		r.tell(a.Side, map[Turn]string{Crash: WhyCrash, Return: WhyReturn}[a.Turn])
	case Vanish:
		e.gone = true
		r.forget(a.Side)
		r.enter(a.Side, tcp.Unknown)
		r.tell(a.Side, WhyVanish)
	case Accept:
		if r.service != nil {
			r.service.accepting = true
			r.tell(a.Side, WhyAccepting)
			r.accept()
		}
	case Forge:
		r.forge(a, WhyForged)
	case Stray:
		r.forge(a, WhyStray)
	case Misbehave:
		e.SetMisbehaviour(a.Wrong)
		r.tell(a.Side, WhyMisbehave)
	}
}

// forget makes a host forget its connections and, if it has one, its listener.
func (r *run) forget(side Side) {
	r.ends[side].begin()
	if side == Responder {
		r.service = nil
		clear(r.accepted)
	}
}

// forge lets a segment arrive that the other end has not sent in this run.
func (r *run) forge(a *Act, why string) {
	host := r.ends[a.Side]
	if host.gone {
		return
	}
	p := tcp.Packet{Source: r.ends[a.Side.Other()].Local(), Destination: host.Local(), Segment: a.Forged}
	p.Text = make([]byte, min(a.Forged.Data, mostText))
	r.number++
	r.tell(a.Side, why)
	r.deliver(host, parcel{packet: p, number: r.number, shown: true})
}
