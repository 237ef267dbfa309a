package correlate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// ticks makes samples of a clock that is ahead by offset at the middle and drifts.
func ticks(seed uint64, n int, span, offset, transit, jitter time.Duration, drift float64, ways int) (list []sample) {
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range n {
		at := start + int64(span)*int64(i)/int64(n)
		late := int64(transit) + r.Int64N(int64(jitter)+1)
		up := i%ways == 0
		if !up {
			late = -late
		}
		list = append(list, sample{at: at, delta: int64(offset) + int64(drift*float64(at-start-int64(span)/2)) + late, up: up})
	}
	return list
}

// TestClock: the offset and the drift are found within what is said of them.
func TestClock(t *testing.T) {
	for seed := range uint64(50) {
		c := newClock(ticks(seed, 4000, 10*time.Minute, 3*time.Second, 2*time.Millisecond, 30*time.Millisecond, 50e-6, 2))
		if !c.DriftKnown || math.Abs(c.Drift-50e-6) > 5e-6 || c.Jumped {
			t.Errorf("seed %d: drift %g, want 50e-6: %+v", seed, c.Drift, c)
		}
		if off := (c.Offset - 3*time.Second).Abs(); off > c.Uncertainty+time.Millisecond {
			t.Errorf("seed %d: %v off, said to be %v: %+v", seed, off, c.Uncertainty, c)
		}
	}
}

// TestClockLimits: no drift is told of a short capture, one direction tells less, a
// false sample does no harm and a jump is seen.
func TestClockLimits(t *testing.T) {
	if c := newClock(nil); c.Known {
		t.Errorf("no samples: %+v", c)
	}
	if c := newClock(ticks(1, 100, 5*time.Second, time.Second, time.Millisecond, time.Millisecond, 50e-6, 2)); c.DriftKnown || c.Jumped {
		t.Errorf("short: %+v", c)
	}
	if c := newClock(ticks(1, 100, 5*time.Second, time.Second, time.Millisecond, 0, 0, 1)); !c.OneWay || c.Offset != 1001*time.Millisecond || c.Uncertainty != time.Second {
		t.Errorf("one way: %+v", c)
	}
	list := ticks(1, 100, 5*time.Second, time.Second, time.Millisecond, 0, 0, 2)
	list[50].delta -= int64(time.Second)
	if c := newClock(list); c.Jumped || c.Offset != time.Second || c.RoundTrip != 2*time.Millisecond {
		t.Errorf("a false sample: %+v", c)
	}
	for i := range list[50:] {
		list[50+i].delta += int64(2 * time.Second)
	}
	if c := newClock(list); !c.Jumped || c.Uncertainty < 900*time.Millisecond {
		t.Errorf("a jump: %+v", c)
	}
}
