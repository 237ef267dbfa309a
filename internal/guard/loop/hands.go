package loop

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

// Hands carry out what was decided. A hold.Session has them.
type Hands interface {
	Shadow(netip.AddrPort) error // count its SYNs
	Arm(netip.AddrPort) error    // answer them
	Disarm(netip.AddrPort) error // let them pass, and end a shadow
	Counters(netip.AddrPort) (bpf.Counters, error)
	RotateKey() error
	Beat() error // what is armed falls silent without it
	HandedOver() <-chan struct{}
}

// Senses see what the kernel says of one network namespace.
type Senses interface {
	Counts() (detect.Counts, error) // on every tick
	Look() (detect.Look, error)     // where there is suspicion
}

// tally is what the detector wants to know of counters.
func tally(c bpf.Counters) detect.Tally {
	return detect.Tally{
		SYNs: c.Answered + c.WouldAnswer, Accepted: c.Accepted,
		Passed: c.Passed, BadChecksum: c.BadChecksum, Refused: c.Refused, Forged: c.Forged,
	}
}
