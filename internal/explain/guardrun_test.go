package explain

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

// guardReasons are all that a guard that runs may say.
var guardReasons = []detect.Reason{
	detect.QueueFull, detect.Flood, detect.Crowd, detect.AcceptFull, detect.Elsewhere, detect.Verified, detect.StillFull, detect.CrowdNow,
	detect.Continues, detect.Over, detect.Calm, detect.Checksums, detect.Refused, detect.Nobody, detect.NotReached, detect.OthersACKs,
	detect.CannotArm, detect.CannotWatch, detect.Blind, detect.Sees, detect.TooBlind, detect.NoBeat,
}

// TestGuardEvents: each reason is a sentence in each language, with its figures.
func TestGuardEvents(t *testing.T) {
	facts := detect.Facts{
		Over: time.Second, Asked: 4567, Came: 12, MetFull: 3279, Overflows: 7, Passed: 81, Damaged: 91, Refused: 71, Forged: 61, Hold: time.Minute,
		Queue: detect.Queue{Half: 1025, Limit: 1024, Waiting: 129, Sources: 1023, Networks: 444},
	}
	for _, l := range Languages() {
		for _, why := range guardReasons {
			for _, do := range []detect.Action{detect.Tell, detect.Disarm} {
				for _, dry := range []bool{false, true} {
					v := detect.Verdict{Do: do, Why: why, Listener: netip.MustParseAddrPort("192.0.2.1:443"), Facts: facts}
					e := GuardEventOf(v, time.Unix(0, 0), dry, "it failed", l)
					if e.Text == "" || strings.Contains(e.Text, "%!") || strings.HasPrefix(e.Text, "guarding-") || strings.Contains(e.Text, "\n") {
						t.Errorf("%s: %s: %q", l, why, e.Text)
					}
					if e.Event != string(why) || e.Listener != "192.0.2.1:443" || e.Facts.Half != 1025 || e.Facts.Share != 0.0026 {
						t.Errorf("%+v", e)
					}
				}
			}
		}
	}
	for why, figures := range map[detect.Reason][]string{
		detect.QueueFull:  {"3,279", "1,025", "1,024", "1,023", "444"},
		detect.Flood:      {"12 of 4,567", "60 s"},
		detect.AcceptFull: {"129", "1,024"},
		detect.StillFull:  {"12 of 4,567", "81"},
		detect.Refused:    {"71"},
		detect.OthersACKs: {"61", "4,567"},
		detect.Blind:      {"it failed"},
	} {
		text := GuardEventOf(detect.Verdict{Why: why, Facts: facts}, time.Unix(0, 0), false, "it failed", English).Text
		for _, figure := range figures {
			if !strings.Contains(text, figure) {
				t.Errorf("%s: no %q in %q", why, figure, text)
			}
		}
	}
}

// TestGuardSummary: what a run came to, in a sentence.
func TestGuardSummary(t *testing.T) {
	for want, s := range map[string]GuardSummary{
		"Armed once in 75 s, for 62 s.":                    {Armings: 1, Seconds: 75, Armed: 62},
		"Armed 3 times in 26 h, for 4 min.":                {Armings: 3, Seconds: 93600, Armed: 240},
		"It would have been armed once in 8 s, for 2.5 s.": {Armings: 1, Seconds: 8, Armed: 2.5, DryRun: true},
		"No flood in 8 s: nothing was answered.":           {Seconds: 8, DryRun: true},
		"Armed by the guard before, and in 75 s not again": {Seconds: 75, Armed: 62},
		"Another guard has taken over after 90 s":          {Seconds: 90, Armings: 1, HandedOver: true},
	} {
		if s.Finish(English); !strings.Contains(s.Text, want) {
			t.Errorf("%q, not %q", s.Text, want)
		}
	}
	s := GuardSummary{Armings: 1, Listeners: []GuardDefended{{Listener: "192.0.2.1:443", Answered: 45710, Accepted: 300, Forged: 2}}}
	if s.Finish(English); !strings.Contains(s.Listeners[0].Text, "45,710 SYNs answered, 300 connections") {
		t.Error(s.Listeners[0].Text)
	}
}

// TestGuardErrorsInLanguages: an error within a sentence is said in its language.
func TestGuardErrorsInLanguages(t *testing.T) {
	const failed = "guard: eth0: another XDP program is attached (program 7): it is not replaced"
	for _, l := range []Language{Simplified, Traditional} {
		e := GuardEventOf(detect.Verdict{Do: detect.Tell, Why: detect.CannotArm}, time.Unix(0, 0), false, failed, l)
		plan := GuardPlanOf(GuardOutlook{Hints: []diagnose.Message{diagnose.Say("guard-hint-xdp", failed)}}, diagnose.Report{Bundle: &evidence.Bundle{}}, l)
		for _, said := range append(plan.Hints, e.Text) {
			if strings.Contains(said, "attached") || strings.Contains(said, "replaced") || !strings.Contains(said, "eth0") || !strings.Contains(said, "7") {
				t.Errorf("%s: %q", l, said)
			}
		}
		if e.Error != failed || len(plan.Hints) != 1 {
			t.Errorf("%q, %v", e.Error, plan.Hints)
		}
	}
}
