package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// contractFinding are the fields that the contract promises of a finding.
var contractFinding = []string{
	"cause", "state", "severity", "confidence", "summary", "count", "refuted_by", "because_of",
	"subject.local", "subject.peer", "subject.netns", "subject.container", "subject.path",
	"subject.process.pid", "subject.process.name", "subject.process.exe",
	"fate.text", "fate.within_seconds", "fate.forever", "evidence", "excluded", "remedies",
}

func TestFindingFields(t *testing.T) {
	finding := explain.Finding{
		BecauseOf: "accept-stalled", Evidence: []explain.Evidence{{}}, Excluded: []explain.Exclusion{{}}, Remedies: []explain.Remedy{{}},
	}
	var out bytes.Buffer
	if err := writeDocument(&out, "json", finding); err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	for _, name := range contractFinding {
		if !has(document, strings.Split(name, ".")) {
			t.Errorf("a finding has no %s", name)
		}
	}
	for list, names := range map[string][]string{
		"evidence": {"source", "fact", "value", "unit", "text", "recheck"},
		"excluded": {"cause", "because"},
		"remedies": {"id", "text", "risk", "apply", "undo", "persist"},
	} {
		for _, name := range names {
			if !has(document[list].([]any)[0], []string{name}) {
				t.Errorf("%s has no %s", list, name)
			}
		}
	}
}

// TestYAMLKeepsOrder holds because YAML goes by way of JSON.
func TestYAMLKeepsOrder(t *testing.T) {
	var out bytes.Buffer
	if err := writeDocument(&out, "yaml", explain.Source{Name: "a: b", OK: true, Why: "<&>"}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "name: \"a: b\"\nok: true\nwhy: <&>\n"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
