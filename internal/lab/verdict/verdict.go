// Package verdict compares a diagnosis with what is known: the causes that a
// scenario of the lab was built to show, live or recorded.
package verdict

import (
	"fmt"
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// Expectation is a cause that must be named.
type Expectation struct {
	Cause   string    `json:"cause"`
	State   tcp.State `json:"state,omitzero"`     // tcp.Unknown when it leaves no sockets at this host
	AtLeast int       `json:"at_least,omitempty"` // sockets, or events
	Program string    `json:"program,omitempty"`  // that the finding must name; "" when none is to be named
	Benign  bool      `json:"benign,omitempty"`   // it may not be more than a notice
	Unsure  bool      `json:"unsure,omitempty"`   // the evidence settles no more than that it is possible
	Because string    `json:"because,omitempty"`  // the cause that it must follow from, its own if all but one must; "" when nobody asks
}

// Expected is all that a scenario expects.
type Expected struct {
	Scenario string        `json:"scenario"`
	At       string        `json:"at,omitempty"` // the host that is diagnosed; "" for evidence written by hand
	Expects  []Expectation `json:"expects"`
	Made     bool          `json:"made,omitempty"`   // the evidence is written by hand: no namespace can show it
	Beside   []string      `json:"beside,omitempty"` // causes that may also be named: true of it, and not its point
}

// Verdict is what a diagnosis is worth.
type Verdict struct {
	Found    []string // causes, in the order of the report
	Deferred []string // expected causes that cannot be settled with the rights at hand, which is said
	Failures []string // what is wrong, one line each
}

// Pass tells whether nothing is wrong.
func (v *Verdict) Pass() bool { return len(v.Failures) == 0 }

func (v *Verdict) fail(format string, args ...any) {
	v.Failures = append(v.Failures, fmt.Sprintf(format, args...))
}

// Of compares a report with what is expected. An expected cause must be named,
// or stand under not_assessed; nothing else may be named with any conviction.
func Of(e Expected, report diagnose.Report) Verdict {
	var v Verdict
	for _, f := range report.Findings {
		v.Found = append(v.Found, string(f.Cause))
	}
	for _, want := range e.Expects {
		v.expect(want, report)
	}
	for _, f := range report.Findings {
		v.uninvited(e, f)
	}
	return v
}

func (v *Verdict) expect(want Expectation, report diagnose.Report) {
	cause := diagnose.Cause(want.Cause)
	var named []diagnose.Finding // one for each subject
	count := 0
	for _, f := range report.Findings {
		if f.Cause == cause {
			named = append(named, f)
			count += f.Count
		}
	}
	switch {
	case len(named) > 0 && count < want.AtLeast:
		v.fail("%s counts %d, at least %d are there", cause, count, want.AtLeast)
	case len(named) > 0:
		roots := 0
		for _, f := range named {
			v.compare(want, f)
			if f.BecauseOf == "" {
				roots++
			}
		}
		if want.Because == want.Cause && roots != 1 {
			v.fail("%s is told %d times, and is one fault", cause, roots)
		}
	case notAssessed(report, cause) && unheard(report, cause):
		v.Deferred = append(v.Deferred, want.Cause)
	default:
		v.fail("%s is not named", cause)
	}
}

func (v *Verdict) compare(want Expectation, f diagnose.Finding) {
	switch {
	case f.Confidence == diagnose.Possible && !want.Unsure:
		v.fail("%s is no more than possible", f.Cause)
	case want.State != tcp.Unknown && f.State != want.State:
		v.fail("%s is said of %v and not of %v", f.Cause, f.State, want.State)
	case want.Program != "" && f.Subject.Name != want.Program:
		v.fail("%s names the program %q and not %q", f.Cause, f.Subject.Name, want.Program)
	case want.Because != "" && want.Because != want.Cause && string(f.BecauseOf) != want.Because:
		v.fail("%s is said to follow from %q and not from %s", f.Cause, f.BecauseOf, want.Because)
	case want.Benign && f.Severity > diagnose.Notice:
		v.fail("%s is benign and called %v", f.Cause, f.Severity)
	}
}

// uninvited looks at a finding that nobody expects. What a person would act on
// is wrong. Beside a cause that cannot be settled yet a rival may be named, as
// no more than possible.
func (v *Verdict) uninvited(e Expected, f diagnose.Finding) {
	invited := func(want Expectation) bool { return want.Cause == string(f.Cause) }
	switch {
	case f.Severity == diagnose.Info, slices.ContainsFunc(e.Expects, invited), slices.Contains(e.Beside, string(f.Cause)):
		return
	case len(v.Deferred) > 0 && f.Confidence == diagnose.Possible, len(v.Deferred) == 0 && f.Severity == diagnose.Notice:
		return
	}
	v.fail("%s is named (%v, %v), which is not so", f.Cause, f.Severity, f.Confidence)
}

// unheard tells whether the cause needs a source that takes a right, and the
// bundle does not have it. Whatever else a rule needs, the lab has.
func unheard(report diagnose.Report, cause diagnose.Cause) bool {
	return slices.ContainsFunc(diagnose.Catalogue(), func(row diagnose.Row) bool {
		return row.Cause == cause && slices.ContainsFunc(row.Needs, func(source string) bool {
			takesRight := source == evidence.SourcePackets || source == evidence.SourceConntrack
			return takesRight && (report.Bundle == nil || !report.Bundle.Has(source))
		})
	})
}

func notAssessed(report diagnose.Report, cause diagnose.Cause) bool {
	return slices.ContainsFunc(report.NotAssessed, func(n diagnose.NotAssessed) bool { return n.Cause == cause })
}
