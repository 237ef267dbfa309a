package text

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// TestGuardEvent: one line, whatever stands in it.
func TestGuardEvent(t *testing.T) {
	at := time.Date(2026, 11, 21, 20, 27, 0, 99e6, time.UTC)
	for _, e := range []explain.GuardEvent{
		{Time: at, Action: "arm", Listener: "192.0.2.1:443", Text: "ARMED: a flood"},
		{Time: at, Action: "tell", Text: "blind:\nnothing\x1b[2J can be read"},
	} {
		var out bytes.Buffer
		if err := GuardEvent(&out, e, Style{}); err != nil {
			t.Fatal(err)
		}
		line := out.String()
		if strings.Count(line, "\n") != 1 || strings.Contains(line, "\x1b") || !strings.Contains(line, at.Local().Format("15:04:05.000")) || !strings.Contains(line, e.Listener) {
			t.Errorf("%q", line)
		}
	}
}

// TestGuardSummaryText: the sentence, and a line a listener.
func TestGuardSummaryText(t *testing.T) {
	var out bytes.Buffer
	s := explain.GuardSummary{Text: "Armed once.", Listeners: []explain.GuardDefended{{Listener: "192.0.2.1:443", Text: "5 SYNs answered"}}}
	if err := GuardSummary(&out, s, Style{}); err != nil || out.String() != "Armed once.\n  192.0.2.1:443  5 SYNs answered\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
