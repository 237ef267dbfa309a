package loop

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

// Event is something that happened.
type Event struct {
	Time time.Time
	detect.Verdict
	Err error // what failed
}

// Summary is what a run came to.
type Summary struct {
	Began, Ended time.Time
	Ticks        int           // samples that were taken
	Longest      time.Duration // from one sample to the next that was due at once or a tick later
	Armings      int
	Armed        time.Duration // while at least one listener was
	Suspicions   int           // how often a listener was shadowed
	Listeners    []Defended    // in the order in which they were first met
	HandedOver   bool          // another guard goes on
	DryRun       bool
}

// Defended is what became of one listener.
type Defended struct {
	Address  netip.AddrPort
	Armings  int
	Counters bpf.Counters // of this run
}
