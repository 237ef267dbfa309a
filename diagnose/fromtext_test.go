package diagnose

import (
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// pasted makes the scene one of text: one look and no other source.
func (s *scene) pasted() *evidence.Bundle {
	b := s.oneLook()
	b.Text = &evidence.Text{Tool: "netstat linux", Counts: b.Snapshots[0].Count()}
	return b
}

// A text says where sockets pile up, and never why.
func TestPilesOfText(t *testing.T) {
	s := quietHost()
	s.flood(129)
	s.leaked(8)
	s.stays(tcp.Established, "192.0.2.1:80", client(1))
	report := Diagnose(s.pasted())
	if len(report.Findings) != 2 {
		t.Fatalf("%s", causesOf(report))
	}
	for _, f := range report.Findings {
		if f.Cause != "unexplained" || f.Confidence != Possible || f.Severity != Notice {
			t.Errorf("%+v", f)
		}
	}
	flood := report.Findings[0]
	if flood.State != tcp.SynReceived || flood.Count != 129 || !has(flood.Open, "syn-flood") || !has(flood.Open, "deferred-accept") || len(flood.Evidence) != 3 {
		t.Errorf("%+v", flood)
	}
	if check := flood.Evidence[1].Recheck; check != "ss -tnpo state syn-recv '( sport = :80 )'" {
		t.Errorf("ss does not know the words of %q", check)
	}
	if !needs(report, "syn-flood", needsKernel) || !needs(report, "app-not-closing", needsKernel) {
		t.Error("what a text cannot settle is listed")
	}
}

func TestTextThatOnlyCounts(t *testing.T) {
	b := &evidence.Bundle{Text: &evidence.Text{Tool: "counts"}, Sources: []evidence.Source{{Name: evidence.SourceSockets, OK: true}}}
	b.Text.Counts[tcp.CloseWait], b.Text.Counts[tcp.TimeWait], b.Text.Counts[tcp.SynSent] = 4000, 800, 4
	report := Diagnose(b)
	if len(report.Findings) != 1 || report.Findings[0].State != tcp.CloseWait || report.Findings[0].Count != 4000 || report.States[tcp.TimeWait] != 800 {
		t.Errorf("%s, %v", causesOf(report), report.States)
	}
	if slices.ContainsFunc(report.Findings[0].Open, func(e Exclusion) bool { return e.Cause == "unexplained" }) {
		t.Error("not knowing is no rival")
	}
}
