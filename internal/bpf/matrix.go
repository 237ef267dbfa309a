package bpf

import "time"

// Dwell is a histogram of the time that connections spent in a state before one
// transition.
type Dwell struct {
	From, To uint8 // Linux's numbers
	Unknown  uint64
	Cells    [dwellCells]uint64
}

// The shape of the histogram, as in transitions.bpf.c: four cells an octave.
const (
	dwellStates = 16
	octaveCells = 4
	leastOctave = 8
	mostOctave  = 47
	dwellCells  = (mostOctave - leastOctave) * octaveCells
	pairCells   = 1 + dwellCells
)

// Known is how many times are known.
func (d *Dwell) Known() (n uint64) {
	for _, c := range d.Cells {
		n += c
	}
	return n
}

// Count is how often the transition was made.
func (d *Dwell) Count() uint64 { return d.Unknown + d.Known() }

// Quantile returns the time below which the given share of the known ones lies,
// wrong by an eighth at most: a cell is a quarter of an octave wide, and its
// middle is taken. ok is false when none is known.
func (d *Dwell) Quantile(share float64) (t time.Duration, ok bool) {
	known := d.Known()
	if known == 0 {
		return 0, false
	}
	rank := uint64(share * float64(known-1))
	for i, n := range d.Cells {
		if rank < n {
			return middle(i), true
		}
		rank -= n
	}
	return middle(dwellCells - 1), true
}

// middle is the middle of a cell.
func middle(cell int) time.Duration {
	octave := time.Duration(1) << (leastOctave + cell/octaveCells)
	return octave + octave*time.Duration(2*(cell%octaveCells)+1)/(2*octaveCells)
}
