package main

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard/loop"
	"github.com/synoptic-net/synoptic/internal/text"
)

// mostUnread is how many lines wait for who reads them. A terminal that was
// stopped must not stop the guard.
const mostUnread = 4096

// guardLog writes what a guard does, a line at a time, from a goroutine of its own.
type guardLog struct {
	out   io.Writer
	json  bool
	dry   bool
	lang  explain.Language
	style text.Style

	lines   chan func() error
	written chan error      // how it went, once all is written
	failed  <-chan struct{} // closed when nobody reads any more
}

func newGuardLog(cmd *cobra.Command, format string, dry bool) *guardLog {
	failed := make(chan struct{})
	g := &guardLog{
		out: cmd.OutOrStdout(), json: format == "jsonl", dry: dry, lang: documentLanguage(cmd, format), style: styleOf(cmd),
		lines: make(chan func() error, mostUnread), written: make(chan error, 1), failed: failed,
	}
	go g.writeAll(failed)
	return g
}

// writeAll writes until the first failure, and then only empties the queue.
func (g *guardLog) writeAll(failed chan<- struct{}) {
	var first error
	for line := range g.lines {
		if first != nil {
			continue
		}
		if first = line(); first != nil {
			close(failed)
		}
	}
	g.written <- first
}

// write queues a line. What nobody has read for thousands of lines is left out.
func (g *guardLog) write(value any, asText func() error) {
	line := asText
	if g.json {
		line = func() error {
			encoder := json.NewEncoder(g.out)
			encoder.SetEscapeHTML(false)
			return encoder.Encode(value)
		}
	}
	select {
	case g.lines <- line:
	default:
	}
}

func (g *guardLog) line(e explain.GuardEvent) {
	g.write(e, func() error { return text.GuardEvent(g.out, e, g.style) })
}

// close waits until all is written.
func (g *guardLog) close() error {
	close(g.lines)
	return <-g.written
}

// said is an event of the command itself.
func (g *guardLog) said(event, sentence string) {
	g.line(explain.GuardEvent{
		Schema: explain.GuardEventSchema, Time: time.Now().UTC(), Event: event, Action: "tell", DryRun: g.dry, Text: sentence,
	})
}

func (g *guardLog) begin(interf, mode string, listeners int, armed bool) {
	id := "guarding-begin"
	switch {
	case g.dry:
		id = "guarding-begin-dry"
	case armed:
		id = "guarding-begin-armed"
	}
	g.said("begin", g.lang.Say(id, interf, listeners, g.lang.Say("guarding-"+mode)))
}

func (g *guardLog) setting(name, from, to string) {
	id := "guarding-setting"
	if g.dry {
		id = "guarding-setting-needed"
	}
	g.said("setting", g.lang.Say(id, name, from, to))
}

func (g *guardLog) event(e loop.Event) {
	failure := ""
	if e.Err != nil {
		failure = strings.ReplaceAll(e.Err.Error(), "\n", "; ")
	}
	g.line(explain.GuardEventOf(e.Verdict, e.Time, g.dry, failure, g.lang))
}

// end sums up. left is how long ACKs of cookies are still taken.
func (g *guardLog) end(sum loop.Summary, left time.Duration) {
	s := explain.GuardSummary{
		Time: sum.Ended.UTC(), Seconds: sum.Ended.Sub(sum.Began).Round(time.Millisecond).Seconds(), Armings: sum.Armings, Armed: sum.Armed.Round(time.Millisecond).Seconds(),
		Ticks: sum.Ticks, LateMax: sum.Longest.Round(time.Millisecond).Seconds(), DryRun: g.dry, HandedOver: sum.HandedOver, Listeners: []explain.GuardDefended{},
	}
	for _, d := range sum.Listeners {
		c := d.Counters
		s.Listeners = append(s.Listeners, explain.GuardDefended{
			Listener: d.Address.String(), Armings: d.Armings, Answered: c.Answered, WouldAnswer: c.WouldAnswer, Accepted: c.Accepted,
			Passed: c.Passed, BadChecksum: c.BadChecksum, Dropped: c.Dropped, Forged: c.Forged,
		})
	}
	s.Finish(g.lang)
	switch {
	case sum.HandedOver:
	case left > 0:
		s.Text = g.lang.Say("guard-after", s.Text, g.lang.Say("guarding-acks", g.lang.Span(left)))
	default:
		s.Text = g.lang.Say("guard-after", s.Text, g.lang.Say("guarding-restored"))
	}
	g.write(s, func() error { return text.GuardSummary(g.out, s, g.style) })
}
