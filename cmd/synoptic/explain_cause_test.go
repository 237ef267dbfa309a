package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/articles"
)

func TestExplainCause(t *testing.T) {
	for want, args := range map[string][]string{
		"app-not-closing  The program": {"app-not-closing"},
		"syn-flood  SYN":               {"SYN_FLOOD"},
		"accept-stalled  The":          {"accept", "stalled"},
		"SYN-RECEIVED\n  syn-flood ":   {"causes"},
		"# `conntrack-full`: The":      {"conntrack-full", "-o", "markdown"},
		"# All causes\n":               {"causes", "-o", "markdown"},
	} {
		stdout, stderr, code := explainRun(args...)
		if code != exitDone || stderr != "" || !strings.HasPrefix(stdout, want) {
			t.Errorf("explain %q: code %d, error %q, output %.60q, want %q first", args, code, stderr, stdout, want)
		}
	}
}

// TestExplainCauseDocument: scripts find the same names in every language.
func TestExplainCauseDocument(t *testing.T) {
	for _, lang := range articles.Languages() {
		out, _, _ := explainRun("synack-lost-on-path", "-o", "json", "--lang", lang)
		var d articles.Document
		decoder := json.NewDecoder(strings.NewReader(out))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&d); err != nil {
			t.Fatalf("%s: %v in %.80q", lang, err, out)
		}
		if d.Cause != "synack-lost-on-path" || d.Lang != lang || !slices.Equal(d.States, []string{"SYN-RECEIVED"}) ||
			len(d.MistakenFor) != 8 || d.MistakenFor[0].Cause != "syn-flood" || len(d.Scenarios) < 3 ||
			d.Fix[0].ID != "capture-along-path" || len(d.DoNot) == 0 || len(d.RefutedBy) == 0 {
			t.Errorf("%s: %+v", lang, d)
		}
	}
}

func TestExplainCausesDocument(t *testing.T) {
	out, _, _ := explainRun("causes", "-o", "json")
	var list struct {
		Lang   string
		Causes []articles.IndexEntry
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Causes) != len(diagnose.Catalogue()) || list.Causes[0].Cause != "syn-flood" || list.Causes[0].Summary == "" || list.Lang != "en" {
		t.Errorf("the list is %+v", list)
	}
}

func TestExplainCauseUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"did you mean accept-stalled?": {"acept-stalled"},
		"did you mean syn-flood or":    {"flood"},
		"is no state and no cause":     {"xyzzy"},
		"a cause has no picture":       {"syn-flood", "-o", "svg"},
		"-o markdown is for causes":    {"LISTEN", "-o", "markdown"},
	} {
		stdout, stderr, code := explainRun(args...)
		if code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) {
			t.Errorf("explain %q: code %d, output %q, error %q, want one line with %q", args, code, stdout, stderr, want)
		}
	}
}

func TestExplainCauseCompletion(t *testing.T) {
	first, _ := completeExplain(nil, nil, "")
	for _, row := range diagnose.Catalogue() {
		if !slices.Contains(first, string(row.Cause)) {
			t.Errorf("%s is not offered", row.Cause)
		}
	}
}
