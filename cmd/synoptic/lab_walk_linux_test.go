package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

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
