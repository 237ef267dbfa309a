package main

import (
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

// TestScenariosAreTranslated: what each scenario shows is told in every language, and
// how it is made by hand where that is more than a command.
func TestScenariosAreTranslated(t *testing.T) {
	for _, s := range scenario.All() {
		for _, l := range explain.Languages()[1:] {
			if words := scenarioWords(s, l); words.Title == s.Title || words.About == s.About {
				t.Errorf("%s: what %s shows is not told", l, s.Name)
			}
			if strings.HasSuffix(s.ByHand, ".") && !l.HasPhrase(s.ByHand) {
				t.Errorf("%s: how %s is made by hand is not told: internal/explain/phrases_byhand_*.go", l, s.Name)
			}
		}
	}
}
