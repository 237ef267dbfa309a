package bpf

import (
	"math/bits"
	"testing"
	"time"
)

// cellOf is what the kernel program does, written again from its description.
func cellOf(d time.Duration) int {
	if d < 1<<leastOctave {
		return 0
	}
	octave := bits.Len64(uint64(d)) - 1
	if octave >= mostOctave {
		return dwellCells - 1
	}
	return (octave-leastOctave)*octaveCells + int(d>>(octave-2)&3)
}

func TestQuantile(t *testing.T) {
	var d Dwell
	if _, ok := d.Quantile(0.5); ok {
		t.Error("a quantile of nothing")
	}
	d.Unknown = 5
	for i := 1; i <= 1000; i++ {
		d.Cells[cellOf(time.Duration(i)*time.Millisecond)]++
	}
	if d.Count() != 1005 || d.Known() != 1000 {
		t.Errorf("count %d, known %d", d.Count(), d.Known())
	}
	for share, want := range map[float64]time.Duration{0: time.Millisecond, 0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second} {
		got, ok := d.Quantile(share)
		if wrong := (got - want).Abs(); !ok || wrong > want/8 {
			t.Errorf("quantile %.2f is %v, not %v", share, got, want)
		}
	}
}

// TestMiddle: the middle of each cell lies in it, and cells follow one another.
func TestMiddle(t *testing.T) {
	for i := range dwellCells {
		if got := cellOf(middle(i)); got != i {
			t.Errorf("the middle of cell %d, %v, lies in cell %d", i, middle(i), got)
		}
	}
}
