package guard

import (
	"errors"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
)

// NewHand returns what carries plans out in the network namespace of the calling
// thread, with its journals in a folder.
func NewHand(folder string) (*apply.Hand, error) {
	place, err := apply.Here()
	return &apply.Hand{Dir: folder, Doers: Doers(), Here: place, Now: time.Now}, err
}

// RunName is what the journals of a guard that runs call it: what it changed goes
// when it ends.
const RunName = "guard-run"

// Step is a change of the guard that a journal tells of, beside what its place
// holds now.
type Step struct {
	apply.Step
	Journal string
	Run     bool // a guard made it that runs, or died
	PID     int  // of the process that made it
	Applied time.Time
	Now     apply.Standing
	Held    string // what stands there; "" where nothing does, or Now is Unread or Gone
}

// Gone is the standing of a change that went with a reboot.
const Gone apply.Standing = "gone"

// Status returns the changes of the guard that stand in this namespace by its
// journals, in the order in which they were made. A place that was changed twice
// is one change, from what stood there first to what was set last.
func Status(h *apply.Hand) (steps []Step, err error) {
	standing, err := h.Standing()
	for _, e := range standing {
		if e.Remedy != Name && e.Remedy != RunName {
			continue
		}
		now := h.Status(&e)
		for i, s := range e.Steps {
			if !s.Stands() {
				continue
			}
			one := Step{Step: s, Journal: e.ID, Run: e.Remedy == RunName, PID: e.PID, Applied: e.Time, Now: now[i]}
			if h.Gone(&e, &s) {
				one.Now = Gone
			} else if doer := h.Doers[s.Kind]; doer != nil && one.Now != apply.Unread {
				one.Held, _ = doer.Read(diagnose.Change{Kind: s.Kind, Target: s.Target, From: s.From, To: s.To}) // read a moment ago
			}
			steps = over(steps, one)
		}
	}
	return steps, err
}

// over puts a step in the place of an earlier one on the same place.
func over(steps []Step, next Step) []Step {
	for i, s := range steps {
		if s.Kind == next.Kind && s.Target == next.Target {
			if s.Now != Gone { // what went with a reboot and was made again began anew
				next.From, next.Undo = s.From, s.Undo
			}
			return append(slices.Delete(steps, i, i+1), next)
		}
	}
	return append(steps, next)
}

// Revert takes all changes of the guard back that stand in this namespace, the
// last first, those of one that ran and died included. It stops where somebody set
// another value since, unless forced.
func Revert(h *apply.Hand, force bool) (done []apply.Entry, err error) {
	for {
		standing, err := h.Standing()
		i := len(standing) - 1
		for i >= 0 && standing[i].Remedy != Name && standing[i].Remedy != RunName {
			i--
		}
		if i < 0 {
			return done, err
		}
		e, err := h.Undo(standing[i].ID, force)
		if nothing := new(apply.NothingError); errors.As(err, &nothing) {
			continue // somebody else was faster
		}
		if err != nil {
			return done, err
		}
		done = append(done, e)
	}
}

// RevertRun takes back what a guard changed while it ran, the last change first.
// Where somebody set another value since, that one stays, and the others are taken
// back all the same.
func RevertRun(h *apply.Hand) error {
	standing, err := h.Standing()
	errs := []error{err}
	for _, e := range slices.Backward(standing) {
		if e.Remedy != RunName {
			continue
		}
		_, err := h.Undo(e.ID, false)
		if nothing := new(apply.NothingError); !errors.As(err, &nothing) { // else somebody else was faster
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
