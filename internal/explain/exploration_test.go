package explain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/simulate/explore"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestExplorationWords: every bound, invariant and reason has its words, and no
// word is left over.
func TestExplorationWords(t *testing.T) {
	words := &explorationEnglish
	names := map[string]bool{}
	for _, b := range explore.Bounds() {
		names[b.Name] = true
		if words.Bounds[b.Name] == "" {
			t.Errorf("the bound %s has no words", b.Name)
		}
	}
	for name := range words.Bounds {
		if !names[name] {
			t.Errorf("there are words for %s, which is no bound", name)
		}
	}
	for _, one := range explore.AllInvariants.List() {
		if w := words.Invariants[one]; w.Text == "" || !strings.HasPrefix(w.RFC, "RFC ") {
			t.Errorf("the invariant %v has no words", one)
		}
	}
	for why := explore.Unheeded; why <= explore.NotArrived; why++ {
		if words.Reasons[why] == "" {
			t.Errorf("the reason %d has no words", why)
		}
	}
}

func explored(t *testing.T, name string) (explore.Bound, explore.Report) {
	t.Helper()
	b, err := explore.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := explore.Run(b, explore.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b, r
}

func TestExplorationText(t *testing.T) {
	b, r := explored(t, "assassination")
	e := NewExploration(&b, &r, English)
	text := e.Text(80)
	for _, want := range []string{
		"assassination: breaks own-text (", "  11 CLOSED",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	assassinated := slices.IndexFunc(e.Ladders(), func(l Ladder) bool {
		return strings.HasPrefix(l.Title, "full-time-wait does not hold: a shortest run, 13 moves")
	})
	if assassinated < 0 {
		t.Fatal("no ladder shows RFC 1337")
	}
	ladder := e.Ladders()[assassinated]
	if last := ladder.Rungs[len(ladder.Rungs)-1]; !strings.Contains(ladder.About, "(RFC 1337 3)") || last.States != [2]string{"CLOSED", "CLOSED"} || !last.Arrives {
		t.Errorf("%s: %+v", ladder.About, last)
	}
	if line := e.Line(); !strings.HasPrefix(line, "assassination ") || strings.Count(line, "\n") != 1 {
		t.Errorf("line %q", line)
	}
}

// TestSameRunOnce: a run that breaks several invariants is shown once.
func TestSameRunOnce(t *testing.T) {
	b, r := explored(t, "time-wait-zero")
	if len(r.Violations) < 2 {
		t.Fatalf("only %v is broken", r.Broken())
	}
	r.Violations[1].Trace = r.Violations[0].Trace
	e := NewExploration(&b, &r, English)
	ladders := e.Ladders()
	traces := map[string]bool{}
	for _, v := range r.Violations {
		traces[fmt.Sprint(v.Trace)] = true
	}
	if len(ladders) != len(traces) || len(traces) == len(r.Violations) {
		t.Errorf("%d runs for %d broken invariants, some of them by the same of %d runs", len(ladders), len(r.Violations), len(traces))
	}
	titles := ""
	for _, l := range ladders {
		titles += l.Title
	}
	for _, v := range r.Violations {
		if !strings.Contains(titles, v.Invariant.String()) {
			t.Errorf("%v is not named in %s", v.Invariant, titles)
		}
	}
}

func TestExplorationDocument(t *testing.T) {
	b, r := explored(t, "half-open")
	d := NewExplorations([]explore.Bound{b}, []explore.Report{r}, English)
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Explorations []struct {
			Bound   string                             `json:"bound"`
			States  int                                `json:"joint_states"`
			AsMeant bool                               `json:"as_meant"`
			Broken  []struct{ Steps []map[string]any } `json:"broken"`
			Pairs   map[tcp.State]map[tcp.State]int    `json:"pairs"`
		}
		Rows  int
		Never []struct{ Row, Why string }
	}
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	e := back.Explorations[0]
	sum := 0
	for _, peers := range e.Pairs {
		for _, n := range peers {
			sum += n
		}
	}
	if e.Bound != "half-open" || !e.AsMeant || sum != e.States || back.Rows != len(tcp.Rows()) || len(back.Never) == 0 {
		t.Errorf("%+v", back)
	}
	for _, key := range []string{"time", "side", "segment", "from", "to", "row", "text"} {
		if _, ok := e.Broken[0].Steps[0][key]; !ok {
			t.Errorf("a step has no %q", key)
		}
	}
}

// TestSummary sums what the whole bounds found, and names what was never taken.
func TestSummary(t *testing.T) {
	b, r := explored(t, "stray-fin")
	broken, rb := explored(t, "half-open")
	d := NewExplorations([]explore.Bound{b, broken}, []explore.Report{r, rb}, English)
	text := d.SummaryText(1500*time.Millisecond, 80)
	for _, want := range []string{"2 bounds, ", " in 1.5 s", "rows of the table of transitions were taken; never taken:", "time-wait-syn-newer"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if fields := strings.Fields(strings.Split(text, "5 FIN-WAIT-1")[1])[:11]; fields[0] != "." {
		t.Errorf("FIN-WAIT-1 and LISTEN, which only half-open meets, are counted: %v", fields)
	}
}

func TestUnexpectedResults(t *testing.T) {
	b, r := explored(t, "stray-fin")
	r.Exhausted, r.Unmet = false, "stopped"
	if e := NewExploration(&b, &r, English); e.AsMeant || e.result() != "not finished: stopped; so far holds" {
		t.Errorf("an unfinished bound: %q", e.result())
	}
	r.Exhausted, r.Unmet, r.Violations = true, "", []explore.Violation{{Invariant: explore.OwnText, Moves: 3}}
	if e := NewExploration(&b, &r, English); e.AsMeant || e.result() != "UNEXPECTED: breaks own-text (3 moves)" {
		t.Errorf("a bound that breaks unexpectedly: %q", e.result())
	}
	b.Breaks, r.Violations = explore.OwnText, nil
	r.Exhausted, r.Unmet = false, "stopped"
	if e := NewExploration(&b, &r, English); e.AsMeant || e.result() != "not finished: stopped; so far holds" {
		t.Errorf("an unfinished bound that ought to break: %q", e.result())
	}
	r.Exhausted, r.Unmet = true, ""
	if e := NewExploration(&b, &r, English); e.AsMeant || e.result() != "UNEXPECTED: holds" {
		t.Errorf("a bound that ought to break and holds: %q", e.result())
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1,000", "1k"}, 123456: {"123,456", "123k"}, 7654321: {"7,654,321", "7M"},
	} {
		if got := [2]string{thousands(n), short(n)}; got != want {
			t.Errorf("%d: %v", n, got)
		}
	}
}

func TestBoundsList(t *testing.T) {
	d := Bounds(explore.Bounds(), English)
	text := d.Text(80)
	for _, b := range d.Bounds {
		if !strings.Contains(text, "\n  "+b.Bound) {
			t.Errorf("%s is not listed", b.Bound)
		}
	}
	first := slices.IndexFunc(d.Bounds, func(b BoundLine) bool { return len(b.Breaks) > 0 })
	if !strings.Contains(text, explorationEnglish.Broken+"\n  "+d.Bounds[first].Bound) {
		t.Error("the bounds that break something have no heading")
	}
}
