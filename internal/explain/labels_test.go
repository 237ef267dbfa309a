package explain

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/track"
)

// TestAnomaliesHaveMeanings: each is said in words, and nothing else is.
func TestAnomaliesHaveMeanings(t *testing.T) {
	all := track.AnomalyList()
	for _, a := range all {
		if !HasLabel("anomaly-" + a.String()) {
			t.Errorf("%v has no meaning", a)
		}
	}
	if len(anomalyLabels) != len(all) {
		t.Errorf("%d meanings for %d anomalies", len(anomalyLabels), len(all))
	}
}

// saidLabel finds the labels that code asks for by name, idLiteral all that may be
// one.
var (
	saidLabel = regexp.MustCompile(`\b[sS]ay\("([a-zA-Z0-9-]+)"`)
	idLiteral = regexp.MustCompile(`"([a-z0-9-]+)"`)
)

// composed are beginnings of ids that code completes.
var composed = []string{"severity-", "confidence-", "count-", "verdict-", "change-", "side-", "conn-", "anomaly-", "unread-", "head-", "fix-"}

// TestLabelsAreKnownAndUsed: what is asked for exists, and what exists is asked for.
func TestLabelsAreKnownAndUsed(t *testing.T) {
	mentioned := map[string]bool{}
	for _, folder := range []string{".", "../text", "../../cmd/synoptic"} {
		paths, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatal("no source", err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "labels_") || path == "labels.go" {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range saidLabel.FindAllSubmatch(source, -1) {
				if id := string(m[1]); !HasLabel(id) && !slices.Contains(composed, id) {
					t.Errorf("%s says %s, which is no label", path, id)
				}
			}
			for _, m := range idLiteral.FindAllSubmatch(source, -1) {
				mentioned[string(m[1])] = true
			}
		}
	}
	for id := range english(labelFamilies()) {
		if !mentioned[id] && !slices.ContainsFunc(composed, func(prefix string) bool { return strings.HasPrefix(id, prefix) }) {
			t.Errorf("nobody says %s", id)
		}
	}
}

func TestNoLabelHasTwoTexts(t *testing.T) {
	sum := 0
	families := slices.Concat(findingFamilies(), labelFamilies())
	for _, f := range families {
		sum += len(f.en)
	}
	if sum != len(english(families)) {
		t.Errorf("%d texts for %d ids", sum, len(english(families)))
	}
}
