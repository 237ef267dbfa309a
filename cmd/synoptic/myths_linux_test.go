package main

import (
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

// TestMythsNameScenarios: each scenario that refutes a myth is in the lab.
func TestMythsNameScenarios(t *testing.T) {
	var names []string
	for _, s := range scenario.All() {
		names = append(names, s.Name)
	}
	labs := 0
	for _, m := range explain.Myths(explain.English) {
		for _, p := range m.Proofs {
			if p.Kind != "lab" {
				continue
			}
			labs++
			if !slices.Contains(names, p.Name) || p.Command != "synoptic lab run "+p.Name {
				t.Errorf("%s: there is no scenario %q (%s)", m.ID, p.Name, p.Command)
			}
		}
	}
	if labs == 0 {
		t.Error("no myth is refuted in the lab")
	}
}
