//go:build !linux

package apply

import "github.com/synoptic-net/synoptic/diagnose"

// Here is the place of the calling thread: not known outside of Linux.
func Here() (Place, error) { return Place{}, nil }

// Doers returns who makes changes on this system: nobody.
func Doers() map[diagnose.ChangeKind]Doer { return nil }
