package explore

import (
	"encoding/binary"
	"slices"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// incident is what can happen to a local, as a number: the arrival of a packet
// by its number, a timeout, or the next call of the script.
type incident uint32

const (
	callNext  incident = 1 << 16
	timeoutOf incident = 1 << 17 // and the event
)

// outcome is what comes of an incident.
type outcome struct {
	next   uint32   // number of the local afterwards
	sent   []uint16 // numbers of packets, in order
	rows   []uint16 // indices of rows, in order
	breaks Invariants

	rested  bool // TIME-WAIT began, or began anew
	rearmed bool // and so did a timer for sending again
}

// machine holds every local and every packet that was met, by number, and what
// comes of each incident that was tried.
type machine struct {
	bound    *Bound
	locals   []*local
	numbers  map[string]uint32
	packets  []tcp.Packet
	named    map[string]uint16
	outcomes map[uint64]*outcome
	rowIndex map[string]uint16
	rows     []tcp.Row
	met      int    // locals that are part of a joint state; others were only thought of
	idle     []bool // rows of calls that were answered and changed nothing
	stepping *local // the local whose end may ask for an ISS
	key      []byte
}

func newMachine(b *Bound) *machine {
	m := &machine{
		bound: b, numbers: map[string]uint32{}, named: map[string]uint16{},
		outcomes: map[uint64]*outcome{}, rowIndex: map[string]uint16{}, rows: tcp.Rows(),
	}
	m.idle = make([]bool, len(m.rows))
	for i, row := range m.rows {
		m.rowIndex[row.ID] = uint16(i)
	}
	return m
}

// born returns an end without memory.
func (m *machine) born(side simulate.Side) *tcp.Endpoint {
	c := m.bound.config()
	c.Local, c.ISS = sockets[side], m.chooseISS
	if slices.ContainsFunc(m.bound.Users[side], func(c Call) bool { return c.Event == tcp.CallActiveOpen }) {
		c.Foreign = sockets[1-side]
	}
	return tcp.NewEndpoint(c)
}

// chooseISS is the ISS function of all ends; the one that steps is known.
func (m *machine) chooseISS() tcp.Seq {
	l := m.stepping
	list := m.bound.ISS[l.side]
	last := min(int(l.chosen), len(list)-1)
	beyond := tcp.Size(int(l.chosen) - last)
	l.chosen++
	return list[last].Add(beyond * apart)
}

// number gives a local its number, the same to equal ones.
func (m *machine) number(l *local) uint32 {
	m.key = l.appendKey(m.key[:0])
	n, known := m.numbers[string(m.key)]
	if !known {
		n = uint32(len(m.locals))
		l.number = n
		m.numbers[string(m.key)] = n
		m.locals = append(m.locals, l)
	}
	return n
}

// packet gives a packet its number, the same to equal ones.
func (m *machine) packet(p tcp.Packet) uint16 {
	b := append(m.key[:0], bit(p.Source == sockets[simulate.Responder]), byte(p.Segment.Flags))
	b = binary.AppendUvarint(b, uint64(p.Segment.Seq))
	b = binary.AppendUvarint(b, uint64(p.Segment.Ack))
	b = binary.AppendUvarint(b, uint64(p.Segment.Window))
	b = binary.AppendUvarint(b, uint64(p.Options.MSS))
	b = append(b, p.Text...)
	m.key = b
	n, known := m.named[string(b)]
	if !known {
		n = uint16(len(m.packets))
		m.named[string(b)] = n
		m.packets = append(m.packets, p)
	}
	return n
}

// to returns the side that a packet is for.
func (m *machine) to(packet uint16) simulate.Side {
	if m.packets[packet].Destination == sockets[simulate.Originator] {
		return simulate.Originator
	}
	return simulate.Responder
}

// step returns what comes of an incident.
func (m *machine) step(id uint32, in incident) *outcome {
	key := uint64(id)<<32 | uint64(in)
	o := m.outcomes[key]
	if o == nil {
		o = m.try(m.locals[id], in)
		m.outcomes[key] = o
	}
	return o
}

// try lets the incident happen.
func (m *machine) try(l *local, in incident) *outcome {
	next := l.clone()
	answered := l.current().acked > 0
	o := &outcome{}
	for _, f := range m.perform(next, in) {
		switch f.Kind {
		case tcp.RowTaken:
			o.rows = append(o.rows, m.rowIndex[f.Row.ID])
			o.breaks |= rowBreaks(&f.Row)
		case tcp.SendPacket:
			o.sent = append(o.sent, m.packet(f.Packet))
		case tcp.StartTimer:
			o.rested = o.rested || f.Timer == tcp.TimeWaitTimeout
			o.rearmed = o.rearmed || f.Timer == tcp.RetransmissionTimeout || f.Timer == tcp.ZeroWindowTimeout
		case tcp.TellUser:
			o.breaks |= wordBreaks(answered, f.Word)
		}
	}
	o.next = m.number(next)
	return o
}

// perform changes the local as the incident does, and returns the effects.
func (m *machine) perform(l *local, in incident) []tcp.Effect {
	m.stepping = l
	chosen := l.chosen
	what := m.incident(l, in)
	if in == callNext {
		l.made++
		if m.bound.Users[l.side][l.made-1].Crash {
			l.end, l.timers = m.born(l.side), 0
			return nil
		}
	}
	if in >= timeoutOf {
		l.timers &^= timerBit(what.Event)
	}
	effects := l.end.Step(0, what)
	l.learn(what, effects, l.chosen != chosen)
	return effects
}

// incident says the incident in the words of package tcp.
func (m *machine) incident(l *local, in incident) tcp.Incident {
	switch {
	case in >= timeoutOf:
		return tcp.Incident{Event: tcp.Event(in - timeoutOf)}
	case in == callNext:
		c := m.bound.Users[l.side][l.made]
		return tcp.Incident{Event: c.Event, Text: []byte(c.Text)}
	default:
		return tcp.Incident{Event: tcp.SegmentArrives, Packet: m.packets[in]}
	}
}

// answers are what a call does that changes nothing: the user is told something.
const answers = tcp.ErrNoConnection | tcp.ErrExists | tcp.ErrForeign | tcp.ErrClosing | tcp.ReportState

// meet makes every call that is answered and changes nothing, the first time that
// a local is met. Such a call leads to no other joint state.
func (m *machine) meet(l *local) {
	if l.met {
		return
	}
	l.met = true
	m.met++
	for _, event := range tcp.Events() {
		if !event.Call() {
			continue
		}
		c := l.clone()
		m.stepping = c
		for _, f := range c.end.Step(0, tcp.Incident{Event: event}) {
			if f.Kind == tcp.RowTaken && answers.Has(f.Row.Actions) {
				m.idle[m.rowIndex[f.Row.ID]] = true
			}
		}
	}
}
