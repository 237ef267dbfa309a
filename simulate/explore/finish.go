package explore

import "slices"

// finish fills in the report.
func (s *search) finish() {
	r := &s.report
	r.States, r.Locals, r.Packets, r.InVain = len(s.parents), s.met, len(s.packets), s.idle
	if r.Exhausted {
		s.wayOut()
	}
	for _, one := range s.bound.Invariants.List() {
		if c, found := s.broken[one]; found {
			way := s.way(c)
			r.Violations = append(r.Violations, Violation{one, len(way), s.trace(way)})
		}
	}
}

// wayOut looks for the first joint state from which no run leads to an end. It
// marks the ends, then whatever leads to something marked, until nothing new is.
// Most moves lead to later joint states, so going backwards takes few rounds.
func (s *search) wayOut() {
	marked := s.over
	for changed := true; changed; {
		changed = false
		for n := len(marked) - 1; n >= 0; n-- {
			if !marked[n] && s.leadsTo(n, marked) {
				marked[n], changed = true, true
			}
		}
	}
	if n := slices.Index(marked, false); n >= 0 {
		s.breaks(WayOut, crime{state: uint32(n)})
	}
}

func (s *search) leadsTo(n int, marked []bool) bool {
	begin := uint32(0)
	if n > 0 {
		begin = s.leadEnd[n-1]
	}
	return slices.ContainsFunc(s.leads[begin:s.leadEnd[n]], func(to uint32) bool { return marked[to] })
}

// way returns the moves that lead from the beginning to a crime.
func (s *search) way(c crime) []move {
	var moves []move
	if c.moved {
		moves = append(moves, c.by)
	}
	for n := c.state; n != 0; n = s.parents[n] {
		moves = append(moves, s.by[n])
	}
	slices.Reverse(moves)
	return moves
}
