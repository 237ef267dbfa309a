package dwell

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

const ms = time.Millisecond

var began = time.Unix(1_700_000_000, 0)

func after(d time.Duration) time.Time { return began.Add(d) }

func change(d time.Duration, s tcp.State) Change { return Change{At(after(d)), s} }

// TestCompare: what counts as the same, and what does not.
func TestCompare(t *testing.T) {
	rule := Rule{Least: 5 * ms, Tolerance: 2 * ms}
	kernel := []Change{change(0, tcp.SynSent), change(20*ms, tcp.Established), change(60*ms, tcp.Closed)}
	for name, c := range map[string]struct {
		packets          []Change
		equal, different int
	}{
		"the same":            {kernel, 2, 0},
		"edges a little off":  {[]Change{change(1*ms, tcp.SynSent), change(18*ms, tcp.Established), change(62*ms, tcp.Closed)}, 2, 0},
		"an edge too late":    {[]Change{change(0, tcp.SynSent), change(23*ms, tcp.Established), change(60*ms, tcp.Closed)}, 0, 2},
		"it never ends":       {[]Change{change(0, tcp.SynSent), change(20*ms, tcp.Established)}, 1, 1},
		"another state":       {[]Change{change(0, tcp.SynSent), change(20*ms, tcp.CloseWait), change(60*ms, tcp.Closed)}, 1, 2},
		"nothing":             {nil, 0, 2},
		"one more afterwards": {append(kernel[:3:3], change(61*ms, tcp.SynSent), change(90*ms, tcp.Closed)), 2, 1},
		"a short one more":    {append(kernel[:3:3], change(61*ms, tcp.SynSent), change(69*ms, tcp.Closed)), 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			equal, different := 0, 0
			for _, p := range rule.Compare(Intervals(kernel, after(time.Second)), Intervals(c.packets, after(time.Second))) {
				if p.Equal {
					equal++
				} else {
					different++
				}
			}
			if equal != c.equal || different != c.different {
				t.Errorf("%d equal and %d different, want %d and %d", equal, different, c.equal, c.different)
			}
		})
	}
}

// TestLooks: an edge that one witness only looked for may lie anywhere between
// two looks, and what was short by the packets is not compared.
func TestLooks(t *testing.T) {
	rule := Rule{Least: 5 * ms, Tolerance: 2 * ms}
	kernel := []Change{change(0, tcp.FinWait2), {Edge{after(-50 * ms), after(150 * ms)}, tcp.TimeWait}}
	for length, want := range map[time.Duration]int{3 * ms: 1, 100 * ms: 2, 151 * ms: 2, 153 * ms: 0} {
		packets := []Change{change(0, tcp.FinWait2), change(length, tcp.TimeWait)}
		equal := 0
		for _, p := range rule.Compare(Intervals(kernel, after(time.Second)), Intervals(packets, after(time.Second))) {
			if p.Equal {
				equal++
			}
		}
		if equal != want {
			t.Errorf("FIN-WAIT-2 for %v: %d equal, want %d", length, equal, want)
		}
	}
}
