package guard

import (
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// Name is what the journals of the guard call it, in the place of a remedy.
const Name = "guard"

// Ladder is what the guard makes of a diagnosis.
type Ladder struct {
	Plan    remedy.Plan        // without changes where nothing is to be done, or it refuses
	Flood   *diagnose.Finding  // the flood, nil when none was found
	Through *diagnose.Finding  // one on its way to another host, nil when none was found
	Instead *diagnose.Finding  // what is taken for a flood and is none: the guard refuses because of it
	Unseen  string             // the source without which it does not act, "" when it saw enough
	Hints   []diagnose.Message // what a person may do about it besides
}

// Refuses tells whether nothing may be done.
func (l *Ladder) Refuses() bool { return l.Instead != nil || l.Unseen != "" }

// floods are the causes against which there is a defence.
var floods = []diagnose.Cause{"syn-flood", "syn-flood-from-prefix"}

// alike are the causes that fill the queues of a listener, or leave connections
// half-open, as a flood does. No defence against a flood ends any of them.
var alike = []diagnose.Cause{
	"accept-stalled", "accept-backlog-too-small", "closed-before-accept",
	"synack-blocked-here", "synack-lost-on-path", "asymmetric-return", "no-return-route", "return-path-filtered", "ack-lost",
	"handshake-withheld", "deferred-accept", "syn-queue-too-small",
}

// needed are the sources without which a flood cannot be told from a quiet host.
var needed = []string{evidence.SourceSockets, evidence.SourceCounters, evidence.SourceSettings}

// Plan goes up the ladder as far as a diagnosis of this host calls for. It reads
// and changes nothing.
func Plan(report *diagnose.Report) Ladder {
	l := Ladder{Plan: remedy.Plan{Remedy: Name}}
	for _, source := range needed {
		if !report.Bundle.Has(source) {
			l.Unseen = source
			return l
		}
	}
	if l.Flood, l.Instead = judge(report.Findings); l.Instead != nil {
		return l
	}
	settings := report.Bundle.Settings
	if l.Through = through(report.Bundle); l.Through != nil {
		l.Hints = append(l.Hints, diagnose.Say("guard-hint-router", l.Through.Subject.Local))
	}
	if l.Flood == nil {
		l.Plan.Changes = preventive(settings)
		return l
	}
	l.Plan.Cause, l.Plan.State, l.Plan.Subject = l.Flood.Cause, l.Flood.State, l.Flood.Subject
	l.Plan.Changes = underFlood(report, l.Flood)
	l.Hints = append(l.Hints, hints(report.Bundle, l.Flood)...)
	return l
}

// judge finds the flood, or else what looks like one. A flood on a listener whose
// program accepts nothing is not what keeps its clients out.
func judge(findings []diagnose.Finding) (flood, instead *diagnose.Finding) {
	for i := range findings {
		f := &findings[i]
		switch {
		case slices.Contains(alike, f.Cause):
			if instead == nil {
				instead = f
			}
		case slices.Contains(floods, f.Cause) && !stalledAt(findings, f.Subject.Local):
			if flood == nil {
				flood = f
			}
		}
	}
	if flood != nil {
		return flood, nil
	}
	return nil, instead
}

func stalledAt(findings []diagnose.Finding, local string) bool {
	return local != "" && slices.ContainsFunc(findings, func(f diagnose.Finding) bool {
		return f.Cause == "accept-stalled" && f.Subject.Local == local
	})
}

// hints name the flooded listeners whose programs asked for a short queue: only
// they can ask for a longer one.
func hints(b *evidence.Bundle, flood *diagnose.Finding) (list []diagnose.Message) {
	if now, _ := number(b.Settings, cookies); now == always {
		return nil // no queue is waited in
	}
	for _, s := range listeners(b) {
		if s.Local.String() == flood.Subject.Local && s.SendQueue < roomy {
			list = append(list, diagnose.Say("guard-hint-backlog", s.Local.String(), int(s.SendQueue)))
		}
	}
	return list
}
