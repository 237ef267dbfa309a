package explain

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// mostRungs bounds what is drawn of a long connection.
const mostRungs = 400

// CaptureLadder draws one captured connection as its segments come in.
type CaptureLadder struct {
	Ladder Ladder
	tuple  packet.Tuple
	first  time.Time
	known  [2]bool // the ISN of each end
	isn    [2]tcp.Seq
	states *track.Tracker // follows this connection alone
	told   int            // transitions that are drawn
	left   int            // segments that are not
}

// NewCaptureLadder begins a ladder. Sequence numbers are relative to the ISNs
// where those were captured.
func NewCaptureLadder(c *track.Conn, l Language) *CaptureLadder {
	end := func(a packet.Address, port uint16) string { return netip.AddrPortFrom(a.Addr(), port).String() }
	return &CaptureLadder{
		tuple: c.Tuple, first: c.First,
		known: [2]bool{c.Originator.ISNKnown, c.Responder.ISNKnown}, isn: [2]tcp.Seq{c.Originator.ISN, c.Responder.ISN},
		states: track.New(track.Config{Memory: 1 << 20, Transitions: true}),
		Ladder: Ladder{
			Title:    c.Word.String() + "  " + c.History,
			Language: l,
			Ends: [2]LadderEnd{
				{sideWord(0, l), end(c.Tuple.Source, c.Tuple.SourcePort)},
				{sideWord(1, l), end(c.Tuple.Destination, c.Tuple.DestinationPort)},
			},
		},
	}
}

// endNames are the codes of the ends.
var endNames = [2]string{"originator", "responder"}

// sideWord is the word for an end.
func sideWord(side int, l Language) string { return l.Say("side-" + endNames[side]) }

// Add draws a segment of the connection, with the states of both ends after it.
func (l *CaptureLadder) Add(s *packet.Segment) {
	l.states.Add(s)
	if len(l.Ladder.Rungs) >= mostRungs {
		l.left++
		l.Ladder.Close = fmt.Sprintf(correlationTexts.in(l.Ladder.Language).Left, l.left)
		return
	}
	from := 0
	if s.Tuple != l.tuple {
		from = 1
	}
	rung := Rung{
		At: time.Unix(0, s.Time).Sub(l.first), From: from, Label: l.label(s, from),
		Packet: len(l.Ladder.Rungs) + 1, Departs: true, Arrives: true,
	}
	l.states.Each(func(c *track.Conn) bool {
		ends := [2]*track.End{&c.Originator, &c.Responder}
		if c.Tuple != l.tuple { // seen so far, the roles seem to be the other way round
			ends[0], ends[1] = ends[1], ends[0]
		}
		rung.States = [2]string{l.stateSet(ends[0]), l.stateSet(ends[1])}
		rung.Reasons = l.reasons(c)
		return true
	})
	l.Ladder.Rungs = append(l.Ladder.Rungs, rung)
}

// reasons tells the transitions that this segment showed.
func (l *CaptureLadder) reasons(c *track.Conn) []Reason {
	if l.told > len(c.Transitions) {
		l.told = 0 // another connection between the same ends has begun
	}
	var reasons []Reason
	for _, t := range c.Transitions[l.told:] {
		side := 1
		if t.Originator == (c.Tuple == l.tuple) {
			side = 0
		}
		text := l.Ladder.Language.Say("ladder-from-to", wordOf(t.From), wordOf(t.To))
		if t.From == tcp.Unknown {
			text = wordOf(t.To)
		}
		if !t.Certain {
			text = l.Ladder.Language.Say("ladder-assumed", text)
		}
		reasons = append(reasons, Reason{Side: side, Text: text, Row: t.Row, RFC: t.RFC})
	}
	l.told = len(c.Transitions)
	return reasons
}

// stateSet says what an end may be in: one state, up to three of them, or the
// likely one of many.
func (l *CaptureLadder) stateSet(e *track.End) string {
	const few = 2
	all := e.Possible.States()
	switch {
	case e.State == tcp.Unknown:
		return "?"
	case len(all) <= 1:
		return e.State.String()
	case len(all) <= few:
		words := make([]string, len(all))
		for i, s := range all {
			words[i] = s.String()
		}
		return strings.Join(words, l.Ladder.Language.Say("ladder-or"))
	default:
		return e.State.String() + "?"
	}
}

// label writes the segment with numbers relative to the ISNs.
func (l *CaptureLadder) label(s *packet.Segment, from int) string {
	seg := s.TCP
	if l.known[from] {
		seg.Seq = tcp.Seq(0).Add(l.isn[from].To(seg.Seq))
	}
	if l.known[1-from] {
		seg.Ack = tcp.Seq(0).Add(l.isn[1-from].To(seg.Ack))
	}
	seg.Flags &^= tcp.PSH | tcp.ECE | tcp.CWR
	return seg.String()
}
