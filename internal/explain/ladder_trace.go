package explain

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// TraceLadder draws what happened in a run. A packet that arrives before
// anything else happens has one rung; others have a rung where they depart and
// one where they arrive, as in the figures of RFC 9293.
func TraceLadder(trace simulate.Trace, l Language) Ladder {
	b := ladderBuilder{words: simulationTexts.in(l), language: l, departed: map[int]int{}, packets: map[int]tcp.Packet{}, said: map[string]bool{}}
	for i := range trace {
		b.add(&trace[i])
	}
	return Ladder{
		Ends:  [2]LadderEnd{b.end(simulate.Originator), b.end(simulate.Responder)},
		Rungs: b.rungs,

		Language: l,
	}
}

type ladderBuilder struct {
	words    *simulationWords
	language Language
	rungs    []Rung
	fresh    bool               // the last rung is of a call, a timer or a note, and has no packet yet
	departed map[int]int        // by number: the rung in which the packet departs
	packets  map[int]tcp.Packet // by number: as it was sent
	sockets  [2]netip.AddrPort
	dialled  [2]netip.AddrPort
	before   [2]tcp.State
	said     map[string]bool // remarks on addresses, of which the first is enough
}

func (b *ladderBuilder) end(side simulate.Side) LadderEnd {
	e := LadderEnd{Name: sideWord(int(side), b.language)}
	socket := b.sockets[side]
	if !socket.IsValid() { // it never sent anything
		socket = b.dialled[side.Other()]
	}
	if socket.IsValid() {
		e.Socket = socket.String()
	}
	return e
}

// add gives a happening its place.
func (b *ladderBuilder) add(h *simulate.Happening) {
	side := int(h.Side)
	switch h.Kind {
	case simulate.Called:
		b.begin(h, Reason{Side: side, Text: b.words.call(h)})
	case simulate.Fired:
		b.begin(h, Reason{Side: side, Text: b.words.Timer})
	case simulate.Noted:
		b.begin(h, Reason{Side: side, Text: b.words.note(h), Note: true})
	case simulate.Sent:
		b.sent(h)
	case simulate.Arrived:
		b.arrived(h)
	case simulate.Lost:
		b.lost(h)
	case simulate.Took:
		b.took(h)
	case simulate.Delivered:
		b.reason(Reason{Side: side, Text: b.words.delivered(h.Octets)})
	case simulate.Told:
		b.reason(Reason{Side: side, Text: h.Word.String()})
	case simulate.Ignored:
		b.reason(Reason{Side: side, Text: fmt.Sprintf(b.words.Ignored, h.Why)})
	}
	b.last(h).States = [2]string{b.words.state(h.States[0]), b.words.state(h.States[1])}
	b.before = h.States
}

// last returns the rung to which things are added, and makes the first.
func (b *ladderBuilder) last(h *simulate.Happening) *Rung {
	if len(b.rungs) == 0 {
		b.rungs = append(b.rungs, Rung{At: h.At})
	}
	return &b.rungs[len(b.rungs)-1]
}

// begin begins a rung with what happens to an end.
func (b *ladderBuilder) begin(h *simulate.Happening, why Reason) {
	b.rungs = append(b.rungs, Rung{At: h.At, Reasons: []Reason{why}})
	b.fresh = true
}

func (b *ladderBuilder) reason(r Reason) {
	if n := len(b.rungs); n > 0 {
		b.rungs[n-1].Reasons = append(b.rungs[n-1].Reasons, r)
	}
}

// took adds a row to what it is the answer to, a call or timer of the same end.
func (b *ladderBuilder) took(h *simulate.Happening) {
	row := &h.Row
	r := Reason{Side: int(h.Side), Row: row.ID, RFC: row.RFC, Detail: rowSentence(row, b.language)}
	if stranger(row, b.before[h.Side]) {
		r.Text = b.words.NoConnection
	}
	if cause := b.cause(r.Side); cause != nil && row.Event != tcp.SegmentArrives {
		r.Text = cause.Text
		*cause = r
		return
	}
	b.reason(r)
}

// cause returns the call or timer of an end that no row has answered yet.
func (b *ladderBuilder) cause(side int) *Reason {
	if len(b.rungs) == 0 {
		return nil
	}
	reasons := b.rungs[len(b.rungs)-1].Reasons
	if len(reasons) == 0 {
		return nil
	}
	last := &reasons[len(reasons)-1]
	if last.Side != side || last.Row != "" || last.Note || last.Text == "" {
		return nil
	}
	return last
}

func (b *ladderBuilder) sent(h *simulate.Happening) {
	if !b.fresh {
		b.rungs = append(b.rungs, Rung{At: h.At})
	}
	b.fresh = false
	rung := b.last(h)
	rung.From, rung.Label, rung.Packet, rung.Departs = int(h.Side), segmentLabel(&h.Packet), h.Number, true
	b.departed[h.Number], b.packets[h.Number] = len(b.rungs)-1, h.Packet
	if !b.sockets[h.Side].IsValid() {
		b.sockets[h.Side], b.dialled[h.Side] = h.Packet.Source, h.Packet.Destination
	}
}

// way returns the rung of a packet that ends its way now: the one in which it
// departs, if nothing was drawn since, else a new one.
func (b *ladderBuilder) way(h *simulate.Happening, from simulate.Side) *Rung {
	if i, ok := b.departed[h.Number]; ok && i == len(b.rungs)-1 && !b.rungs[i].Arrives && !b.rungs[i].Lost {
		return &b.rungs[i]
	}
	b.rungs = append(b.rungs, Rung{At: h.At, From: int(from), Label: segmentLabel(&h.Packet), Packet: h.Number})
	return b.last(h)
}

func (b *ladderBuilder) arrived(h *simulate.Happening) {
	b.fresh = false
	b.way(h, h.Side.Other()).Arrives = true
	p := &h.Packet
	if was, ok := b.packets[h.Number]; ok && was.Destination != p.Destination {
		b.remark(h, fmt.Sprintf(b.words.Rewritten, was.Destination, p.Destination))
	}
	if dialled := b.dialled[h.Side]; dialled.IsValid() && dialled != p.Source {
		b.remark(h, fmt.Sprintf(b.words.Stranger, p.Source, dialled))
	}
}

// remark says something about an arrival, once.
func (b *ladderBuilder) remark(h *simulate.Happening, text string) {
	if !b.said[text] {
		b.said[text] = true
		b.reason(Reason{Side: int(h.Side), Text: text, Note: true})
	}
}

func (b *ladderBuilder) lost(h *simulate.Happening) {
	b.fresh = false
	rung := b.way(h, h.Side)
	rung.Lost, rung.Why = true, b.words.Lost[h.Why]
}

// segmentLabel writes a segment as the figures of RFC 9293 do, which leave PSH
// out.
func segmentLabel(p *tcp.Packet) string {
	s := p.Segment
	s.Flags &^= tcp.PSH
	s.Data = tcp.Size(len(p.Text))
	return s.String()
}
