package live

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Tally is how often a transition was made, and how long the state before it
// lasted. The times are wrong by an eighth at most.
type Tally struct {
	tcp.Edge
	Count       uint64
	Median, P99 time.Duration
	HasTimes    bool // some times are known: of connections that were not in the state from the beginning
}

// Tallied is what was added up.
type Tallied struct {
	Mishaps     []host.MishapCount // of the whole time, exact
	Places      []host.MishapAt    // where they happened, as far as it was told
	Transitions []Tally            // without times
	Lost        uint64             // events that the kernel did not count
	Blind       []error            // what this kernel does not tell
}
