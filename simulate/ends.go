package simulate

import (
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// end is one Endpoint with what a run keeps about it.
type end struct {
	*tcp.Endpoint
	of    End
	side  Side
	index int  // in run.ends
	shown bool // it is one of the two ends of the connection that the trace is about
	gone  bool // its host is switched off

	armed bool // an occasion stands in the queue, at
	at    time.Duration
	taken int // of its Numbers
}

func newEnd(side Side, of End, seed uint64) *end {
	e := &end{of: of, side: side, index: int(side), shown: true}
	e.of.Seed += seed
	if len(of.Numbers) > 0 {
		e.of.ISS = e.number
	}
	e.begin()
	return e
}

// begin makes the Endpoint, which remembers nothing.
func (e *end) begin() {
	e.of.Seed++
	e.Endpoint = tcp.NewEndpoint(e.of.EndpointConfig)
}

// number returns the next initial sequence number.
func (e *end) number() tcp.Seq {
	const further = 1000
	numbers := e.of.Numbers
	i := e.taken
	e.taken++
	if last := len(numbers) - 1; i > last {
		return numbers[last].Add(further * tcp.Size(i-last))
	}
	return numbers[i]
}

// step lets an end take what happens to it.
func (r *run) step(e *end, in tcp.Incident) {
	effects := e.Step(r.now, in)
	for i := range effects {
		r.effect(e.side, e.shown, &effects[i])
	}
	if e.shown {
		r.enter(e.side, e.State())
	}
	r.arm(e)
}

// arm sees to it that the queue holds an occasion no later than the next timer
// of the end. Most timers are stopped before they fire, so what is in the queue
// is often too early and put off when it comes.
func (r *run) arm(e *end) {
	if _, at, running := e.Deadline(); running && (!e.armed || at < e.at) {
		e.armed, e.at = true, at
		r.queue.push(at, timerDue, e.index)
	}
}

// fire fires the timer that is due, if one still is.
func (r *run) fire(e *end) {
	if e.at == r.now {
		e.armed = false
	}
	timer, at, running := e.Deadline()
	if !running || e.gone {
		return
	}
	if at > r.now {
		r.arm(e)
		return
	}
	r.result.End = r.now
	if e.shown {
		r.note(Fired, e.side).Event = timer
		r.say()
	}
	r.step(e, tcp.Incident{Event: timer})
}

// effect writes down what an end does and sends what it sends.
func (r *run) effect(side Side, shown bool, f *tcp.Effect) {
	if f.Kind == tcp.SendPacket {
		r.send(side, shown, &f.Packet)
		return
	}
	if !shown {
		return
	}
	switch f.Kind {
	case tcp.RowTaken:
		if f.Row.From == r.states[side] {
			r.enter(side, f.Row.To)
		}
		r.note(Took, side).Row = f.Row
	case tcp.DeliverData:
		r.note(Delivered, side).Octets = tcp.Size(len(f.Text))
	case tcp.TellUser:
		r.note(Told, side).Word = f.Word
	case tcp.IgnorePacket:
		r.note(Ignored, side).Why = f.Why
	default:
		return
	}
	r.say()
}
