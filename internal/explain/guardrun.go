package explain

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

// The names of what "synoptic guard run" prints.
const (
	GuardEventSchema   = "synoptic.guard-event/v1"
	GuardSummarySchema = "synoptic.guard-summary/v1"
)

// GuardEvent is a line of "synoptic guard run".
type GuardEvent struct {
	Schema   string      `json:"schema"`
	Time     time.Time   `json:"time"`
	Event    string      `json:"event"`  // "begin", or a reason: "queue-full", "flood", "over" ...
	Action   string      `json:"action"` // "tell", "shadow", "arm", "disarm"
	Listener string      `json:"listener,omitempty"`
	DryRun   bool        `json:"dry_run,omitempty"`
	Facts    *GuardFacts `json:"facts,omitempty"` // of what the kernel and the guard counted
	Error    string      `json:"error,omitempty"`
	Text     string      `json:"text"`
}

// GuardFacts are what an event rests on. They count segments in the window.
type GuardFacts struct {
	Window    float64 `json:"window_seconds"`
	Asked     uint64  `json:"syns_asked"` // that were answered, or would be
	Came      uint64  `json:"syns_came"`  // of these, those that became connections
	Share     float64 `json:"completion"` // 0 to 1
	MetFull   uint64  `json:"syns_met_full_queue"`
	Overflows uint64  `json:"met_full_accept_queue"`
	Passed    uint64  `json:"syns_passed"`
	Damaged   uint64  `json:"syns_damaged"`
	Refused   uint64  `json:"acks_refused"`
	Forged    uint64  `json:"acks_forged"`
	Half      int     `json:"half_open"`
	Limit     int     `json:"limit"`
	Waiting   int     `json:"accept_queue"`
	Sources   int     `json:"sources"`
	Networks  int     `json:"networks"`
	Hold      float64 `json:"hold_seconds"`
}

// GuardEventOf puts a verdict into the words of a language. failure is what went
// wrong besides, or "".
func GuardEventOf(v detect.Verdict, at time.Time, dry bool, failure string, lang Language) GuardEvent {
	f := &v.Facts
	e := GuardEvent{
		Schema: GuardEventSchema, Time: at.UTC(), Event: string(v.Why), Action: string(v.Do), DryRun: dry, Error: failure,
		Facts: &GuardFacts{
			Window: seconds(f.Over), Asked: f.Asked, Came: f.Came, Share: round(f.Share()), MetFull: f.MetFull, Overflows: f.Overflows,
			Passed: f.Passed, Damaged: f.Damaged, Refused: f.Refused, Forged: f.Forged,
			Half: f.Queue.Half, Limit: f.Queue.Limit, Waiting: f.Queue.Waiting, Sources: f.Queue.Sources, Networks: f.Queue.Networks, Hold: f.Hold.Seconds(),
		},
	}
	if v.Listener.IsValid() {
		e.Listener = v.Listener.String()
	}
	e.Text = guardSentence(v, dry, failure, lang)
	return e
}

// round keeps four digits of a share.
func round(share float64) float64 { return float64(int(share*10_000+0.5)) / 10_000 }

