package explain

import (
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
