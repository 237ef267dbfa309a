package text

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
)

func doubleLadder() *explain.DoubleLadder {
	l := &explain.DoubleLadder{
		Title: "Connection 1", About: []string{strings.Repeat("a word ", 40)}, Heads: [4]string{"originator", "A", "B", "responder"},
		Socket: [4]string{"[2001:db8:1111:2222::1]:40000", "[2001:db8::80]:80", "[2001:db8:1111:2222::1]:40000", "[2001:db8::81]:8080"}, Close: "7 more",
	}
	for from := range 2 {
		for _, a := range []explain.Reach{explain.Passed, explain.Believed, explain.Nowhere, explain.Doubtful} {
			for _, b := range []explain.Reach{explain.Passed, explain.Believed, explain.Nowhere, explain.Doubtful} {
				for _, label := range []string{"<SEQ=0><CTL=SYN>", "<SEQ=4294967295><ACK=4294967295><CTL=FIN,ACK><DATA=65535>"} {
					l.Rungs = append(l.Rungs, explain.DoubleRung{At: time.Second, From: from, Label: label, Points: [2]explain.Reach{a, b}, Notes: []string{"changed: addresses"}})
				}
			}
		}
	}
	return l
}

// TestDoubleLadderFits: no line is wider than the terminal, and every way has both
// points in the same columns.
func TestDoubleLadderFits(t *testing.T) {
	for _, width := range []int{72, 80, 100, 120, 200} {
		var b strings.Builder
		if err := DoubleLadder(&b, doubleLadder(), Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		places := map[[2]int]int{}
		for _, line := range strings.Split(b.String(), "\n") {
			if w := ansi.StringWidth(line); w > width {
				t.Errorf("%d columns in a terminal of %d: %q", w, width, line)
			}
			var at []int
			for i, r := range []rune(line) {
				if strings.ContainsRune("┼│┊", r) {
					at = append(at, i)
				}
			}
			if len(at) == 2 {
				places[[2]int{at[0], at[1]}]++
			}
		}
		if len(places) != 1 {
			t.Errorf("width %d: the points stand in several columns: %v", width, places)
		}
	}
}

// TestDrawDouble: an arrow shows how far a segment came.
func TestDrawDouble(t *testing.T) {
	const passed, nowhere, doubtful, believed = explain.Passed, explain.Nowhere, explain.Doubtful, explain.Believed
	for want, r := range map[string]explain.DoubleRung{
		"────────────┼───── x ─────┼───────────▶": {Points: [2]explain.Reach{passed, passed}},
		"◀───────────┼───── x ─────┼────────────": {From: 1, Points: [2]explain.Reach{passed, passed}},
		"────────────┼───── x ─✗   │            ": {Points: [2]explain.Reach{passed, nowhere}},
		"            │   ✗─ x ─────┼────────────": {From: 1, Points: [2]explain.Reach{nowhere, passed}},
		"            │   ✶─ x ─────┼───────────▶": {Points: [2]explain.Reach{nowhere, passed}},
		"────────────┼───── x ─?   │            ": {Points: [2]explain.Reach{passed, doubtful}},
		"────────────┼───── x ─────┊╌╌╌╌╌╌╌╌╌╌╌▶": {Points: [2]explain.Reach{passed, believed}},
	} {
		if got := drawDouble(&r, "x", 13); got != want {
			t.Errorf("\n%s, want\n%s", got, want)
		}
	}
}

func TestClockLine(t *testing.T) {
	for want, c := range map[string]explain.CorrelatedClock{
		"The clocks could not be compared: no segment was found in both captures.":                                                                       {},
		"The clock of B is 3 s ahead of that of A, plus or minus 2.5 us; from A to B and back it takes 5 us.":                                            {Known: true, Offset: 3, Uncertainty: 2.5e-6, RoundTrip: 5e-6},
		"The clock of B is 250 ms behind that of A, plus or minus 1 ms; from A to B and back it takes 2 ms; it gains 20.0 us each second.":               {Known: true, Offset: -0.25, Uncertainty: 0.001, RoundTrip: 0.002, Drift: 20},
		"The clock of B is that of A, as if segments took no time: they could be compared in one direction only.":                                        {Known: true, OneWay: true, Offset: 2e-6, Uncertainty: 1},
		"The clock of B is that of A, plus or minus 1 ms; from A to B and back it takes 2 ms; no steady clock fits all segments, so one of them jumped.": {Known: true, Uncertainty: 0.001, RoundTrip: 0.002, Jumped: true},
	} {
		if got := clockLine(&c, Style{}); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
