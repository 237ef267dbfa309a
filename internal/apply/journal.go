package apply

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// Schema names the form of a journal.
const Schema = "synoptic.journal/v1"

const suffix = ".journal"

// Place says where a plan was carried out: what was set there means nothing in
// another namespace, and little after a reboot.
type Place struct {
	Host   string `json:"host"`
	Boot   string `json:"boot"`             // boot_id
	NetNS  string `json:"netns"`            // inode of the network namespace
	Cookie uint64 `json:"cookie,omitempty"` // of the namespace, never used twice in a boot; 0 before Linux 5.14
}

// Is tells whether two places are the same network namespace of the same boot.
func (p Place) Is(other Place) bool {
	return p.Boot == other.Boot && p.NetNS == other.NetNS && p.Cookie == other.Cookie
}

// State is how far a step is.
type State string

// The states of a step.
const (
	Intended State = "intend" // it was about to be made: the place holds From or To
	Done     State = "done"
	Undone   State = "undone"
	Ended    State = "ended" // it went with the reboot, or has no way back
)

// Step is one change as it was made.
type Step struct {
	ID     string              `json:"id"`
	Kind   diagnose.ChangeKind `json:"kind"`
	Target string              `json:"target"`
	From   string              `json:"from"` // what stood there, exactly
	To     string              `json:"to"`
	Undo   []string            `json:"undo,omitempty"` // for a person who has the journal and not the program
	State  State               `json:"-"`
}

// change is what a Doer is told.
func (s Step) change() diagnose.Change {
	return diagnose.Change{Kind: s.Kind, Target: s.Target, From: s.From, To: s.To}
}

// Stands tells whether the step may still be in force.
func (s Step) Stands() bool { return s.State == Intended || s.State == Done }

// Entry is one plan that was carried out, as its journal tells.
type Entry struct {
	ID     string    `json:"id"` // name of the journal
	Remedy string    `json:"remedy"`
	Cause  string    `json:"cause"`
	Time   time.Time `json:"time"`
	PID    int       `json:"pid"`
	Place  Place     `json:"place"`
	Steps  []Step    `json:"-"`
}

// Stands tells whether anything of the entry may still be in force.
func (e *Entry) Stands() bool { return slices.ContainsFunc(e.Steps, Step.Stands) }

// line is one line of a journal. The first one begins it; each further one says
// how far a step is.
type line struct {
	Schema string    `json:"schema,omitempty"`
	Begin  *Entry    `json:"begin,omitempty"`
	Step   *Step     `json:"step,omitempty"` // with State Intended
	N      int       `json:"n"`
	State  State     `json:"state,omitempty"`
	Time   time.Time `json:"time"`
}

// writer appends lines to a journal, each on disk before it returns.
type writer struct {
	file *os.File
	now  func() time.Time
}

// create makes the journal of an entry. Its name is on disk when it returns.
func create(dir string, e *Entry, now func() time.Time) (*writer, error) {
	file, err := os.OpenFile(filepath.Join(dir, e.ID+suffix), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	w := &writer{file, now}
	if err := errors.Join(w.write(line{Schema: Schema, Begin: e}), syncFolder(dir)); err != nil {
		file.Close()
		return nil, err
	}
	return w, nil
}

func reopen(dir string, id string, now func() time.Time) (*writer, error) {
	path := filepath.Join(dir, id+suffix)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	w := &writer{file, now}
	if len(text) > 0 && text[len(text)-1] != '\n' { // the last line was torn by a crash
		_, err = file.WriteString("\n")
	}
	return w, err
}

func (w *writer) write(l line) error {
	l.Time = w.now().UTC()
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := w.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("the journal cannot be written: %w", err)
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("the journal cannot be forced to disk: %w", err)
	}
	return nil
}

func (w *writer) intend(n int, s Step) error { return w.write(line{N: n, Step: &s, State: Intended}) }

func (w *writer) note(n int, state State) error { return w.write(line{N: n, State: state}) }

func (w *writer) close() error { return w.file.Close() }

// syncFolder forces the names in a folder to disk.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// List reads every journal of a folder, the oldest first. A folder that is not
// there holds none. The error names journals that cannot be read; the others are
// returned beside it.
func List(dir string) ([]Entry, error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []Entry
	var errs []error
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), suffix)
		if !ok {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		e, err := Parse(text)
		if errors.Is(err, errNotBegun) {
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name(), err))
			continue
		}
		e.ID = id
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	return entries, errors.Join(errs...)
}

// errNotBegun: a crash came before the first line was whole, and so before any
// change.
var errNotBegun = errors.New("the journal was not begun, so nothing was changed")

// Parse reads a journal. Lines that a crash tore are passed over: what follows a
// step's intention tells only whether it must be looked for.
func Parse(text []byte) (Entry, error) {
	var e Entry
	begun := false
	for i, one := range bytes.Split(text, []byte("\n")) {
		var l line
		if len(one) == 0 || json.Unmarshal(one, &l) != nil {
			continue
		}
		switch {
		case i == 0 && l.Schema != Schema:
			return e, fmt.Errorf("a journal of another form (%q): use the version of synoptic that wrote it", l.Schema)
		case l.Begin != nil:
			e, begun = *l.Begin, true
		case l.Step != nil && l.N == len(e.Steps):
			l.Step.State = Intended
			e.Steps = append(e.Steps, *l.Step)
		case l.Step == nil && l.N >= 0 && l.N < len(e.Steps):
			e.Steps[l.N].State = l.State
		}
	}
	switch {
	case begun:
		return e, nil
	case !bytes.Contains(text, []byte("\n")):
		return e, errNotBegun
	default:
		return e, errors.New("its first line is damaged")
	}
}

// stepOf is the step that a plan's change becomes when the place holds a value.
func stepOf(c remedy.Change, held string) Step {
	exact := c.Change
	exact.From = held
	return Step{ID: c.ID, Kind: c.Kind, Target: c.Target, From: held, To: c.To, Undo: exact.Undo()}
}
