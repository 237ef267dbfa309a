package main

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

// TestReadmesCountScenarios: as many as there are.
func TestReadmesCountScenarios(t *testing.T) {
	count := regexp.MustCompile(`(?m)^\$ synoptic lab run --all +# (\d+) `)
	for _, name := range readmes {
		m := count.FindStringSubmatch(readme(t, name))
		if want := strconv.Itoa(len(scenario.All())); m == nil || m[1] != want {
			t.Errorf("%s: %q, there are %s scenarios", name, m, want)
		}
	}
}
