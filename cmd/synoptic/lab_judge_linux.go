package main

import (
	"fmt"
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/tcp"
)

// judgement is what a diagnosis of a scenario is worth.
type judgement struct {
	found    []string // causes, in the order of the report
	deferred []string // expected causes that this version cannot settle, and says so
	failures []string // what is wrong, one line each
}

func (j *judgement) pass() bool { return len(j.failures) == 0 }

func (j *judgement) fail(format string, args ...any) {
	j.failures = append(j.failures, fmt.Sprintf(format, args...))
}

// judge compares a report with what the scenario expects. An expected cause must
// be named, or stand under not_assessed; nothing else may be named with any
// conviction.
func judge(s scenario.Scenario, report diagnose.Report) judgement {
	var j judgement
	for _, f := range report.Findings {
		j.found = append(j.found, string(f.Cause))
	}
	for _, want := range s.Expects {
		j.expect(want, report)
	}
	for _, f := range report.Findings {
		j.uninvited(s, f)
	}
	return j
}

func (j *judgement) expect(want scenario.Expectation, report diagnose.Report) {
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
		j.fail("%s counts %d, at least %d are there", cause, count, want.AtLeast)
	case len(named) > 0:
		j.compare(want, named[0])
	case notAssessed(report, cause):
		j.deferred = append(j.deferred, want.Cause)
	default:
		j.fail("%s is not named", cause)
	}
}

func (j *judgement) compare(want scenario.Expectation, f diagnose.Finding) {
	switch {
	case f.Confidence == diagnose.Possible && !want.Unsure:
		j.fail("%s is no more than possible", f.Cause)
	case want.State != tcp.Unknown && f.State != want.State:
		j.fail("%s is said of %v and not of %v", f.Cause, f.State, want.State)
	case want.Program != "" && f.Subject.Name != want.Program:
		j.fail("%s names the program %q and not %q", f.Cause, f.Subject.Name, want.Program)
	case want.Benign && f.Severity > diagnose.Notice:
		j.fail("%s is benign and called %v", f.Cause, f.Severity)
	}
}

// uninvited looks at a finding that the scenario does not expect. What a person
// would act on is wrong, unless it is said to be no more than possible beside a
// cause that cannot be settled yet.
func (j *judgement) uninvited(s scenario.Scenario, f diagnose.Finding) {
	if slices.Contains(s.Causes(), string(f.Cause)) || slices.Contains(s.Beside, string(f.Cause)) || f.Severity <= diagnose.Notice {
		return
	}
	if len(j.deferred) > 0 && (f.Confidence == diagnose.Possible || f.Cause == "unexplained") {
		return
	}
	j.fail("%s is named (%v, %v), which is not so", f.Cause, f.Severity, f.Confidence)
}

func notAssessed(report diagnose.Report, cause diagnose.Cause) bool {
	return slices.ContainsFunc(report.NotAssessed, func(n diagnose.NotAssessed) bool { return n.Cause == cause })
}
