package apply

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// shelf is a system of places that hold values, kept in a map.
type shelf struct {
	held    map[string]string
	refuses string // target that cannot be written
	forgets string // target that does not keep what is written
}

func (s *shelf) Read(c diagnose.Change) (string, error) {
	v, ok := s.held[c.Target]
	if !ok {
		return "", fmt.Errorf("there is no such place: %w", ErrGone)
	}
	return v, nil
}

func (s *shelf) Write(c diagnose.Change, value string) error {
	switch c.Target {
	case s.refuses:
		return errors.New("refused")
	case s.forgets:
		return nil
	}
	s.held[c.Target] = value
	return nil
}

var here = Place{Host: "lab", Boot: "b1", NetNS: "4026531840", Cookie: 7}

// clock is a time that goes on with each look at it.
func clock() func() time.Time {
	now := time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)
	return func() time.Time { now = now.Add(time.Millisecond); return now }
}

func handOn(t *testing.T, s *shelf) *Hand {
	t.Helper()
	return &Hand{Dir: filepath.Join(t.TempDir(), "journals"), Doers: map[diagnose.ChangeKind]Doer{"sysctl": s}, Here: here, Now: clock()}
}

func planOf(id string, changes ...diagnose.Change) remedy.Plan {
	p := remedy.Plan{Remedy: id, Cause: "syn-flood"}
	for i, c := range changes {
		c.Kind = diagnose.ChangeSetting
		p.Changes = append(p.Changes, remedy.Change{ID: fmt.Sprint(id, "/", i+1), Change: c})
	}
	return p
}

func abc() *shelf { return &shelf{held: map[string]string{"a": "1", "b": "1\t2", "c": ""}} }

var three = []diagnose.Change{{Target: "a", From: "1", To: "9"}, {Target: "b", From: "1 2", To: "3 4"}, {Target: "c", From: "", To: "80"}}

func TestApplyAndUndo(t *testing.T) {
	s := abc()
	h := handOn(t, s)
	before := maps.Clone(s.held)
	e, err := h.Apply(planOf("p", three...))
	if err != nil || len(e.Steps) != 3 || s.held["b"] != "3 4" || s.held["c"] != "80" {
		t.Fatal(err, e, s.held)
	}
	again, err := h.Apply(planOf("p", three...))
	if err != nil || len(again.Steps) != 0 {
		t.Error("what stands already was made again:", err, again.Steps)
	}
	if e, err = h.Undo("", false); err != nil || e.Stands() {
		t.Error(err, e)
	}
	if !maps.Equal(s.held, before) {
		t.Errorf("it is %q and was %q", s.held, before)
	}
	var nothing *NothingError
	if _, err := h.Undo("", false); !errors.As(err, &nothing) {
		t.Error("undone twice:", err)
	}
}

func TestNothingIsDoneWhenAPlaceHoldsSomethingElse(t *testing.T) {
	s := abc()
	s.held["b"] = "7"
	h := handOn(t, s)
	var changed *ChangedError
	if _, err := h.Apply(planOf("p", three...)); !errors.As(err, &changed) || changed.Target != "b" {
		t.Error(err)
	}
	if s.held["a"] != "1" {
		t.Error("the first change was made although the second one could not be")
	}
	if list, _ := List(h.Dir); len(list) != 0 {
		t.Error("a journal of nothing")
	}
}

func TestAFailureTakesBackWhatWasDone(t *testing.T) {
	s := abc()
	s.refuses = "c"
	h := handOn(t, s)
	before := maps.Clone(s.held)
	e, err := h.Apply(planOf("p", three...))
	if err == nil || e.Stands() || !maps.Equal(s.held, before) {
		t.Error(err, e, s.held)
	}
	if standing, _ := h.Standing(); len(standing) != 0 {
		t.Error("it stands:", standing)
	}
}

func TestAValueThatTheKernelDoesNotKeepIsAFailure(t *testing.T) {
	s := abc()
	s.forgets = "c"
	h := handOn(t, s)
	if _, err := h.Apply(planOf("p", three...)); err == nil || !strings.Contains(err.Error(), "keeps") || s.held["a"] != "1" {
		t.Error(err, s.held)
	}
}

func TestUndoRefusesWhatSomebodyChanged(t *testing.T) {
	s := abc()
	h := handOn(t, s)
	if _, err := h.Apply(planOf("p", three...)); err != nil {
		t.Fatal(err)
	}
	s.held["a"] = "5"
	var changed *ChangedError
	if _, err := h.Undo("", false); !errors.As(err, &changed) || !changed.Undo || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	if s.held["b"] != "3 4" {
		t.Error("half of it was undone")
	}
	if _, err := h.Undo("", true); err != nil || s.held["a"] != "1" {
		t.Error("forced:", err, s.held)
	}
}

// TestACrashAnywhereIsUndoneExactly stops a random plan at every point at which
// it can be stopped, forgets the process, and undoes from the journal alone.
func TestACrashAnywhereIsUndoneExactly(t *testing.T) {
	type stop struct{}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		s := &shelf{held: map[string]string{}}
		var changes []diagnose.Change
		for i := range 1 + r.IntN(5) {
			name := fmt.Sprint("place", i)
			s.held[name] = fmt.Sprint(r.IntN(100))
			changes = append(changes, diagnose.Change{Target: name, From: s.held[name], To: fmt.Sprint(100 + r.IntN(100))})
		}
		before := maps.Clone(s.held)
		h := handOn(t, s)
		left := r.IntN(3 * len(changes))
		h.wrote = func(int, string) {
			if left--; left < 0 {
				panic(stop{})
			}
		}
		func() {
			defer func() {
				if _, stopped := recover().(stop); !stopped {
					t.Error("it was not stopped")
				}
			}()
			_, _ = h.Apply(planOf("p", changes...))
		}()
		tear(t, h.Dir, r.IntN(20))
		h.wrote = nil
		_, err := h.Undo("", false)
		if nothing := new(NothingError); err != nil && !errors.As(err, &nothing) {
			t.Fatal(round, err)
		}
		if !maps.Equal(s.held, before) {
			t.Fatalf("round %d: it is %q and was %q", round, s.held, before)
		}
	}
}

