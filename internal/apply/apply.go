package apply

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// Hand carries out plans.
type Hand struct {
	Dir   string                       // of the journals
	Doers map[diagnose.ChangeKind]Doer // by kind; others are refused
	Here  Place                        // the namespace of the calling thread
	Now   func() time.Time             // for the journal
	wrote func(n int, about string)    // a test's eye on the order of things; may be nil
}

// Preview is what carrying out a change would do.
type Preview struct {
	remedy.Change
	Held  string // what stands there now
	Skip  bool   // it stands there already
	Error error  // it cannot be done, and why
}

// Preview reads what stands at each place of a plan. It changes nothing.
func (h *Hand) Preview(p remedy.Plan) []Preview {
	list := make([]Preview, len(p.Changes))
	for i, c := range p.Changes {
		list[i] = h.preview(c)
		if why := remedy.Harm(p.Cause, c.Change); why != "" { // whoever made the plan
			list[i].Error = &remedy.HarmError{Target: c.Target, Why: why}
		}
	}
	return list
}

func (h *Hand) preview(c remedy.Change) Preview {
	v := Preview{Change: c}
	doer, err := h.doer(c.Kind)
	if p, pins := doer.(pinner); pins && err == nil {
		v.Change.Change, err = p.Pin(c.Change)
	}
	if err == nil {
		v.Held, err = doer.Read(v.Change.Change)
	}
	switch {
	case err != nil:
		v.Error = fmt.Errorf("%s: %w", c.Target, err)
	case !c.Reversible():
	case same(v.Held, c.To):
		v.Skip = true
	case c.Known() && !same(v.Held, c.From):
		v.Error = &ChangedError{Target: c.Target, Expected: c.From, Held: v.Held}
	}
	return v
}

func (h *Hand) doer(kind diagnose.ChangeKind) (Doer, error) {
	if d := h.Doers[kind]; d != nil {
		return d, nil
	}
	return nil, &KindError{kind}
}

// Apply carries out a plan. When a change fails, those before it are taken back.
// The entry says what was done; it has no steps, and no journal, when everything
// stood there already.
func (h *Hand) Apply(p remedy.Plan) (Entry, error) {
	unlock, err := h.lock()
	if err != nil {
		return Entry{}, err
	}
	defer unlock()
	var todo []Preview
	for _, v := range h.Preview(p) {
		if v.Error != nil {
			return Entry{}, v.Error
		}
		if !v.Skip {
			todo = append(todo, v)
		}
	}
	e := Entry{Remedy: p.Remedy, Cause: string(p.Cause), Time: h.Now().UTC(), PID: os.Getpid(), Place: h.Here}
	if len(todo) == 0 {
		return e, nil
	}
	if e.ID, err = h.freshID(&e); err != nil {
		return e, err
	}
	w, err := create(h.Dir, &e, h.Now)
	if err != nil {
		return e, fmt.Errorf("no journal can be written, so nothing was changed: %w", err)
	}
	defer w.close()
	return e, h.carryOut(&e, w, todo)
}

func (h *Hand) carryOut(e *Entry, w *writer, todo []Preview) error {
	for i, v := range todo {
		step := stepOf(v.Change, v.Held)
		if err := w.intend(i, step); err != nil {
			return errors.Join(err, h.takeBack(e, w))
		}
		step.State = Intended
		e.Steps = append(e.Steps, step)
		h.tell(i, "intended")
		if err := h.write(&e.Steps[i], step.To); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", step.Target, err), h.takeBack(e, w))
		}
		h.tell(i, "written")
		if e.Steps[i].State = Done; !step.change().Reversible() {
			e.Steps[i].State = Ended // nothing stands that could be taken back
		}
		if err := w.note(i, e.Steps[i].State); err != nil {
			return errors.Join(err, h.takeBack(e, w))
		}
		h.tell(i, "done")
	}
	return nil
}

func (h *Hand) tell(n int, about string) {
	if h.wrote != nil {
		h.wrote(n, about)
	}
}

// write sets a place and looks whether the value stayed.
func (h *Hand) write(s *Step, value string) error {
	doer, err := h.doer(s.Kind)
	if err != nil {
		return err
	}
	c := s.change()
	if err := doer.Write(c, value); err != nil || !c.Reversible() {
		return err
	}
	held, err := doer.Read(c)
	if err == nil && !same(held, value) {
		err = fmt.Errorf("the kernel keeps %s instead of %s", shown(held), shown(value))
	}
	return err
}

// takeBack undoes, the last first, what an entry did until it failed.
func (h *Hand) takeBack(e *Entry, w *writer) error {
	var errs []error
	for i := range slices.Backward(e.Steps) {
		if err := h.undo(&e.Steps[i], false); err != nil {
			errs = append(errs, fmt.Errorf("and this could not be taken back: %w", err))
			continue
		}
		errs = append(errs, w.note(i, e.Steps[i].State))
	}
	return errors.Join(errs...)
}

// undo puts back what stood there before the step, unless a third value does.
func (h *Hand) undo(s *Step, force bool) error {
	c := s.change()
	if !c.Reversible() {
		s.State = Ended
		return nil
	}
	doer, err := h.doer(s.Kind)
	if err != nil {
		return err
	}
	held, err := doer.Read(c)
	switch {
	case errors.Is(err, ErrGone):
		s.State = Ended
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", s.Target, err)
	case same(held, s.From):
		if d, sweeps := doer.(sweeper); sweeps {
			if err := d.Sweep(c); err != nil {
				return fmt.Errorf("%s: %w", s.Target, err)
			}
		}
	case !same(held, s.To) && !force:
		return &ChangedError{Target: s.Target, Expected: s.To, Held: held, Undo: true}
	default:
		if err := h.write(s, s.From); err != nil {
			return fmt.Errorf("%s: %w", s.Target, err)
		}
	}
	s.State = Undone
	return nil
}

// freshID names a journal by the time and the remedy.
func (h *Hand) freshID(e *Entry) (string, error) {
	base := e.Time.Format("20060102T150405.000Z") + "-" + fileName(e.Remedy)
	for n := range 1000 {
		id := base
		if n > 0 {
			id = fmt.Sprintf("%s-%d", base, n)
		}
		if _, err := os.Lstat(journalPath(h.Dir, id)); errors.Is(err, os.ErrNotExist) {
			return id, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s holds a thousand journals of this moment: is the clock stopped?", h.Dir)
}

// fileName makes the name of a remedy one that a file can have.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, id)
}
