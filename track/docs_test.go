package track

import (
	"os"
	"strings"
	"testing"
)

// TestAnomaliesAreDocumented: each name has its row, in the same order.
func TestAnomaliesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/anomalies.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(text)
	for _, a := range AnomalyList() {
		_, behind, found := strings.Cut(rest, "\n| `"+a.String()+"` |")
		if !found {
			t.Fatalf("docs/anomalies.md has no row %v behind those before it", a)
		}
		rest = behind
	}
}
