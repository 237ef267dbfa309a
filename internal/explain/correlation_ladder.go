package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track/correlate"
)

// DoubleLadder is a connection seen at two points: originator, the point nearer to
// it, the point nearer to the responder, responder.
type DoubleLadder struct {
	Title  string
	About  []string // what there is to know first, a line each
	Heads  [4]string
	Socket [4]string
	Rungs  []DoubleRung
	Close  string // may be ""

	Language Language // of its words
}

// The columns of a DoubleLadder.
const (
	columnOriginator = iota
	columnLeft
	columnRight
	columnResponder
)

// Reach is how far a segment is known to have come at a point.
type Reach uint8

// The reaches.
const (
	Passed   Reach = iota // the capture has it
	Believed              // the capture lacks it, but it passed
	Nowhere               // it did not pass
	Doubtful              // not known
)

// DoubleRung is one segment.
type DoubleRung struct {
	At     time.Duration // since the first one, by the clock of A
	From   int           // 0 from the originator, 1 from the responder
	Label  string
	Points [2]Reach // the left and the right point
	Notes  []string
	Bad    bool // it vanished, or was made in between
}

// NewDoubleLadder draws a pair.
func NewDoubleLadder(number int, r *correlate.Report, p *correlate.Pair, l Language) DoubleLadder {
	left, w := p.Nearer, correlationTexts.in(l)
	out := DoubleLadder{
		Title: fmt.Sprintf(w.Title, number), Heads: [4]string{sideWord(0, l), left.String(), left.Other().String(), sideWord(1, l)},
		Language: l,
	}
	if !p.Joined {
		at := correlate.A
		if len(p.Tuples[at]) == 0 {
			at = correlate.B
		}
		out.Title = fmt.Sprintf(w.Unjoined, number, at)
	}
	out.Socket = ladderSockets(p, left)
	only := func(q *correlate.Pair) bool { return q == p }
	for _, f := range r.Findings(only) {
		out.About = append(out.About, l.tidy(correlationText(&f, l)))
	}
	var told told
	for i := range p.Passages {
		if i >= mostRungs {
			out.Close = fmt.Sprintf(w.Left, len(p.Passages)-i)
			break
		}
		rung := doubleRung(r, p, i, left, l)
		told.once(&p.Passages[i], &rung)
		out.Rungs = append(out.Rungs, rung)
	}
	return out
}

// ladderSockets names the originator as its own point knows it, and so the
// responder; the points name what they see of the other side.
func ladderSockets(p *correlate.Pair, left correlate.Point) (out [4]string) {
	right := left.Other()
	for column, at := range [4]correlate.Point{left, left, right, right} {
		if len(p.Tuples[at]) == 0 {
			at = at.Other()
		}
		end := 0
		if column == columnLeft || column == columnResponder {
			end = 1
		}
		out[column] = tupleEnd(p.Tuples[at][0], end).String()
	}
	return out
}

// told remembers which changes were noted in each direction: what is done to every
// segment is noted at the first.
type told [2]correlate.Changes

const constant = correlate.Addresses | correlate.Ports | correlate.Numbers | correlate.Identification

func (t *told) once(x *correlate.Passage, r *DoubleRung) {
	if x.Changes&^constant == 0 && x.Changes != 0 && t[r.From]&x.Changes == x.Changes && x.Why == correlate.Seen {
		r.Notes = nil
	}
	t[r.From] |= x.Changes
}

func doubleRung(r *correlate.Report, p *correlate.Pair, i int, left correlate.Point, l Language) DoubleRung {
	x := &p.Passages[i]
	out := DoubleRung{At: r.Begins(x).Sub(r.Begins(&p.Passages[0])), Label: passageLabel(r, p, x)}
	if !x.FromOriginator {
		out.From = 1
	}
	for column, at := range [2]correlate.Point{left, left.Other()} {
		switch {
		case x.Seen[at] != 0:
			out.Points[column] = Passed
		case x.Verdict == correlate.Arrived:
			out.Points[column] = Believed
		case x.Verdict == correlate.Unknown:
			out.Points[column] = Doubtful
		case x.Changes.Has(correlate.Length):
			out.Points[column] = Passed // in other pieces
		default:
			out.Points[column] = Nowhere
		}
	}
	if x.Lacks > 0 && x.Parts > 0 {
		out.Points[0], out.Points[1] = Passed, Passed
	}
	out.Bad = x.Verdict == correlate.Vanished || x.Verdict == correlate.Made
	out.Notes = passageNotes(r, p, x, l)
	return out
}

// passageNotes says what happened to a segment.
func passageNotes(r *correlate.Report, p *correlate.Pair, x *correlate.Passage, l Language) (notes []string) {
	w := correlationTexts.in(l)
	if x.Lacks > 0 && x.Parts > 0 {
		return []string{fmt.Sprintf(w.Lacks, x.Lacks)}
	}
	if x.Why != correlate.Seen && x.Why != correlate.Absent { // the picture shows that one
		notes = append(notes, w.Notes[x.Why])
	}
	if x.Changes.Has(correlate.Length) && x.Parts > 0 {
		notes = append(notes, fmt.Sprintf(w.Parts, x.Parts))
	}
	return append(notes, changeNotes(r, p, x, l)...)
}

// changeNotes names what was changed of a segment, with values in the direction in
// which it went. Sockets are in the head of a ladder, numbers relative.
func changeNotes(r *correlate.Report, p *correlate.Pair, x *correlate.Passage, lang Language) (notes []string) {
	d := 0
	if !x.FromOriginator {
		d = 1
	}
	from, to := p.Direction(d)
	k, l := r.Kept(from, x.Seen[from]), r.Kept(to, x.Seen[to])
	if k == nil || l == nil {
		return nil
	}
	var names []string
	for _, change := range correlate.ChangeList() {
		if !x.Changes.Has(change) || change == correlate.Length {
			continue
		}
		name := strings.ReplaceAll(change.String(), "-", " ")
		switch {
		case change == correlate.MSS && l.MSS != 0 && k.MSS != 0:
			name = lang.Say("ladder-mss", strconv.Itoa(int(k.MSS)), strconv.Itoa(int(l.MSS)))
		case change == correlate.Window:
			name = lang.Say("ladder-window", strconv.Itoa(int(k.Window)), strconv.Itoa(int(l.Window)))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	return []string{lang.Say("ladder-changed", strings.Join(names, ", "))}
}

// passageLabel writes a segment with numbers relative to the first of its
// connection, as the point nearer to its sender saw it.
func passageLabel(r *correlate.Report, p *correlate.Pair, x *correlate.Passage) string {
	d := 0
	if !x.FromOriginator {
		d = 1
	}
	at, _ := p.Direction(d)
	k := r.Kept(at, x.Seen[at])
	if k == nil {
		at = at.Other()
		k = r.Kept(at, x.Seen[at])
	}
	seg := k.Segment()
	seg.Seq = tcp.Seq(0).Add(p.First[d][at].To(seg.Seq))
	if seg.Flags.Has(tcp.ACK) {
		seg.Ack = tcp.Seq(0).Add(p.First[1-d][at].To(seg.Ack))
	}
	seg.Flags &^= tcp.PSH | tcp.ECE | tcp.CWR
	return seg.String()
}

// Trouble tells whether something of a connection vanished, was made in between,
// or cannot be told because a capture misses packets.
func (c *CorrelatedConnected) Trouble() bool {
	return slices.ContainsFunc([]Outcomes{c.ToA, c.ToB}, func(o Outcomes) bool { return o.Vanished > 0 || o.Made > 0 })
}
