package text

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// guardDocuments are what the guard may have to say, and a word of each that must
// be there in every language.
func guardDocuments(l explain.Language) map[string]explain.GuardPlan {
	change := explain.PlanChange{
		ID: "syncookies", Kind: "sysctl", Target: "net.ipv4.tcp_syncookies", From: "0", To: "1", Undo: "sysctl -w net.ipv4.tcp_syncookies=0", Preventive: true,
		Effect: l.Say("guard-cookies-always"), Cost: l.Say("guard-cookies-always-cost"),
		Commands: []string{"sysctl -w net.ipv4.tcp_syncookies=1"}, Status: "would-change", ScopeText: "this network namespace",
	}
	return map[string]explain.GuardPlan{
		"sysctl -w net.ipv4.tcp_syncookies=1": {Changes: []explain.PlanChange{change}, Text: l.Say("guard-quiet")},
		"synoptic guard apply --xdp":          {Changes: []explain.PlanChange{change}, Text: l.Say("guard-quiet"), With: " --xdp"},
		"20261121T190225.853Z-guard":          {Changes: []explain.PlanChange{change}, Journal: "20261121T190225.853Z-guard", Applied: true},
		"accept-stalled":                      {Refused: "accept-stalled", Text: l.Say("guard-instead", "accept-stalled", "A.", "B.")},
		"192.0.2.1:80":                        {Hints: []string{l.Say("guard-hint-backlog", "192.0.2.1:80", 128)}},
	}
}

func TestGuardPlan(t *testing.T) {
	for _, l := range explain.Languages() {
		for want, doc := range guardDocuments(l) {
			var out bytes.Buffer
			if err := GuardPlan(&out, doc, Style{Width: 80, Language: l}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", l, want, out.String())
			}
			if proposed := strings.Contains(out.String(), "guard apply"); proposed != (len(doc.Changes) > 0 && !doc.Applied) {
				t.Errorf("%s: what can be done next: %v in\n%s", l, proposed, out.String())
			}
			for line := range strings.Lines(out.String()) {
				if ansi.StringWidth(strings.TrimRight(line, "\n")) > 80 {
					t.Errorf("%s: too wide: %q", l, line)
				}
			}
		}
	}
}

func TestGuardStatus(t *testing.T) {
	doc := explain.GuardStatus{Text: "Head", Changes: []explain.GuardChange{
		{Kind: "sysctl", Target: "a", From: "0", To: "1", Held: "1", Status: "in-force"},
		{Kind: "sysctl", Target: "b", From: "0", To: "1", Held: "7\x1b[2J", Status: "altered"},
		{Kind: "xdp", Target: "eth0@2", To: "disarmed", Status: "undone"},
	}}
	var out bytes.Buffer
	if err := GuardStatus(&out, doc, Style{Width: 80, Language: explain.English}); err != nil {
		t.Fatal(err)
	}
	want := "Head\n  ● a = 1\n    in force\n  ✕ b = 1\n    somebody set it to 7\uFFFD[2J since\n  ● eth0 = no program\n    put back\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
