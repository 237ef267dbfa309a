package main

import (
	"testing"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

// TestScenariosAreTranslated: what each scenario shows is told in every language.
func TestScenariosAreTranslated(t *testing.T) {
	for _, s := range scenario.All() {
		for _, l := range explain.Languages()[1:] {
			if words := scenarioWords(s, l); words.Title == s.Title || words.About == s.About {
				t.Errorf("%s: what %s shows is not told", l, s.Name)
			}
		}
	}
}
