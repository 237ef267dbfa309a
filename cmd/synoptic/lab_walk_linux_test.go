package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/walk"
	"github.com/synoptic-net/synoptic/tcp"
)

// The table of a walk in which all goes well fits a terminal of 80 columns, and
// says each way once.
func TestWalkTableIsNarrow(t *testing.T) {
	walked := walk.Walk{Roles: []walk.Role{{Name: "our client, a Linux server", About: "text both ways, and after a half-close", Passed: true}}}
	for _, e := range walk.Edges() {
		walked.Edges = append(walked.Edges, walk.Result{Edge: e, Seen: e.Never == "", Why: e.Never})
	}
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	writeWalkText(w, walked, 3*time.Second, explain.English)
	w.Flush()
	for line := range strings.Lines(out.String()) {
		if columns := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); columns > 80 {
			t.Errorf("%d columns: %s", columns, line)
		}
	}
	ways := strings.Count(out.String(), "\n✓ ") + strings.Count(out.String(), "\n– ")
	if want := len(walked.Edges) + len(walked.Roles); ways != want {
		t.Errorf("%d lines for %d ways", ways, want)
	}
}

// TestLabWalk holds the machine-readable form of a walk, and that nothing
// remains of it.
func TestLabWalk(t *testing.T) {
	before := hostNow(t)
	var out, errs bytes.Buffer
	cmd := labCommand("walk", "-o", "json")
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if strings.Contains(errs.String(), "lab needs") {
		t.Skip(errs.String()) // says which right is missing
	}
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	var walked walkDocument
	decoder := json.NewDecoder(&out)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&walked); err != nil {
		t.Fatal(err)
	}
	seen := map[tcp.Edge]bool{}
	for _, e := range walked.Edges {
		if e.Seen != (len(e.ConfirmedBy) > 0) || e.Seen == (e.Why != "") {
			t.Errorf("%v -> %v by %s: seen %v, confirmed by %v, why %q", e.From, e.To, e.Way, e.Seen, e.ConfirmedBy, e.Why)
		}
		seen[tcp.Edge{From: e.From, To: e.To}] = e.Seen || seen[tcp.Edge{From: e.From, To: e.To}]
	}
	for _, edge := range tcp.Edges() {
		if walked, tried := seen[edge]; !tried {
			t.Errorf("%v of the table was not tried", edge)
		} else if !walked {
			t.Logf("%v is not Linux's", edge)
		}
	}
	if len(walked.Roles) == 0 {
		t.Error("no conversation was held")
	}
	sameHost(t, before)
}
