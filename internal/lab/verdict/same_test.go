package verdict

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
)

// TestCapturesSayTheSame diagnoses each recording of a host, and the capture that
// was taken there at the same time: a difference needs a reason.
func TestCapturesSayTheSame(t *testing.T) {
	differing := map[string][]Difference{}
	same := 0
	for _, e := range index(t) {
		path := filepath.Join(recordings, e.Scenario+"."+e.At+".pcapng.gz")
		if e.Made {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("no capture of %s: %v", e.Scenario, err)
			continue
		}
		host, alone := diagnose.Diagnose(recorded(t, e.Scenario)), diagnose.Diagnose(captured(t, path))
		list := Differences(e, host, alone)
		differing[e.Scenario] = list
		for _, d := range list {
			if d.Reason == "" {
				t.Errorf("%s: %v", e.Scenario, d)
			}
		}
		for _, f := range host.Findings {
			if _, named := surestOf(alone, f.Cause); named {
				same++
			}
		}
	}
	if same < 20 {
		t.Errorf("only %d findings are the same", same)
	}
	if names := Needless(differing); len(names) > 0 {
		t.Errorf("no difference any more: %v", names)
	}
	t.Logf("%d findings of hosts are told by captures too", same)
}

func TestDifferences(t *testing.T) {
	finding := func(cause diagnose.Cause, c diagnose.Confidence) diagnose.Finding {
		return diagnose.Finding{Cause: cause, Confidence: c}
	}
	of := func(list ...diagnose.Finding) diagnose.Report { return diagnose.Report{Findings: list} }
	flood := func(c diagnose.Confidence) diagnose.Finding { return finding("syn-flood", c) }
	for name, c := range map[string]struct {
		scenario    string
		host, alone diagnose.Report
		reasons     []Reason
	}{
		"the same":            {"x", of(flood(diagnose.Certain)), of(flood(diagnose.Probable)), nil},
		"surer by packets":    {"x", of(flood(diagnose.Possible)), of(flood(diagnose.Probable)), []Reason{""}},
		"not told":            {"x", of(flood(diagnose.Certain)), of(), []Reason{""}},
		"not told, no wonder": {"x", of(flood(diagnose.Certain)), diagnose.Report{NotAssessed: []diagnose.NotAssessed{{Cause: "syn-flood"}}}, []Reason{NotJudged}},
		"possible":            {"x", of(flood(diagnose.Possible)), of(finding("unexplained", diagnose.Possible)), []Reason{LessSure, LessSure}},
		"told too much":       {"x", of(), of(flood(diagnose.Probable)), []Reason{""}},
		"a reason of its own": {"fin-behind-zero-window", of(), of(flood(diagnose.Probable)), []Reason{Both}},
	} {
		got := Differences(Expected{Scenario: c.scenario}, c.host, c.alone)
		if len(got) != len(c.reasons) {
			t.Errorf("%s: %v", name, got)
			continue
		}
		for i, want := range c.reasons {
			if got[i].Reason != want {
				t.Errorf("%s: %v", name, got[i])
			}
		}
	}
}
