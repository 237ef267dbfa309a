package bpf

import "fmt"

// Summary returns what was summed up since the beginning, one entry for each
// transition that was made.
func (t *Transitions) Summary() ([]Dwell, error) {
	var all []Dwell
	for from := range uint32(dwellStates) {
		for to := range uint32(dwellStates) {
			d := Dwell{From: uint8(from), To: uint8(to)}
			cells := uint32(pairCells)
			if t.timeless {
				cells = 1 // no time is known
			}
			if err := t.readDwell(&d, (from*dwellStates+to)*pairCells, cells); err != nil {
				return nil, err
			}
			if d.Count() > 0 {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// readDwell adds up what each processor has counted.
func (t *Transitions) readDwell(d *Dwell, first, cells uint32) error {
	each := make([]uint64, 0, 64)
	for i := range cells {
		if err := t.objects.Maps["matrix"].Lookup(first+i, &each); err != nil {
			return fmt.Errorf("bpf: read the summary: %w", err)
		}
		into := &d.Unknown
		if i > 0 {
			into = &d.Cells[i-1]
		}
		for _, n := range each {
			*into += n
		}
	}
	return nil
}
