package explain

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/synoptic-net/synoptic/internal/lines"
)

// Ladder is a connection as it goes on in time: two ends with their states in
// the margins, and the packets between them. It knows nothing of where it comes
// from: a simulated run, a search, or captured packets.
type Ladder struct {
	Title string
	About string // what there is to see, in a few sentences; may be ""
	Ends  [2]LadderEnd
	Rungs []Rung
	Close string // the last word under the ladder; may be ""

	Language Language // of its words
}

// LadderEnd heads a margin.
type LadderEnd struct {
	Name   string // "originator"
	Socket string // may be ""
}

// Rung is one line of a ladder. A packet that departs in one rung and arrives in
// another is the same Packet in both; what happens in between is drawn between
// them. A packet that does neither in a rung without Label is not drawn.
type Rung struct {
	At     time.Duration
	States [2]string // after the rung, in any words: "ESTABLISHED", "ESTABLISHED or CLOSE-WAIT"

	From    int    // who sends the packet: 0 left, 1 right
	Label   string // the segment; "" for a rung without a packet
	Packet  int    // joins Departs with Arrives
	Departs bool
	Arrives bool
	Lost    bool // it will not arrive, because of Why
	Why     string

	Reasons []Reason
}

// Reason says why an end does what it does in a rung.
type Reason struct {
	Side   int    // 0 left, 1 right
	Text   string // what happens, "CLOSE": may be ""
	Row    string // of the table of transitions; may be ""
	RFC    string
	Detail string // the row in words
	Note   bool   // the network or fate does it, not the end
}

// Line joins what happens, row and source: "CLOSE: established-close (RFC 9293
// 3.10.4)".
func (r *Reason) Line() string {
	line := r.Text
	if r.Row != "" {
		if line != "" {
			line += colon(line)
		}
		line += r.Row
	}
	if r.RFC != "" {
		line += " (" + r.RFC + ")"
	}
	return line
}

// colon is the sign behind a text: full-width behind Chinese.
func colon(text string) string {
	if _, size := utf8.DecodeLastRuneInString(text); size == utf8.RuneLen('，') {
		return "："
	}
	return ": "
}

// Parts is Line, with the source apart where both do not fit into the width.
func (r *Reason) Parts(width int) []string {
	line := r.Line()
	if r.RFC == "" || lines.Width(line) <= width {
		return []string{line}
	}
	before := Reason{Text: r.Text, Row: r.Row}
	return []string{before.Line(), "(" + r.RFC + ")"}
}

// StateLines breaks the states of a margin for a column of the given width:
// "ESTABLISHED or CLOSE-WAIT" before each "or", where only one of them fits.
func (l *Ladder) StateLines(states string, width int) (list []string) {
	or := l.Language.Say("ladder-or")
	for i, state := range strings.Split(states, or) {
		if i > 0 {
			state = strings.TrimLeft(or, " ") + state
		}
		if last := len(list) - 1; i > 0 && lines.Width(list[last]+" "+state) <= width {
			list[last] += " " + state
			continue
		}
		list = append(list, state)
	}
	return list
}
