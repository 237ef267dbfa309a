package tcp

import (
	"net/netip"
	"slices"
	"time"
)

// Endpoint is one end of a connection that runs: the transition table of this
// package with the variables, queues and timers that its rows speak of.
//
// It owns no clock and does no I/O. Step is told what happens and when, and
// returns what is to be done; the caller carries segments, keeps timers, and
// plays the user. The state changes by a row of the table and in no other way:
// each row taken is the first of the effects it has. A packet between other
// sockets meets no connection here and is answered by the rows of CLOSED, as a
// host answers it; the state of the end is then untouched.
//
// What it does is the connection management of RFC 9293 with RFC 5961, 6191,
// 6298 and 7323 and, if asked, RFC 1337; every text segment is acknowledged at
// once. What it leaves out: there is no congestion control beyond the fixed
// SendWindow, no fast retransmission (a timeout sends one segment again), no
// Nagle algorithm, no SACK blocks, and the urgent pointer is not looked at.
//
// An Endpoint is not safe for concurrent use.
type Endpoint struct {
	cfg     EndpointConfig
	state   State
	v       Variables
	local   netip.AddrPort
	foreign netip.AddrPort
	random  uint64

	now     time.Duration
	in      Incident
	seg     Segment // the arriving segment, window scaled, SYN cut off once it is taken
	text    []byte  // its text
	rest    bool    // ContinueSegment was asked for
	effects []Effect

	send      sender
	receive   receiver
	stamps    stamps
	rtt       rtoEstimator
	timers    timers
	challenge challenges
	invalid   challenges // ACKs in answer to empty segments that are dropped

	closeQueued  bool // a CLOSE waits for SENDs or for the handshake
	closePending bool // a CLOSE is not answered yet
}

// NewEndpoint returns an end in CLOSED. OPEN is the first thing to happen to it.
func NewEndpoint(c EndpointConfig) *Endpoint {
	c.fill()
	e := &Endpoint{cfg: c, state: Closed, local: c.Local, foreign: c.Foreign, random: c.Seed}
	e.stamps.origin = uint32(e.nextRandom())
	e.createTCB()
	return e
}

// Step tells the end what happens at the time now, which is counted from any
// fixed beginning and never runs backwards, and returns what follows from it in
// order. The slice is good until the next Step. What is no event does nothing,
// and neither do CloseDue and FinDue, which the end causes itself.
func (e *Endpoint) Step(now time.Duration, in Incident) []Effect {
	e.now, e.in, e.effects = now, in, e.effects[:0]
	switch in.Event {
	case SegmentArrives:
		e.arrive(in.Packet)
	case CloseDue, FinDue:
	default:
		e.happen(in.Event)
	}
	return e.effects
}

// happen takes the row of a call or timeout.
func (e *Endpoint) happen(event Event) {
	e.seg, e.text = Segment{}, nil
	e.timers.fired(event)
	e.take(Input{e.orExhausted(event), e.callFacts()})
	e.settle()
}

// callFacts returns the conditions that the rows of calls ask for.
func (e *Endpoint) callFacts() Facts {
	return fact(ForeignGiven, e.in.Foreign.IsValid() || e.foreign.IsValid()) |
		fact(SendsQueued, e.sendsQueued()) |
		fact(TextQueued, len(e.receive.unread) > 0)
}

// take is the single place where the state changes: to where the row leads.
func (e *Endpoint) take(in Input) {
	row, ok := Next(e.state, in)
	if !ok {
		return
	}
	e.note(Effect{Kind: RowTaken, Row: row})
	e.carryOut(e.limited(row.Actions))
	e.state = row.To
}

// settle does what has become possible by the rows taken: held text and FIN are
// taken up, text goes out as the window lets it, a queued CLOSE becomes due.
func (e *Endpoint) settle() {
	e.takeUp()
	e.output()
	e.closeDue()
	e.pushLeftover()
	e.armTimers()
}

// closeDue lets the table decide about a CLOSE that waited: it is due once no
// SEND is queued, or when the handshake that it waited for is over.
func (e *Endpoint) closeDue() {
	if !e.closeQueued || e.send.synOut {
		return
	}
	in := Input{CloseDue, e.callFacts()}
	row, _ := Next(e.state, in)
	if row.To != row.From || !in.Facts.Has(SendsQueued) {
		e.take(in)
	}
}

// note appends an effect.
func (e *Endpoint) note(f Effect) {
	f.Peer = e.foreign
	e.effects = append(e.effects, f)
}

// State returns the state of the end.
func (e *Endpoint) State() State { return e.state }

// Variables returns the part of the TCB that decides about arriving segments.
// In CLOSED and LISTEN it means nothing.
func (e *Endpoint) Variables() Variables {
	v := e.v
	v.Timestamp = e.stamps.recentNow(e.now)
	return v
}

// Local returns the local socket.
func (e *Endpoint) Local() netip.AddrPort { return e.local }

// Foreign returns the foreign socket, zero as long as it is any.
func (e *Endpoint) Foreign() netip.AddrPort { return e.foreign }

// Unacknowledged returns how many octets of sequence space are sent and not
// acknowledged, and how many octets of text wait to be sent.
func (e *Endpoint) Unacknowledged() (sent, waiting Size) {
	return e.v.SND.UNA.To(e.v.SND.NXT), Size(e.unsent())
}

// Deadline returns the timer that fires next and when; false if none runs. It is
// for callers who would rather ask than follow StartTimer and StopTimer.
func (e *Endpoint) Deadline() (timer Event, at time.Duration, running bool) { return e.timers.next() }

// RTO returns the retransmission timeout as it stands (RFC 6298).
func (e *Endpoint) RTO() time.Duration { return e.rtt.rto }

// SetMisbehaviour changes from now on what the end does wrong.
func (e *Endpoint) SetMisbehaviour(m Misbehaviour) {
	e.cfg.Misbehaviour, e.receive.frozen = m, e.v.RCV.NXT
}

// Clone returns an end that is the same in everything and goes its own way from
// now on; only a function in ISS is shared.
func (e *Endpoint) Clone() *Endpoint {
	e.send.text, e.receive.unread = slices.Clip(e.send.text), slices.Clip(e.receive.unread)
	c := *e
	c.effects, c.in, c.text = nil, Incident{}, nil
	c.receive.held = slices.Clone(e.receive.held)
	c.receive.calls = slices.Clone(e.receive.calls)
	return &c
}

// nextRandom is SplitMix64.
func (e *Endpoint) nextRandom() uint64 {
	e.random += 0x9e3779b97f4a7c15
	z := e.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
