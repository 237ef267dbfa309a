package articles

import (
	"maps"
	"slices"
	"testing"
)

// shared are rivals and remedies that a rule's source names in a function which it
// has in common with another rule, and that it never says itself.
var shared = map[string][]string{
	"asymmetric-return":   {"synack-dropped-here", "allow-synack-in", "capture-along-path"},
	"synack-lost-on-path": {"allow-synack-in", "one-way-back"},
	"synack-dropped-here": {"asymmetric-return", "capture-along-path", "one-way-back"},
	"ack-lost":            {"limit-per-source"},
	"handshake-withheld":  {"capture-at-client"},
}

// TestRivals: the rivals that an article tells apart are those that the rule does,
// no more and no less.
func TestRivals(t *testing.T) {
	rules := readRules(t)
	for _, cause := range Causes() {
		article, _ := read("en", cause)
		compareNames(t, cause, "rival", article.Rivals, rules.rivalsOf(cause))
	}
}

// TestRemedies: what an article says of fixing is said of the remedies of the
// rule, each of them.
func TestRemedies(t *testing.T) {
	rules := readRules(t)
	for _, cause := range Causes() {
		article, _ := read("en", cause)
		remedies := rules.of(cause).remedies
		if cause == "unexplained" { // its rule asks the catalogue for others; a remedy is only in what it says of refusals
			remedies = rules.says["unexplainedDrops"].remedies
		}
		compareNames(t, cause, "remedy", article.Fixes, remedies)
	}
}

func compareNames(t *testing.T, cause, kind string, items []Item, said map[string]bool) {
	t.Helper()
	want := maps.Clone(said)
	for _, name := range shared[cause] {
		delete(want, name)
	}
	if len(want) == 0 && kind == "remedy" {
		t.Errorf("%s: its rule has no remedy", cause)
	}
	for _, item := range items {
		if !want[item.Name] {
			t.Errorf("%s: the article has the %s %s, and its rule has not", cause, kind, item.Name)
		}
		delete(want, item.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("%s: its rule has the %s %s, and the article has not", cause, kind, name)
	}
}
