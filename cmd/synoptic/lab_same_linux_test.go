package main

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/lab/verdict"
	"github.com/synoptic-net/synoptic/track"
)

// sameRows compares what a scenario showed live with what its saved bundle says,
// which must be the same, and with what its capture alone says, which may differ
// for a reason that is named.
func sameRows(t *testing.T, folder string, run liveRun) {
	t.Helper()
	s, _ := scenario.Find(run.Scenario)
	if s.Made != nil {
		return // nothing was live
	}
	bundle, err := readBundle(filepath.Join(folder, run.Scenario+".bundle"), nil)
	if err != nil {
		t.Errorf("%s: %v", run.Scenario, err)
		return
	}
	again := diagnose.Diagnose(bundle)
	var replayed any
	text, _ := json.Marshal(explain.Document(again, "en"))
	_ = json.Unmarshal(text, &replayed)
	if withoutPlaces(replayed); !reflect.DeepEqual(withoutPlaces(run.Diagnosis), replayed) {
		t.Errorf("%s: from its bundle\n%s\nlive\n%v", run.Scenario, text, run.Diagnosis)
	}
	alone, err := ofCapture(filepath.Join(folder, run.Scenario+"."+s.At+".pcapng.gz"))
	if err != nil {
		t.Errorf("%s: %v", run.Scenario, err)
		return
	}
	for _, d := range verdict.Differences(s.Expected(), again, diagnose.Diagnose(alone)) {
		if d.Reason == "" {
			t.Errorf("%s: %v", run.Scenario, d)
		}
	}
}

// liveRun is a run as the program prints it.
type liveRun struct {
	Scenario  string
	Pass      bool
	Deferred  bool
	Why       []string
	Diagnosis any
	Witnesses *witnessDocument
}

// withoutPlaces takes out of a document what the recordings of many scenarios keep
// to themselves: the name of the machine, where programs lie on it, and the units
// and containers that they belong to.
func withoutPlaces(document any) any {
	switch v := document.(type) {
	case map[string]any:
		for _, key := range []string{"exe", "container"} {
			delete(v, key)
		}
		if v["kernel"] != nil {
			delete(v, "name") // of the host
		}
		if id, _ := v["id"].(string); id == "restart-program" {
			delete(v, "apply")
		}
		for key, inner := range v {
			if v[key] = withoutPlaces(inner); key == "evidence" {
				v[key] = withoutFiles(inner)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutPlaces(v[i])
		}
	}
	return document
}

// withoutFiles leaves out evidence about the file that a program runs.
func withoutFiles(list any) any {
	var kept []any
	facts, _ := list.([]any)
	for _, e := range facts {
		if m, _ := e.(map[string]any); m != nil {
			if fact, _ := m["fact"].(string); strings.HasPrefix(fact, "exe-") {
				continue
			}
		}
		kept = append(kept, e)
	}
	return kept
}

// ofCapture reads a capture as "read --diagnose" does.
func ofCapture(path string) (*evidence.Bundle, error) {
	tracker := track.New(track.Config{Efforts: true})
	if err := captured(&cobra.Command{}, []string{path}, tracker); err != nil {
		return nil, err
	}
	return evidence.OfCaptures(tracker), nil
}
