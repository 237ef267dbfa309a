// Package apply carries out a plan of package remedy and takes it back.
//
// Each change has a place that holds a value. Before a value is written, the one
// that stands there is compared with the one that the plan expects, and both are
// written to a journal that is forced to disk, the folder too. So a change that
// no journal tells of cannot exist, and whatever ends the program, even between
// the writing and its note, leaves a place that holds either the old value or
// the new one: to undo is to put the old one back, once, and to refuse where a
// third value stands.
//
// Everything is done in the network namespace of the calling thread.
package apply

import (
	"errors"
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Doer reads and writes the places of one kind of change. Write must be atomic:
// after a crash the place holds the value before or the value after.
type Doer interface {
	// Read returns the value that stands at the place of the change, "" when
	// nothing does. The error wraps ErrGone where the place itself is gone.
	Read(c diagnose.Change) (string, error)
	// Write makes the place hold the value, which is the change's From or To.
	Write(c diagnose.Change, value string) error
}

// ErrGone says that the place of a change is there no more: the interface, the
// process or the rule that it was about. There is nothing to put back then.
var ErrGone = errors.New("what it was about is gone")

// pinner is a Doer whose places may become others: what has a process id today
// may be another process tomorrow.
type pinner interface {
	// Pin returns the change with a target that means what stands there now.
	Pin(c diagnose.Change) (diagnose.Change, error)
}

// sweeper is a Doer whose places may have something beside them that a crash left
// while a value was written.
type sweeper interface {
	Sweep(c diagnose.Change) error
}

// same tells whether two values are one: sysctl parts numbers by tabs or blanks.
func same(a, b string) bool {
	return a == b || strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// ChangedError refuses to act because a place does not hold what was expected.
type ChangedError struct {
	Target         string
	Expected, Held string
	Undo           bool // it was changed since it was applied, not before
}

// Error says what stands there, and what can be done.
func (e *ChangedError) Error() string {
	if e.Undo {
		return fmt.Sprintf("%s is %s and was set to %s: somebody changed it since; --force puts the value before back", e.Target, shown(e.Held), shown(e.Expected))
	}
	return fmt.Sprintf("%s is %s and was %s when the plan was made: nothing was changed; diagnose again", e.Target, shown(e.Held), shown(e.Expected))
}

func shown(value string) string {
	switch {
	case value == "":
		return "empty"
	case strings.Contains(value, "\n"):
		return fmt.Sprintf("a text of %d octets", len(value))
	}
	return fmt.Sprintf("%q", value)
}

// KindError says that this program cannot make a kind of change on this system.
type KindError struct{ Kind diagnose.ChangeKind }

// Error names the kind.
func (e *KindError) Error() string {
	return fmt.Sprintf("changes of kind %s cannot be made on this system", e.Kind)
}

// BusyError says that another process acts at this moment.
type BusyError struct{ Dir string }

// Error names the folder whose lock is held.
func (e *BusyError) Error() string {
	return "another synoptic is changing this host now (the lock in " + e.Dir + " is held): wait until it has ended"
}
