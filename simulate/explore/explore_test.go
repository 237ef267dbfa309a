package explore

import (
	"reflect"
	"testing"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// small returns the bound as it is explored in a test: the large ones with less
// for the network to do. BenchmarkBounds explores them all as they are.
func small(b Bound) Bound {
	switch b.Name {
	case "connection", "any-order", "simultaneous-open", "younger-syn", "crash-and-open":
		b.Duplicates = 0
	case "early-retransmission", "abort", "abort-early", "crash-after-close", "crash-and-listen", "old-syn":
		b.Losses = 0
	case "last-ack-lost":
		b.Breaks = RealFIN // in 27 moves; the other takes 39
	}
	return b
}

// explored runs every kept bound once, for all tests.
var explored = func() func(t *testing.T) ([]Bound, []Report) {
	var bounds []Bound
	var reports []Report
	return func(t *testing.T) ([]Bound, []Report) {
		t.Helper()
		for _, b := range Bounds()[len(bounds):] {
			bounds = append(bounds, small(b))
			reports = append(reports, mustRun(t, small(b)))
		}
		return bounds, reports
	}
}()

func mustRun(t testing.TB, b Bound) Report {
	t.Helper()
	r, err := Run(b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestBounds: what is expected to hold holds in every joint state, and what is to
// be broken is.
func TestBounds(t *testing.T) {
	bounds, reports := explored(t)
	for i, b := range bounds {
		r := reports[i]
		if b.Breaks == 0 && !r.Exhausted {
			t.Errorf("%s is not exhausted: %s", b.Name, r.Unmet)
		}
		if wrong := b.Unexpected(&r); wrong != 0 {
			t.Errorf("%s: unexpected: %v; broken: %v", b.Name, wrong, r.Broken())
		}
		if b.Breaks == 0 && r.Ends == 0 {
			t.Errorf("%s never ends", b.Name)
		}
	}
}

// TestRemedies: what breaks something differs in one thing from a bound in which
// everything holds.
func TestRemedies(t *testing.T) {
	for _, c := range []struct {
		broken, whole Bound
		repair        func(*Bound)
	}{
		{timeWaitZero(), reuse(), func(b *Bound) { b.TimeWaitLess = 0 }},
		{timeWaitHalf(), reuse(), func(b *Bound) { b.TimeWaitLess = 0 }},
		{lastACKLost(), reuse(), func(b *Bound) { b.Losses = 0 }},
		{assassination(), reuse(), func(b *Bound) { b.Assassination = false }},
		{halfOpen(), crashes(), func(b *Bound) { b.Keepalive = true }},
		{closeInHandshake(), crashes(), func(b *Bound) { b.Users[1][3] = closeCall.met() }},
	} {
		b := c.broken
		c.repair(&b)
		b.Name, b.Breaks = c.whole.Name, 0
		if !reflect.DeepEqual(b, c.whole) {
			t.Errorf("%s, repaired, is not %s", c.broken.Name, c.whole.Name)
		}
	}
}

// TestPairs: the pairs of states that are reached are the ones that Peers knows,
// neither more nor fewer.
func TestPairs(t *testing.T) {
	var reached [2][tcp.Closed + 1]tcp.StateSet // of one connection, and half-open
	bounds, reports := explored(t)
	for i, b := range bounds {
		if b.Breaks != 0 {
			continue
		}
		for _, from := range tcp.States() {
			for _, to := range tcp.States() {
				if reports[i].Pairs[from][to] > 0 {
					half := bit(b.halfOpens())
					reached[half][from] |= tcp.SetOf(to)
					reached[half][to] |= tcp.SetOf(from)
				}
			}
		}
	}
	for _, s := range tcp.States() {
		if want := Peers(s, false); reached[0][s] != want {
			t.Errorf("one connection, %v: reached %v, want %v", s, reached[0][s], want)
		}
		if want, got := Peers(s, true), reached[0][s]|reached[1][s]; got != want {
			t.Errorf("half-open, %v: reached %v, want %v", s, got, want)
		}
	}
}

func TestPeersIsSymmetric(t *testing.T) {
	for _, half := range []bool{false, true} {
		for _, a := range tcp.States() {
			for _, b := range tcp.States() {
				if Peers(a, half).Has(b) != Peers(b, half).Has(a) {
					t.Errorf("half-open %v: %v and %v do not agree", half, a, b)
				}
			}
		}
	}
	if Peers(tcp.Unknown, true) != 0 || Peers(99, false) != 0 {
		t.Error("what is no state has peers")
	}
}

// TestRowsTaken: the rows that no bound takes are those that do nothing, and one
// for which an Endpoint keeps no timer: its user's patience ends only while
// something is not acknowledged.
func TestRowsTaken(t *testing.T) {
	_, reports := explored(t)
	for _, u := range Never(reports...) {
		if u.Why != Unheeded && u.Row.ID != "fin-wait-2-user-timeout" {
			t.Errorf("%s: never taken, and not because nothing waits for it: reason %d", u.Row.ID, u.Why)
		}
	}
	if n := len(Never()); n != len(tcp.Rows()) {
		t.Errorf("without a report %d rows are untaken", n)
	}
}

// TestSameReport: nothing depends on the order of a map.
func TestSameReport(t *testing.T) {
	for _, b := range []Bound{assassination(), strayText()} {
		if !reflect.DeepEqual(mustRun(t, b), mustRun(t, b)) {
			t.Errorf("%s: two runs differ", b.Name)
		}
	}
}

// TestShortest: the shortest ways are known for these, and a search that is cut
// short of them finds nothing.
func TestShortest(t *testing.T) {
	b := assassination()
	b.Breaks = FullTimeWait
	r := mustRun(t, b)
	if len(r.Violations) != 1 || r.Violations[0].Invariant != FullTimeWait {
		t.Fatalf("broken: %v", r.Broken())
	}
	v := r.Violations[0]
	last := v.Trace[len(v.Trace)-1]
	if last.Kind != simulate.Took || last.Row.ID != "time-wait-rst" || last.States[simulate.Originator] != tcp.Closed {
		t.Errorf("the run ends with %+v", last)
	}
	moves := 0
	for _, h := range v.Trace {
		if h.Kind == simulate.Called || h.Kind == simulate.Arrived || h.Kind == simulate.Fired {
			moves++
		}
	}
	if moves != v.Moves {
		t.Errorf("%d calls, arrivals and timeouts in a run of %d moves", moves, v.Moves)
	}
}

func TestLimits(t *testing.T) {
	r, err := Run(connection(), Limits{States: 1000})
	if err != nil || r.Exhausted || r.Unmet == "" || r.States < 1000 || r.States > 1100 {
		t.Errorf("limit of joint states: %d of them, %q, %v", r.States, r.Unmet, err)
	}
	asked := 0
	r, err = Run(connection(), Limits{Stop: func() bool { asked++; return asked > 1 }})
	if err != nil || r.Exhausted || r.Unmet == "" || asked != 2 {
		t.Errorf("stopped after %d questions: %q, %v", asked, r.Unmet, err)
	}
}

func TestBadBounds(t *testing.T) {
	for what, spoil := range map[string]func(*Bound){
		"no ISS":            func(b *Bound) { b.ISS[1] = nil },
		"an ISS twice":      func(b *Bound) { b.ISS[0] = []tcp.Seq{1, 2, 1} },
		"too many losses":   func(b *Bound) { b.Losses = 16 },
		"negative early":    func(b *Bound) { b.Early = -1 },
		"negative copies":   func(b *Bound) { b.Duplicates = -1 },
		"too short a rest":  func(b *Bound) { b.TimeWaitLess = 3 },
		"too many calls":    func(b *Bound) { b.Users[0] = make([]Call, 256) },
		"an arriving call":  func(b *Bound) { b.Users[0] = []Call{{Event: tcp.SegmentArrives}} },
		"a call of nothing": func(b *Bound) { b.Users[0] = []Call{{}} },
	} {
		b := connection()
		spoil(&b)
		if _, err := Run(b, Limits{}); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	b := connection()
	for range crowd + 1 {
		b.Old = append(b.Old, stray(false, 1, 1, tcp.ACK, ""))
	}
	if r, err := Run(b, Limits{}); err != nil || r.Exhausted || r.Unmet == "" {
		t.Errorf("too many old packets: %q, %v", r.Unmet, err)
	}
}

func TestFind(t *testing.T) {
	for _, b := range Bounds() {
		if found, err := Find(b.Name); err != nil || found.Name != b.Name {
			t.Errorf("%s: found %q, %v", b.Name, found.Name, err)
		}
	}
	if _, err := Find("nowhere"); err == nil {
		t.Error("found a bound that does not exist")
	}
}

func BenchmarkBounds(b *testing.B) {
	for _, bound := range Bounds() {
		b.Run(bound.Name, func(b *testing.B) {
			var r Report
			for b.Loop() {
				r = mustRun(b, bound)
			}
			b.ReportMetric(float64(r.States), "states")
			b.ReportMetric(float64(r.Moves)*float64(b.N)/b.Elapsed().Seconds(), "moves/s")
			if wrong := bound.Unexpected(&r); wrong != 0 || bound.Breaks == 0 && !r.Exhausted {
				b.Errorf("unexpected: %v; exhausted: %v", wrong, r.Exhausted)
			}
		})
	}
}
