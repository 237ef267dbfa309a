package guard

import (
	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
)

// Doers returns who makes each kind of change, those of the guard included.
func Doers() map[diagnose.ChangeKind]apply.Doer {
	all := apply.Doers()
	all[diagnose.ChangeXDP] = xdp{folder: bpfFolder}
	all[diagnose.ChangeMount] = mounts{}
	return all
}
