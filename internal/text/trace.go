package text

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/tcp"
)

// TraceRow is one transition. Empty texts are not known.
type TraceRow struct {
	Time         time.Time
	From, To     tcp.State
	InFrom       time.Duration
	HasInFrom    bool
	Local, Peer  string
	Owner, Cause string

	// What only the wide table has.
	Reason, Source, NetNS string
	Cookie                uint64
}

// Trace prints transitions as they come. It cannot know what is still to come,
// so its columns have the width of what is usual: what is longer pushes the rest
// of its line to the right.
type Trace struct {
	out   io.Writer
	table *table
	wide  bool
	begun bool
}

// NewTrace returns a table without rows. A narrow terminal loses columns.
func NewTrace(out io.Writer, wide bool, style Style) *Trace {
	const ends = len("192.0.2.100:65535")
	t := &table{style: style, columns: []column{
		{title: style.say("head-time"), width: len("15:04:05.000000")},
		{title: style.say("head-from"), width: len("SYN-RECEIVED")},
		{title: "", width: 1},
		{title: style.say("head-to"), width: len("SYN-RECEIVED")},
		{title: style.say("head-after"), width: len("59m59s"), right: true, spare: 1},
		{title: style.say("head-local"), width: ends},
		{title: style.say("head-peer"), width: ends},
		{title: style.say("head-cause"), width: len("system-call"), spare: 2},
		{title: style.say("head-reason"), width: len("TCP_ABORT_ON_CLOSE"), gone: !wide},
		{title: style.say("head-source"), width: len("iterator"), gone: !wide},
		{title: style.say("head-netns"), width: len("4026531840"), gone: !wide},
		{title: style.say("head-cookie"), width: len("10979998"), gone: !wide},
		{title: style.say("head-owner"), width: len("nginx[12345]")},
	}}
	if wide {
		t.style.Width = 0
	}
	t.giveUp()
	return &Trace{out: out, table: t, wide: wide}
}

// Write prints one transition.
func (t *Trace) Write(r TraceRow) error {
	if err := t.begin(); err != nil {
		return err
	}
	return t.table.write(t.out, "", traceCells(r), func(i int) ansi.Style {
		switch i {
		case 0, 2:
			return dim
		case 1:
			return stateTone(r.From)
		case 3:
			return stateTone(r.To)
		}
		return plain
	})
}

// begin prints the titles, once.
func (t *Trace) begin() error {
	if t.begun {
		return nil
	}
	t.begun = true
	return t.table.write(t.out, "", t.table.titles(), func(int) ansi.Style { return dim })
}

func traceCells(r TraceRow) []string {
	after := "-"
	if r.HasInFrom {
		after = brief(r.InFrom)
	}
	return []string{
		r.Time.Local().Format("15:04:05.000000"), r.From.String(), "→", r.To.String(), after, r.Local, or(r.Peer, "-"),
		or(r.Cause, "-"), or(r.Reason, "-"), r.Source, r.NetNS, strconv.FormatUint(r.Cookie, 10), or(r.Owner, "-"),
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// brief is short for times that may be microseconds.
func brief(d time.Duration) string {
	if d < 10*time.Millisecond {
		return strconv.FormatInt(d.Microseconds(), 10) + "µs"
	}
	return short(d)
}

// TraceEnd is the line under a trace.
func TraceEnd(told, wrong uint64, took time.Duration, lost, leftOut uint64, style Style) string {
	made, events := made(told, wrong, took, style), func(n uint64) string { return style.say("trace-events", n) }
	switch {
	case lost == 0 && leftOut == 0:
		return style.say("trace-none-lost", made)
	case lost == 0:
		return style.say("trace-left-out", made, events(leftOut))
	}
	return style.say("trace-lost", made, events(lost), events(leftOut))
}

// made counts transitions and mishaps in a time.
func made(told, wrong uint64, took time.Duration, style Style) string {
	seconds := fmt.Sprintf("%.1f", took.Seconds())
	if wrong > 0 {
		return style.say("trace-made-and-wrong", told, style.say("trace-mishaps", wrong), seconds)
	}
	return style.say("trace-made", told, seconds)
}

// SummaryRow is how often a transition was made, and how long the state before
// it lasted.
type SummaryRow struct {
	tcp.Edge
	Count       uint64
	Median, P99 time.Duration
	HasTimes    bool
}

// Summary prints a table of transitions and the line under it.
func Summary(w io.Writer, rows []SummaryRow, took time.Duration, style Style) error {
	t := &table{style: style, columns: []column{
		{title: style.say("head-from")}, {}, {title: style.say("head-to")}, {title: style.say("head-count"), right: true}, {title: style.say("head-per-second"), right: true},
		{title: style.say("head-median"), right: true}, {title: style.say("head-p99"), right: true},
	}}
	t.measure(t.titles())
	var all uint64
	for _, r := range rows {
		t.measure(summaryCells(r, took))
		all += r.Count
	}
	tones := func(from, to ansi.Style) func(int) ansi.Style {
		return func(i int) ansi.Style { return []ansi.Style{from, dim, to, plain, plain, plain, plain}[i] }
	}
	if len(rows) > 0 {
		if err := t.write(w, "", t.titles(), func(int) ansi.Style { return dim }); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if err := t.write(w, "", summaryCells(r, took), tones(stateTone(r.From), stateTone(r.To))); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, made(all, 0, took, style))
	return err
}

func summaryCells(r SummaryRow, took time.Duration) []string {
	median, p99 := "-", "-"
	if r.HasTimes {
		median, p99 = brief(r.Median), brief(r.P99)
	}
	return []string{
		r.From.String(), "→", r.To.String(), strconv.FormatUint(r.Count, 10),
		strconv.FormatFloat(float64(r.Count)/max(took.Seconds(), 1e-3), 'f', 1, 64), median, p99,
	}
}
