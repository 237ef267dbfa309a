package duel

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

var (
	sequences = flag.Int("sequences", 10_000, "how many random scripts are played, at each seed")
	seed      = flag.Uint64("seed", 0, "of the random scripts; 0: those of testdata/seeds.txt")
	keep      = flag.Bool("keep", false, "print the shortest script of every deviation that is met")
)

func TestMain(m *testing.M) {
	actor.Main()
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func look(ctx context.Context) (host.Snapshot, error) {
	return sockdiag.Snapshot(ctx, sockdiag.Options{})
}

func newLinux(t *testing.T) *Linux {
	t.Helper()
	w := lab.NewWorld(t.Context())
	k := NewLinux(w, look, sockdiag.Destroy)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return k
}

// batch is how many games are played at a time.
const batch = 128

// TestLinux plays random scripts against the kernel. Whatever differs has a
// name.
func TestLinux(t *testing.T) {
	k := newLinux(t)
	for _, seed := range seeds(t) {
		playRandom(t, k, LinuxHabits(), seed, howMany())
	}
}

func howMany() int {
	if testing.Short() {
		return min(*sequences, 2000)
	}
	return *sequences
}

func playRandom(t *testing.T, other TCP, habits Habits, seed uint64, most int) {
	t.Helper()
	started, incidents, alike := time.Now(), 0, 0
	met := map[string]Script{}
	eachOutcome(t, other, habits, seed, most, func(o Outcome) {
		incidents += o.Played
		if o.Differs == nil {
			alike++
		} else if unexplained(o) {
			reportDifference(t, other, habits, o)
		}
		for _, known := range o.Known {
			if old, ok := met[known.Name]; !ok || len(o.Script.Incidents) < len(old.Incidents) {
				met[known.Name] = o.Script
			}
		}
	})
	t.Logf("seed %d: %d scripts with %d incidents in %.1f s, %d of them alike to the end, %d of %d deviations met",
		seed, most, incidents, time.Since(started).Seconds(), alike, len(met), len(habits.Deviations))
	if *keep {
		keepShortest(t, other, habits, met)
	}
}

// eachOutcome plays so many scripts of a seed, in batches.
func eachOutcome(t *testing.T, other TCP, habits Habits, seed uint64, most int, each func(Outcome)) {
	t.Helper()
	for first := 0; first < most; first += batch {
		var scripts []Script
		for i := first; i < min(first+batch, most); i++ {
			scripts = append(scripts, Random(seed, uint64(i)))
		}
		outcomes, err := PlayInTime(t.Context(), other, habits, scripts)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range outcomes {
			each(o)
		}
	}
}

func unexplained(o Outcome) bool { return o.Differs != nil && o.Differs.Name == "" }

// reportDifference fails with the shortest script that shows a difference
// without a name, or says that it did not happen again.
func reportDifference(t *testing.T, other TCP, habits Habits, o Outcome) {
	t.Helper()
	again, err := PlayInTime(t.Context(), other, habits, []Script{o.Script})
	if err != nil {
		t.Fatal(err)
	}
	if !unexplained(again[0]) {
		t.Errorf("once, and not again:\n%v", o.Differs)
		return
	}
	shortest, err := Shrink(t.Context(), other, habits, o.Script, unexplained)
	if err != nil {
		t.Fatal(err)
	}
	if again, err = PlayInTime(t.Context(), other, habits, []Script{shortest}); err != nil {
		t.Fatal(err)
	}
	t.Errorf("not explained:\n%v", again[0].Differs)
}

func keepShortest(t *testing.T, other TCP, habits Habits, met map[string]Script) {
	for name, s := range met {
		shortest, err := Shrink(t.Context(), other, habits, s, func(o Outcome) bool { return o.Shows(name) })
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("KEEP %s: %v", name, shortest)
	}
}

func seeds(t *testing.T) (list []uint64) {
	t.Helper()
	if *seed != 0 {
		return []uint64{*seed}
	}
	for _, line := range lines(t, "testdata/seeds.txt") {
		var n uint64
		if _, err := fmt.Sscan(line, &n); err != nil {
			t.Fatalf("seed %q: %v", line, err)
		}
		list = append(list, n)
	}
	return list
}

// TestMistakesAreFound: an end that does wrong is told from Linux, and not by the
// name of a deviation. The scripts are enough to find what is wrong.
func TestMistakesAreFound(t *testing.T) {
	k := newLinux(t)
	for name, wrong := range map[string]func(*tcp.EndpointConfig){
		"acknowledges late":        func(c *tcp.EndpointConfig) { c.Misbehaviour.OldACK = true },
		"never sends its FIN":      func(c *tcp.EndpointConfig) { c.Misbehaviour.WithholdFIN = true },
		"ignores RST":              func(c *tcp.EndpointConfig) { c.Misbehaviour.IgnoreRST = true },
		"ignores RST in TIME-WAIT": func(c *tcp.EndpointConfig) { c.IgnoreRSTInTimeWait = true },
		"is limited in challenges": func(c *tcp.EndpointConfig) { c.ChallengeLimit = 1 },
	} {
		habits := LinuxHabits()
		habits.Configure = wrong
		found := 0
		eachOutcome(t, k, habits, 13, 1024, func(o Outcome) {
			if unexplained(o) {
				found++
			}
		})
		if found == 0 {
			t.Errorf("an end that %s passes for a right one", name)
		}
		t.Logf("an end that %s: %d of 1024 scripts", name, found)
	}
}

// TestTableTells: where Linux was seen to differ the row of the table says so.
func TestTableTells(t *testing.T) {
	k := newLinux(t)
	silent := map[string]bool{}
	eachOutcome(t, k, LinuxHabits(), 11, 8192, func(o Outcome) {
		for _, known := range o.Known {
			for _, row := range known.Rows {
				if row.Deviation == "" && !silent[row.ID+known.Name] {
					silent[row.ID+known.Name] = true
					t.Errorf("row %s says nothing of %s: %v", row.ID, known.Name, o.Script)
				}
			}
		}
	})
}

// TestKeptScripts plays what was found once: every deviation has a script that
// shows it and, at its end, nothing else.
func TestKeptScripts(t *testing.T) {
	checkKept(t, newLinux(t), LinuxHabits(), "testdata/linux.txt")
}

func checkKept(t *testing.T, other TCP, habits Habits, path string) {
	t.Helper()
	var names []string
	var scripts []Script
	for _, line := range lines(t, path) {
		name, text, _ := strings.Cut(line, ": ")
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		names, scripts = append(names, name), append(scripts, s)
	}
	outcomes, err := PlayInTime(t.Context(), other, habits, scripts)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		switch {
		case o.Differs != nil && o.Differs.Name == "":
			t.Errorf("%s: not explained:\n%v", names[i], o.Differs)
		case names[i] == "alike" && len(o.Known) > 0:
			t.Errorf("%v: met %v", o.Script, o.Known)
		case names[i] != "alike" && !o.Shows(names[i]):
			t.Errorf("%v: met %v, not %s", o.Script, o.Known, names[i])
		}
	}
	for _, d := range habits.Deviations {
		if !slices.Contains(names, d.Name) {
			t.Errorf("no script of %s shows %s", path, d.Name)
		}
	}
}
