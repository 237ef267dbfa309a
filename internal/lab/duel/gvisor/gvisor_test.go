package gvisor

import (
	"flag"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab/duel"
)

var (
	sequences = flag.Int("sequences", 5000, "how many random scripts are played")
	seed      = flag.Uint64("seed", 1, "of the random scripts")
)

// TestNetstack plays random scripts against gVisor. Whatever differs has a name.
func TestNetstack(t *testing.T) {
	n, habits := &netstack{}, duel.GVisorHabits()
	started, incidents, alike := time.Now(), 0, 0
	met := map[string]int{}
	for first := 0; first < *sequences; first += batch {
		var scripts []duel.Script
		for i := first; i < min(first+batch, *sequences); i++ {
			s := duel.Random(*seed, uint64(i))
			s.Stamped = false // netstack's clock stands still, and its timestamps with it
			scripts = append(scripts, s)
		}
		outcomes, err := duel.Play(t.Context(), n, habits, scripts)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range outcomes {
			incidents += o.Played
			for _, known := range o.Known {
				met[known.Name]++
			}
			switch {
			case o.Differs == nil:
				alike++
			case o.Differs.Name == "":
				unexplained(t, n, habits, o)
			}
		}
	}
	t.Logf("%d scripts with %d incidents in %.1f s, %d of them alike to the end; met %v", *sequences, incidents, time.Since(started).Seconds(), alike, met)
	for _, d := range habits.Deviations {
		if met[d.Name] == 0 && *sequences >= 50_000 {
			t.Errorf("%s was never met: is it still so?", d.Name)
		}
	}
}

const batch = 100

// unexplained fails with the shortest script that shows the difference.
func unexplained(t *testing.T, n *netstack, habits duel.Habits, o duel.Outcome) {
	t.Helper()
	bad := func(o duel.Outcome) bool { return o.Differs != nil && o.Differs.Name == "" }
	shortest, err := duel.Shrink(t.Context(), n, habits, o.Script, bad)
	if err != nil {
		t.Fatal(err)
	}
	again, err := duel.Play(t.Context(), n, habits, []duel.Script{shortest})
	if err != nil {
		t.Fatal(err)
	}
	if again[0].Differs == nil {
		t.Errorf("once, and not again:\n%v", o.Differs)
		return
	}
	t.Errorf("not explained:\n%v", again[0].Differs)
}
