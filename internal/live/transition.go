package live

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/tcp"
)

// Transition is one change of the state of one end of a connection.
type Transition struct {
	Time          time.Time
	From, To      tcp.State
	Kind          host.Kind // the object of the kernel that stands for it afterwards, or stood for it if that is CLOSED
	Source        Source
	Cause         Cause
	Reason        string // why it ended, as the kernel spells it: why it sent a RST (TCP_ABORT_ON_CLOSE), else the socket's error (ETIMEDOUT); "": neither
	Local, Remote netip.AddrPort
	NetNS         uint32 // inode of the network namespace
	Cookie        uint64 // 0 when the kernel has made none

	// Owners are the descriptors on the socket; those that were, of an orphan.
	// FD is 0 where the owner is known by its system call only.
	Owners    []inventory.Owner
	OwnerKind inventory.OwnerKind

	InFrom    time.Duration // in the state that was left
	HasInFrom bool          // InFrom is known

	mark, device uint32
}

// Source says how a transition was seen.
type Source string

// The sources, as in the contract.
const (
	Event    Source = "event"    // the kernel told as it happened
	Iterator Source = "iterator" // found by looking again
)

// Cause says what made a connection change its state, "" when it is not known.
type Cause string

// The causes.
const (
	BySegment     Cause = "segment"     // what the peer sent
	BySystemCall  Cause = "system-call" // what the program did
	ByTimer       Cause = "timer"       // nobody answered
	ByReset       Cause = "reset"       // the peer sent a RST
	ByICMP        Cause = "icmp"        // a router or host said that it cannot be reached
	ByDestruction Cause = "destroy"     // an administrator ended it (ss -K)
)

// endpoint is the view that a filter has of the transition, in whichever of its
// two states is asked for.
func (t *Transition) endpoint(asked tcp.StateSet) *ssfilter.Endpoint {
	state := t.To
	if !asked.Has(state) {
		state = t.From
	}
	return &ssfilter.Endpoint{
		State: state, Local: t.Local, Remote: t.Remote,
		Known: ssfilter.KnowsInterface | ssfilter.KnowsMark, Interface: t.device, Mark: t.mark,
	}
}
