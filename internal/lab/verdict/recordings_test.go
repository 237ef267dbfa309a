package verdict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
)

const recordings = "../../../testdata/recordings"

// TestRecordings diagnoses what the lab recorded on a real kernel, on any
// system: saved, and anonymised, it must be worth the same verdict.
func TestRecordings(t *testing.T) {
	for _, expected := range index(t) {
		t.Run(expected.Scenario, func(t *testing.T) {
			bundle := recorded(t, expected.Scenario)
			report := diagnose.Diagnose(bundle)
			if v := Of(expected, report); !v.Pass() {
				t.Errorf("%v; found %v", v.Failures, v.Found)
			}
			anonymous := diagnose.Diagnose(again(t, evidence.Anonymize(bundle, []byte("key"))))
			if got, want := essence(anonymous), essence(report); !slices.Equal(got, want) {
				t.Errorf("anonymised, it says %v; it was %v", got, want)
			}
		})
	}
}

// TestEveryRuleIsRecorded: a cause that can be judged has a recording that shows
// it. Not knowing is shown by none.
func TestEveryRuleIsRecorded(t *testing.T) {
	shown := map[string]bool{"unexplained": true}
	for _, expected := range index(t) {
		for _, e := range expected.Expects {
			shown[e.Cause] = true
		}
	}
	for _, row := range diagnose.Catalogue() {
		if row.HasRule() && !shown[string(row.Cause)] {
			t.Errorf("no recording shows %s", row.Cause)
		}
	}
}

func index(t *testing.T) (index []Expected) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recordings, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	if len(index) < 45 {
		t.Fatalf("only %d scenarios are recorded", len(index))
	}
	return index
}

func recorded(t *testing.T, scenario string) *evidence.Bundle {
	t.Helper()
	file, err := os.Open(filepath.Join(recordings, scenario+".bundle"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	bundle, err := evidence.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// again writes a bundle and reads it back.
func again(t *testing.T, b *evidence.Bundle) *evidence.Bundle {
	t.Helper()
	var file bytes.Buffer
	if err := evidence.Write(&file, b); err != nil {
		t.Fatal(err)
	}
	read, err := evidence.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// essence leaves out what anonymising changes: names and addresses, and so the
// order of findings that are alike but for those.
func essence(report diagnose.Report) []string {
	var out []string
	for _, f := range report.Findings {
		out = append(out, fmt.Sprint(f.Cause, f.State, f.Count, f.Severity, f.Confidence, f.BecauseOf, len(f.Evidence), len(f.Excluded), len(f.Open)))
	}
	slices.Sort(out)
	return out
}