// guardSentence says what happened, and why.
func guardSentence(v detect.Verdict, dry bool, failure string, l Language) string {
	f, q := &v.Facts, &v.Facts.Queue
	failure = l.Phrase(failure)
	say := func(args ...any) string { return l.Say("guarding-"+string(v.Why), args...) }
	switch v.Why {
	case detect.QueueFull:
		return say(f.MetFull, q.Half, q.Limit, q.Sources, q.Networks)
	case detect.Flood:
		if dry {
			return l.Say("guarding-flood-dry", f.Came, f.Asked, l.Span(f.Hold))
		}
		return say(f.Came, f.Asked, l.Span(f.Hold))
	case detect.Crowd:
		return say(f.Came, f.Asked)
	case detect.AcceptFull:
		return say(q.Waiting, q.Limit)
	case detect.Elsewhere:
		if v.Listener.IsValid() {
			return l.Say("guarding-elsewhere-way")
		}
		return say(f.MetFull)
	case detect.Verified, detect.CrowdNow:
		return say(f.Came, f.Asked, l.Span(f.Hold))
	case detect.StillFull:
		return say(f.Came, f.Asked, f.Passed)
	case detect.Over:
		if dry {
			return l.Say("guarding-over-dry", l.Span(f.Hold), f.Came, f.Asked)
		}
		return say(l.Span(f.Hold), f.Came, f.Asked)
	case detect.Checksums:
		if v.Do == detect.Tell {
			return l.Say("guarding-checksums-open", f.Damaged)
		}
		return say(f.Damaged, f.Asked)
	case detect.Refused:
		return say(f.Refused)
	case detect.OthersACKs:
		return say(f.Forged, f.Asked)
	case detect.Nobody:
		return say(f.Asked, l.Span(f.Over))
	case detect.Continues:
		return say(l.Span(f.Hold))
	case detect.CannotArm, detect.CannotWatch, detect.Blind, detect.NoBeat:
		return say(failure)
	}
	return say()
}

// Span is a time in words, to the second where it is short.
func (l Language) Span(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return l.Say("span-seconds", fmt.Sprint(float64(d.Round(100*time.Millisecond))/float64(time.Second)))
	case d < 2*time.Minute:
		return l.Say("span-seconds", fmt.Sprintf("%.0f", d.Seconds()))
	case d < 2*time.Hour:
		return l.Say("span-minutes", fmt.Sprintf("%.0f", d.Minutes()))
	}
	return l.Say("span-hours", fmt.Sprintf("%.0f", d.Hours()))
}

// GuardSummary is the last line of "synoptic guard run".
type GuardSummary struct {
	Schema     string          `json:"schema"`
	Event      string          `json:"event"` // "summary"
	Time       time.Time       `json:"time"`
	Seconds    float64         `json:"seconds"`
	Armings    int             `json:"armings"`
	Armed      float64         `json:"armed_seconds"`
	Ticks      int             `json:"ticks"`
	LateMax    float64         `json:"longest_delay_seconds"` // by which a look at the counters came too late
	DryRun     bool            `json:"dry_run,omitempty"`
	HandedOver bool            `json:"handed_over,omitempty"`
	Listeners  []GuardDefended `json:"listeners"`
	Text       string          `json:"text"`
}

// GuardDefended is what became of one listener in a run. It counts segments.
type GuardDefended struct {
	Listener    string `json:"listener"`
	Armings     int    `json:"armings"`
	Answered    uint64 `json:"syns_answered"`
	WouldAnswer uint64 `json:"syns_would_answer"`
	Accepted    uint64 `json:"connections"`
	Passed      uint64 `json:"syns_passed"`
	BadChecksum uint64 `json:"syns_damaged"`
	Dropped     uint64 `json:"syns_dropped"`
	Forged      uint64 `json:"acks_forged"`
	Text        string `json:"text"`
}

// Finish adds names and words.
func (s *GuardSummary) Finish(l Language) {
	s.Schema, s.Event = GuardSummarySchema, "summary"
	ran := l.Span(time.Duration(s.Seconds * float64(time.Second)))
	armed := l.Span(time.Duration(s.Armed * float64(time.Second)))
	switch {
	case s.HandedOver:
		s.Text = l.Say("guarding-handed-over", ran)
	case s.Armings == 0 && s.Armed > 0:
		s.Text = l.Say("guarding-summary-adopted", ran, armed)
	case s.Armings == 0:
		s.Text = l.Say("guarding-nothing", ran)
	case s.DryRun:
		s.Text = l.Say("guarding-summary-dry", s.Armings, ran, armed)
	default:
		s.Text = l.Say("guarding-summary", s.Armings, ran, armed)
	}
	for i := range s.Listeners {
		d := &s.Listeners[i]
		if s.DryRun {
			d.Text = l.Say("guarding-would-answer", d.WouldAnswer)
			continue
		}
		d.Text = l.Say("guarding-answered", d.Answered, d.Accepted, d.Passed, d.BadChecksum, d.Forged)
	}
}
