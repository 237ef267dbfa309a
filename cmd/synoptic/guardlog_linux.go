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

// guardLog writes what a guard does, a line at a time. Who reads it gets each line
// at once.
type guardLog struct {
	out    io.Writer
	json   bool
	dry    bool
	lang   explain.Language
	style  text.Style
	failed error // of the first line that could not be written
}

func newGuardLog(cmd *cobra.Command, format string, dry bool) *guardLog {
	return &guardLog{out: cmd.OutOrStdout(), json: format == "jsonl", dry: dry, lang: documentLanguage(cmd, format), style: styleOf(cmd)}
}

func (g *guardLog) write(value any, asText func() error) error {
	if g.failed != nil {
		return g.failed
	}
	if g.json {
		encoder := json.NewEncoder(g.out)
		encoder.SetEscapeHTML(false)
		g.failed = encoder.Encode(value)
	} else {
		g.failed = asText()
	}
	return g.failed
}

func (g *guardLog) line(e explain.GuardEvent) error {
	return g.write(e, func() error { return text.GuardEvent(g.out, e, g.style) })
}

// said is an event of the command itself.
func (g *guardLog) said(event, sentence string) error {
	return g.line(explain.GuardEvent{
		Schema: explain.GuardEventSchema, Time: time.Now().UTC(), Event: event, Action: "tell", DryRun: g.dry, Text: sentence,
	})
}

func (g *guardLog) begin(interf, mode string, listeners int, armed bool) error {
	id := "guarding-begin"
	switch {
	case g.dry:
		id = "guarding-begin-dry"
	case armed:
		id = "guarding-begin-armed"
	}
	return g.said("begin", g.lang.Say(id, interf, listeners, g.lang.Say("guarding-"+mode)))
}

func (g *guardLog) setting(name, from, to string) error {
	id := "guarding-setting"
	if g.dry {
		id = "guarding-setting-needed"
	}
	return g.said("setting", g.lang.Say(id, name, from, to))
}

func (g *guardLog) event(e loop.Event) error {
	failure := ""
	if e.Err != nil {
		failure = strings.ReplaceAll(e.Err.Error(), "\n", "; ")
	}
	return g.line(explain.GuardEventOf(e.Verdict, e.Time, g.dry, failure, g.lang))
}

// end sums up. left is how long ACKs of cookies are still taken.
func (g *guardLog) end(sum loop.Summary, left time.Duration) error {
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
	return g.write(s, func() error { return text.GuardSummary(g.out, s, g.style) })
}
