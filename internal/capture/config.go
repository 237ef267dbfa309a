package capture

import (
	"errors"

	"github.com/synoptic-net/synoptic/internal/pcapfilter"
)

// Any is the name for all interfaces, those included that come later.
const Any = "any"

// Config says what to capture.
type Config struct {
	Interfaces []string           // names; none is Any
	Filter     *pcapfilter.Filter // nil lets all pass
	Snap       uint32             // octets kept of a packet, link header included; 0 is pcapfilter.MaxSnap
	// Sample keeps, of the packets that pass the filter, those that change a
	// state, and of the others one in so many (pcapfilter.Interesting). 0 keeps
	// all.
	Sample      uint32
	Promiscuous bool // ask the interface for frames to other hosts too
	Memory      int  // octets of each ring; 0 is 16 MiB
	// Outlast goes on with the other interfaces when one goes down or away, as that
	// of a container does at its end.
	Outlast bool
	// Idle, if not nil, is called from Each when no packet came for a tenth of a
	// second; what it returns ends Each.
	Idle func() error
}

// ErrRights says that the kernel refused a packet socket.
var ErrRights = errors.New("capture needs CAP_NET_RAW in this network namespace: run it as root, or give the right to the program with \"setcap cap_net_raw+ep\"")

// Counts is what the kernel and the program saw. Passed is Delivered and
// Dropped, and what still waits in the ring.
type Counts struct {
	Passed    uint64 // packets that the filter let pass
	Dropped   uint64 // of those, packets that found the ring full
	Freezes   uint64 // how often the ring was full
	Delivered uint64 // packets that were handed to the program
}

// program compiles the filter for a link.
func (c *Config) program(link pcapfilter.Link) (pcapfilter.Program, error) {
	filter, snap := c.Filter, c.Snap
	if filter == nil {
		filter = new(pcapfilter.Filter)
	}
	if snap == 0 {
		snap = pcapfilter.MaxSnap
	}
	if c.Sample == 0 {
		return filter.Compile(link, snap)
	}
	return pcapfilter.Interesting(filter, link, snap, c.Sample)
}
