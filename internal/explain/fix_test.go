package explain

import (
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// TestPlansHaveWords: every remedy that the scenes offer has a plan in words, and
// every outcome a sentence.
func TestPlansHaveWords(t *testing.T) {
	plans := 0
	for _, scene := range scenes {
		report := diagnose.Diagnose(bundleOf(scene))
		for _, c := range remedy.Choices(&report) {
			p, err := remedy.Of(c.Finding, c.Remedy)
			if err != nil {
				continue
			}
			plans++
			words := PlanOf(p, "en")
			if words.Effect == "" || words.Cost == "" || words.Check == "" || len(words.Changes) != len(c.Remedy.Changes) {
				t.Errorf("%s: %+v", c.Name, words)
			}
			for _, change := range words.Changes {
				if change.Effect != words.Effect || change.ScopeText == "" || len(change.Commands) == 0 || change.Status != "would-change" {
					t.Errorf("%s: %+v", c.Name, change)
				}
			}
			for _, o := range []remedy.Outcome{remedy.Helped, remedy.NotYet, remedy.NoHelp, remedy.Unknown} {
				if OutcomeText(p, o, "en") == "" {
					t.Errorf("%s: no sentence for %s", c.Name, o)
				}
			}
		}
	}
	if plans < 10 {
		t.Errorf("only %d plans", plans)
	}
}

// TestFixesAreNamed: what a finding tells --fix means this remedy.
func TestFixesAreNamed(t *testing.T) {
	named := 0
	for _, scene := range scenes {
		report := diagnose.Diagnose(bundleOf(scene))
		for _, f := range Document(report, "en").Findings {
			for _, r := range f.Remedies {
				if r.Fix == "" {
					continue
				}
				named++
				if meant := remedy.Choose(&report, r.Fix); len(meant) != 1 || meant[0].Remedy.ID != r.ID {
					t.Errorf("%s means %d remedies", r.Fix, len(meant))
				}
				if r.Scope == "" || !strings.Contains(r.Fix, r.ID) {
					t.Errorf("%+v", r)
				}
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d are named", named)
	}
}
