package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/internal/text"
)

// guardedSample is a run in which the guard did what it should.
func guardedSample() *labGuarded {
	setting := diagnose.Change{Kind: diagnose.ChangeSetting, Target: "net.ipv4.tcp_syncookies", From: "0", To: "1"}
	cookies := diagnose.Change{Kind: diagnose.ChangeXDP, Target: "eth0", To: "armed 192.0.2.2:80"}
	return &labGuarded{
		ladder: guard.Ladder{Plan: remedy.Plan{Remedy: guard.Name, Changes: []remedy.Change{
			{ID: "syncookies", Change: setting, Scope: remedy.ThisNamespace, Effect: diagnose.Say("remedy-cookies"), Cost: diagnose.Say("remedy-cookies-risk")},
			{ID: "xdp", Change: cookies, Scope: remedy.ThisNamespace, Effect: diagnose.Say("guard-xdp", "eth0"), Cost: diagnose.Say("guard-xdp-cost")},
		}}},
		mode: "generic",
		before: labServed{
			clients: actor.Answer{Count: 40, FirstTry: 1, Answered: 2, Median: 1025 * time.Millisecond}, halfOpen: 129, arriving: 1022.4,
			report: diagnose.Report{Findings: []diagnose.Finding{{Cause: "syn-flood", Severity: diagnose.Critical}, {Cause: "idle-pool", Severity: diagnose.Info}}},
		},
		after: labServed{clients: actor.Answer{Count: 40, FirstTry: 40, Answered: 40, Median: 400 * time.Microsecond}, arriving: 1100},
	}
}

// TestLabGuardJudges: what the guard should do better fails the scenario, each for
// itself.
func TestLabGuardJudges(t *testing.T) {
	for says, spoil := range map[string]func(*labGuarded){
		"":                             func(*labGuarded) {},
		"there is nothing to show":     func(g *labGuarded) { g.before.clients.FirstTry = 11 },
		"35 of 40 clients were answer": func(g *labGuarded) { g.after.clients.FirstTry = 35 },
		"at first try, 39 at all":      func(g *labGuarded) { g.after.clients.Answered = 39 },
		"proposed nothing":             func(g *labGuarded) { g.ladder.Plan.Changes = nil },
		"33 connections are half-open": func(g *labGuarded) { g.after.halfOpen = 33 },
		"tcp_syncookies is not as it":  func(g *labGuarded) { g.remains = []string{"net.ipv4.tcp_syncookies"} },
	} {
		g := guardedSample()
		spoil(g)
		wrong := g.failures()
		if says == "" && len(wrong) > 0 || says != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], says)) {
			t.Errorf("it says %q, not %q", wrong, says)
		}
	}
	settings := guardedSample()
	settings.ladder.Plan.Changes, settings.after.halfOpen = settings.ladder.Plan.Changes[:1], 129
	if wrong := settings.failures(); len(wrong) > 0 {
		t.Errorf("with settings the queue stays full, and it says %q", wrong)
	}
}

// TestLabGuardText: the table fits a terminal in each language, its columns below
// each other, and says what came of it.
func TestLabGuardText(t *testing.T) {
	for _, lang := range explain.Languages() {
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		if err := writeLabGuard(w, guardedSample(), text.Style{Width: 80, Language: lang}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		var wide []int
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if lines.Width(line) > 80 {
				t.Errorf("%s: %d columns: %q", lang, lines.Width(line), line)
			}
			if strings.Contains(line, "1,022") || strings.Contains(line, "1025.0 ms") || strings.Contains(line, "129") {
				wide = append(wide, lines.Width(line))
			}
		}
		if len(wide) != 3 || len(slices.Compact(wide)) != 1 {
			t.Errorf("%s: the rows are %v wide:\n%s", lang, wide, out.String())
		}
		if strings.Contains(out.String(), "lab-guard-") || strings.Contains(out.String(), "idle-pool") {
			t.Errorf("%s: %s", lang, out.String())
		}
	}
}

// TestLabGuardDocument: the fields that scripts rely on.
func TestLabGuardDocument(t *testing.T) {
	made, err := json.Marshal(newLabGuardDocument(guardedSample(), explain.English))
	if err != nil {
		t.Fatal(err)
	}
	var got labGuardDocument
	if err := json.Unmarshal(made, &got); err != nil {
		t.Fatal(err)
	}
	before := labServedDocument{Clients: 40, FirstTry: 1, Answered: 2, Median: 1025, HalfOpen: 129, Arriving: 1022, Named: []labNamed{{"syn-flood", "critical"}}}
	if diff := cmp.Diff(before, got.Before); diff != "" {
		t.Error(diff)
	}
	if len(got.After.Named) != 0 || !got.Restored || len(got.Changes) != 2 || got.Changes[1].Why == "" || got.Mode != "generic" {
		t.Errorf("%s", made)
	}
	if newLabGuardDocument(nil, explain.English) != nil {
		t.Error("a scenario without the guard has a part for it")
	}
}
