package apply

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

func journalPath(dir, id string) string { return filepath.Join(dir, id+suffix) }

// NothingError says that there is nothing to undo.
type NothingError struct{ ID string }

// Error names what was asked for.
func (e *NothingError) Error() string {
	if e.ID == "" {
		return "nothing to undo: no change of synoptic stands in this network namespace"
	}
	return fmt.Sprintf("nothing to undo: no change %q of synoptic stands in this network namespace", e.ID)
}

// Standing lists the entries that may be in force here, the oldest first: those
// of this namespace, and files that outlived a reboot.
func (h *Hand) Standing() ([]Entry, error) {
	all, err := List(h.Dir)
	return slices.DeleteFunc(all, func(e Entry) bool { return !e.Stands() || !h.reaches(&e) }), err
}

// reaches tells whether what an entry set can be seen from here.
func (h *Hand) reaches(e *Entry) bool {
	return e.Place.Is(h.Here) || e.Place.Boot != h.Here.Boot
}

// Find returns the newest standing entry that a word means: the name of its
// journal, its beginning, or the remedy. The empty word is the newest of all.
func (h *Hand) Find(word string) (Entry, error) {
	standing, err := h.Standing()
	for _, e := range slices.Backward(standing) {
		if word == "" || e.Remedy == word || strings.HasPrefix(e.ID, word) {
			return e, nil
		}
	}
	if err != nil {
		return Entry{}, err
	}
	return Entry{}, &NothingError{word}
}

// Undo puts back what stood there before an entry, the last step first, and
// stops at a place that somebody changed since unless force says otherwise. What
// is undone already stays so.
func (h *Hand) Undo(id string, force bool) (Entry, error) {
	unlock, err := h.lock()
	if err != nil {
		return Entry{}, err
	}
	defer unlock()
	e, err := h.Find(id)
	if err != nil {
		return e, err
	}
	if err := h.undoable(&e, force); err != nil {
		return e, err
	}
	w, err := reopen(h.Dir, e.ID, h.Now)
	if err != nil {
		return e, err
	}
	defer w.close()
	for i := range slices.Backward(e.Steps) {
		s := &e.Steps[i]
		if !s.Stands() {
			continue
		}
		if h.Gone(&e, s) {
			s.State = Ended
		} else if err := h.undo(s, force); err != nil {
			return e, err
		}
		h.tell(i, "back")
		if err := w.note(i, s.State); err != nil {
			return e, err
		}
	}
	return e, nil
}

// Gone tells whether a step ended with a reboot. Files outlive one, and so does
// what a file of the same entry sets anew when the system starts.
func (h *Hand) Gone(e *Entry, s *Step) bool {
	if s.Kind.Lasts() || e.Place.Boot == h.Here.Boot {
		return false
	}
	place := e.Place
	place.Boot = h.Here.Boot
	return !place.Is(h.Here) || !slices.ContainsFunc(e.Steps, func(file Step) bool { return file.sets(s) })
}

// sets tells whether the step is a file with a line for the setting of another.
func (s *Step) sets(other *Step) bool {
	line := other.Target + " = " + other.To
	return s.Kind == diagnose.ChangeFile && other.Kind == diagnose.ChangeSetting && slices.Contains(strings.Split(s.To, "\n"), line)
}

// undoable looks at every place before the first one is touched, so that what is
// refused leaves all as it is.
func (h *Hand) undoable(e *Entry, force bool) error {
	var errs []error
	for _, s := range e.Steps {
		if !s.Stands() || force || h.Gone(e, &s) || !s.change().Reversible() {
			continue
		}
		doer, err := h.doer(s.Kind)
		if err != nil {
			return err
		}
		held, err := doer.Read(s.change())
		switch {
		case errors.Is(err, ErrGone):
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", s.Target, err))
		case !same(held, s.From) && !same(held, s.To):
			errs = append(errs, &ChangedError{Target: s.Target, Expected: s.To, Held: held, Undo: true})
		}
	}
	return errors.Join(errs...)
}

// Standing says whether a step is in force, by what its place holds.
type Standing string

// What a place may hold.
const (
	InForce  Standing = "in-force"
	TakenOut Standing = "taken-back" // it holds what stood there before
	Altered  Standing = "altered"    // somebody set a third value
	Unread   Standing = "unread"
)

// Status compares the steps of an entry with the system.
func (h *Hand) Status(e *Entry) []Standing {
	list := make([]Standing, len(e.Steps))
	for i, s := range e.Steps {
		list[i] = Unread
		doer, err := h.doer(s.Kind)
		if err != nil || !s.change().Reversible() {
			continue
		}
		held, err := doer.Read(s.change())
		switch {
		case err != nil:
		case same(held, s.To):
			list[i] = InForce
		case same(held, s.From):
			list[i] = TakenOut
		default:
			list[i] = Altered
		}
	}
	return list
}
