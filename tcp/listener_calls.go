package tcp

import (
	"slices"
	"time"
)

// State returns LISTEN, or CLOSED after Close.
func (l *Listener) State() State { return l.ear.state }

// Lengths returns how many connections are in the SYN queue and in the accept
// queue.
func (l *Listener) Lengths() (synQueue, acceptQueue int) { return len(l.half), len(l.ready) }

// Counters returns what has been counted since the listener was made.
func (l *Listener) Counters() ListenerCounters { return l.counters }

// Accept hands out the connection that has waited longest, false if none waits.
// From then on it is its owner's: packets, timers and all. It may have been
// closed or reset meanwhile, as its state says.
func (l *Listener) Accept() (*Endpoint, bool) {
	if len(l.ready) == 0 {
		return nil, false
	}
	child := l.ready[0]
	l.ready = l.ready[1:]
	if l.byPeer[child.foreign] == child {
		delete(l.byPeer, child.foreign)
	}
	return child, true
}

// Deadline returns when the next timer of a connection in the queues fires;
// false if none runs.
func (l *Listener) Deadline() (at time.Duration, running bool) {
	for _, queue := range [][]*Endpoint{l.half, l.ready} {
		for _, child := range queue {
			if _, when, ok := child.Deadline(); ok && (!running || when < at) {
				at, running = when, true
			}
		}
	}
	return at, running
}

// Expire fires the timers of connections in the queues that are due by now, each
// once, in the order of the queues. The effects are good until the next call.
func (l *Listener) Expire(now time.Duration) []Effect {
	l.now, l.effects = now, l.effects[:0]
	for _, child := range slices.Concat(l.half, l.ready) {
		if timer, at, ok := child.Deadline(); ok && at <= now {
			l.stepChild(child, Incident{Event: timer})
		}
	}
	return l.effects
}

// Close closes the listener. Connections that nobody accepted are aborted.
func (l *Listener) Close(now time.Duration) []Effect {
	l.now, l.effects = now, l.effects[:0]
	for _, child := range slices.Concat(l.half, l.ready) {
		l.forward(child, Incident{Event: CallAbort})
	}
	l.half, l.ready = nil, nil
	clear(l.byPeer)
	l.forward(l.ear, Incident{Event: CallClose})
	return l.effects
}

// foresee returns the row that the packet would take, without taking it.
func (e *Endpoint) foresee(p Packet) Row {
	e.in.Packet = p
	e.prepare(p)
	if !e.ours(p) || e.overlooked() != "" {
		return Row{}
	}
	row, _ := Next(e.state, e.arrival())
	return row
}
