package explore

import (
	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// Report is what Run found out.
type Report struct {
	Bound     string
	States    int    // distinct joint states
	Moves     int    // moves made, one a choice of what is lost
	Depth     int    // moves of the longest of the shortest ways from the beginning
	Ends      int    // joint states in which all is over
	Locals    int    // distinct ends, with what the invariants remember of them
	Packets   int    // distinct packets
	Crowd     int    // the most packets under way at once
	Exhausted bool   // every joint state within the bound was met
	Unmet     string // if not: what stopped the run

	Taken  []int                               // how many moves took a row, by index in tcp.Rows
	InVain []bool                              // rows of calls that were answered and changed nothing, by the same index
	Pairs  [tcp.Closed + 1][tcp.Closed + 1]int // joint states, by state of originator and responder

	Violations []Violation // one for each broken invariant, in their order
}

// Violation is a broken invariant with a shortest run that breaks it. For
// NoDeadlock and WayOut that is a run into the first joint state without a way
// on, or without a way out.
type Violation struct {
	Invariant Invariants // one
	Moves     int
	Trace     simulate.Trace
}

// Broken returns the invariants that did not hold.
func (r *Report) Broken() (broken Invariants) {
	for _, v := range r.Violations {
		broken |= v.Invariant
	}
	return broken
}

// Unexpected returns the invariants that did not hold although the bound is not
// there to break anything, or those that it is there to break and that held.
func (b *Bound) Unexpected(r *Report) Invariants {
	if b.Breaks == 0 {
		return r.Broken()
	}
	return b.Breaks &^ r.Broken()
}
