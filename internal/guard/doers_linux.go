package guard

import (
	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
)

// Doers returns who makes each kind of change, those of the guard included.
func Doers() map[diagnose.ChangeKind]apply.Doer {
	all := apply.Doers()
	all[diagnose.ChangeXDP] = xdp{folder: bpfFolder}
	all[diagnose.ChangeMount] = mounts{}
	return all
}

// LingeringHand is a Hand that takes no client's handshake away with the programs:
// where cookies are under way, it gives the disarmed guard to linger, which keeps
// it until their ACKs have come.
func LingeringHand(folder string, linger func(*bpf.Guard) error) (*apply.Hand, error) {
	h, err := NewHand(folder)
	h.Doers[diagnose.ChangeXDP] = xdp{folder: bpfFolder, linger: linger}
	return h, err
}
