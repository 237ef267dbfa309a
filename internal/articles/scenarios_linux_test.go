package articles

import (
	"os"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

// TestScenarios holds scenarios.txt against the lab's registry; -update writes it.
func TestScenarios(t *testing.T) {
	var want strings.Builder
	for _, cause := range Causes() {
		for _, s := range scenario.All() {
			for _, expected := range s.Causes() {
				if expected != cause {
					continue
				}
				made := "-"
				if s.Made != nil {
					made = "made"
				}
				want.WriteString(strings.Join([]string{cause, s.Name, made, s.Title}, "\t") + "\n")
			}
		}
	}
	if *update {
		if err := os.WriteFile("scenarios.txt", []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, _ := files.ReadFile("scenarios.txt"); string(got) != want.String() {
		t.Errorf("scenarios.txt does not say what the lab's registry says; run make docs")
	}
}