// tear adds the beginning of a line that was never finished to each journal.
func tear(t *testing.T, dir string, octets int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"n":0,"state":"undone","time":"2026`
	for _, path := range files {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(line[:octets]); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
}

func TestTwoCannotActAtOnce(t *testing.T) {
	h := handOn(t, abc())
	unlock, err := h.lock()
	if err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := h.Apply(planOf("p", three...)); !errors.As(err, &busy) {
		t.Error(err)
	}
	if _, err := h.Undo("", false); !errors.As(err, &busy) {
		t.Error(err)
	}
	unlock()
	if _, err := h.Apply(planOf("p", three...)); err != nil {
		t.Error(err)
	}
}

func TestAnotherNamespaceIsLeftAlone(t *testing.T) {
	s := abc()
	h := handOn(t, s)
	if _, err := h.Apply(planOf("p", three...)); err != nil {
		t.Fatal(err)
	}
	for _, other := range []Place{{Boot: "b1", NetNS: "1", Cookie: 8}, {Boot: "b1", NetNS: here.NetNS, Cookie: 8}} {
		h.Here = other
		var nothing *NothingError
		if _, err := h.Undo("", false); !errors.As(err, &nothing) {
			t.Error(other, err)
		}
	}
	h.Here = Place{Boot: "b2", NetNS: here.NetNS, Cookie: 7} // settings do not outlive a reboot
	if e, err := h.Undo("", false); err != nil || e.Stands() || s.held["a"] != "9" {
		t.Error(err, e, s.held)
	}
}

func TestFindByJournalBeginningOrRemedy(t *testing.T) {
	s := abc()
	h := handOn(t, s)
	first, _ := h.Apply(planOf("first", three[0]))
	second, _ := h.Apply(planOf("second", three[1]))
	for word, want := range map[string]string{"": second.ID, "first": first.ID, first.ID: first.ID, second.ID[:20]: second.ID} {
		if got, err := h.Find(word); err != nil || got.ID != want {
			t.Errorf("%q is %s, %v", word, got.ID, err)
		}
	}
	if status := h.Status(&first); status[0] != InForce {
		t.Error(status)
	}
	s.held["a"] = "6"
	if status := h.Status(&first); status[0] != Altered {
		t.Error(status)
	}
}

// TestWhatIsGoneNeedsNoUndo: the interface or the process that a change was about
// may go before the change does.
func TestWhatIsGoneNeedsNoUndo(t *testing.T) {
	s := abc()
	h := handOn(t, s)
	if _, err := h.Apply(planOf("p", three...)); err != nil {
		t.Fatal(err)
	}
	delete(s.held, "b")
	e, err := h.Undo("", false)
	if err != nil || e.Stands() || e.Steps[1].State != Ended || e.Steps[0].State != Undone || s.held["a"] != "1" {
		t.Error(err, e.Steps, s.held)
	}
}

func TestPreviewChangesNothing(t *testing.T) {
	s := abc()
	s.held["a"] = "9"
	h := handOn(t, s)
	before := maps.Clone(s.held)
	list := h.Preview(planOf("p", append(three, diagnose.Change{Target: "nowhere", To: "1"})...))
	if !list[0].Skip || list[1].Error != nil || list[3].Error == nil {
		t.Errorf("%+v", list)
	}
	if _, err := os.Stat(h.Dir); !maps.Equal(s.held, before) || !errors.Is(err, os.ErrNotExist) {
		t.Error("something was changed", err)
	}
	if v := h.preview(remedy.Change{Change: diagnose.Change{Kind: "xdp", Target: "eth0"}}); v.Error == nil {
		t.Error("a kind that nobody makes was promised")
	}
}

// TestHarmIsRefusedWhoeverAsks: a plan that was not made from a finding is held
// against the same list.
func TestHarmIsRefusedWhoeverAsks(t *testing.T) {
	s := &shelf{held: map[string]string{"net.ipv4.tcp_syncookies": "1"}}
	h := handOn(t, s)
	var harm *remedy.HarmError
	_, err := h.Apply(planOf("p", diagnose.Change{Target: "net.ipv4.tcp_syncookies", From: "1", To: "0"}))
	if !errors.As(err, &harm) || s.held["net.ipv4.tcp_syncookies"] != "1" {
		t.Error(err, s.held)
	}
}

func TestAFullDiskChangesNothing(t *testing.T) {
	s := abc()
	h := handOn(t, s)
	h.Dir = "/dev/null/journals"
	if _, err := h.Apply(planOf("p", three...)); err == nil || s.held["a"] != "1" {
		t.Error(err, s.held)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"schema":"synoptic.journal/v1","begin":{"remedy":"p"}}` + "\n" + `{"n":0,"step":{"kind":"sysctl","target":"a"}}` + "\n" + `{"n":0,"state":"done"}`))
	f.Add([]byte(`{"n":-1,"state":"done"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := Parse(text)
		if err == nil && e.Stands() && len(e.Steps) == 0 {
			t.Error("nothing stands")
		}
	})
}
