package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// captureNotes says of packets that are captured what they did to their
// connection, and of the capture what causes it shows. Its memory is bounded:
// connections beyond that are captured without a word.
type captureNotes struct {
	l       explain.Language
	words   noteWords
	tracker *track.Tracker
	decoder packet.Decoder
	segment packet.Segment
	whole   bool // of each connection all packets are captured
	note    []byte
	due     int64           // when the causes are looked for next, by the packets' time
	told    map[string]bool // findings that were told
	causes  []string        // what was found, in the order in which it was
	fresh   []string        // of that, what no packet tells yet

	second  int64 // of the packets' time, and how many came in it
	packets int
	over    bool // there were too many
}

const (
	notesMemory = 16 << 20
	judgedEvery = int64(2 * time.Second)
	mostNoted   = 50_000 // packets a second: the host is spared what more would cost
	mostCauses  = 64     // a capture that shows more than that is read with --diagnose
)

// newCaptureNotes is told whether all packets of a connection are captured: else
// what is missing means nothing, and states are all there is to be told.
func newCaptureNotes(whole bool, l explain.Language) *captureNotes {
	n := &captureNotes{l: l, words: newNoteWords(l), whole: whole, told: map[string]bool{}}
	n.tracker = track.New(track.Config{Memory: notesMemory, Efforts: true, Seed: randomSeed(), Watch: n.watch})
	return n
}

// of returns what there is to be said of a packet, nil for nothing. It is valid
// until the next call.
func (n *captureNotes) of(f *packet.Frame) []byte {
	if n.over || n.tooMany(f.Time) {
		return nil
	}
	n.note = n.note[:0]
	if n.decoder.Decode(f, &n.segment) == packet.IsSegment {
		n.tracker.Add(&n.segment)
		n.tracker.Flush()
	}
	if n.due == 0 {
		n.due = f.Time + judgedEvery
	}
	if n.whole && f.Time >= n.due {
		n.judge()
		n.due = f.Time + judgedEvery
	}
	for _, cause := range n.fresh {
		n.line(cause)
	}
	n.fresh = n.fresh[:0]
	if len(n.note) == 0 {
		return nil
	}
	return n.note
}

// tooMany ends the comments for good where packets come faster than they can be
// followed at little cost: with some left out, states would not be true.
func (n *captureNotes) tooMany(now int64) bool {
	if second := now / int64(time.Second); second != n.second {
		n.second, n.packets = second, 0
	}
	n.packets++
	n.over = n.packets > mostNoted
	return n.over
}

func (n *captureNotes) line(text string) {
	if len(n.note) > 0 {
		n.note = append(n.note, '\n')
	}
	n.note = append(n.note, "synoptic: "...)
	n.note = append(n.note, text...)
}

// watch is told by the tracker what the packet at hand did.
func (n *captureNotes) watch(e *track.Event) {
	odd := e.Anomalies
	if !n.whole {
		odd = 0
	}
	if !e.Changed() && odd == 0 {
		return
	}
	w := &n.words
	n.line(w.connection[0])
	n.note = append(strconv.AppendUint(n.note, e.Connection, 10), w.connection[1]...)
	n.note = append(w.appendMoved(n.note, e.From[0], e.To[0]), w.connection[2]...)
	n.note = w.appendMoved(n.note, e.From[1], e.To[1])
	if odd != 0 {
		n.note = append(append(n.note, w.odd...), strings.ReplaceAll(odd.String(), ",", w.and)...)
	}
}

// noteWords are the words of the comments, found once: packets are many.
type noteWords struct {
	connection               []string // what stands around a number and two states
	moved, notSeen, odd, and string
}

func newNoteWords(l explain.Language) noteWords {
	around := strings.Split(l.Say("comment-connection", argumentMark, argumentMark, argumentMark), argumentMark)
	return noteWords{around, l.Say("comment-moved"), l.Say("read-not-heard"), l.Say("semicolon"), l.Say("and-list")}
}

// argumentMark stands for an argument where a text is cut.
const argumentMark = "\x00"

// appendMoved appends "ESTABLISHED", "ESTABLISHED to CLOSE-WAIT", or "not heard".
func (w *noteWords) appendMoved(b []byte, from, to tcp.State) []byte {
	switch {
	case to == tcp.Unknown:
		return append(b, w.notSeen...)
	case from != to && from != tcp.Unknown:
		b = append(append(b, from.String()...), w.moved...)
	}
	return append(b, to.String()...)
}

// judge looks for causes that were not told yet.
func (n *captureNotes) judge() {
	document := explain.Document(diagnose.Diagnose(evidence.OfCaptures(n.tracker)), n.l)
	for i := range document.Findings {
		f := &document.Findings[i]
		key := strings.Join([]string{f.Cause, f.Subject.Local, f.Subject.Peer, f.Subject.Path}, " ")
		if n.told[key] || len(n.told) == mostCauses {
			continue
		}
		n.told[key] = true
		severity := strings.ToLower(n.l.Say("severity-" + f.Severity))
		text := n.l.Say("comment-finding", f.Cause, severity, n.l.Say("confidence-"+f.Confidence), f.Summary)
		n.causes, n.fresh = append(n.causes, text), append(n.fresh, text)
	}
}

// end looks for causes a last time: what came since the last look may show one.
func (n *captureNotes) end() {
	switch {
	case n == nil:
	case n.over:
		n.causes = append(n.causes, n.l.Say("comment-end", mostNoted))
	case n.whole:
		n.judge()
	}
}

// found returns the causes that the capture shows so far.
func (n *captureNotes) found() []string {
	if n == nil {
		return nil
	}
	return n.causes
}
