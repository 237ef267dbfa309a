package correlate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
)

// worlds are the kinds of ways and captures that are tried, each with many seeds.
var worlds = map[string]world{
	"perfect":         {connections: 4, stamps: true, hops: 3},
	"lossy":           {connections: 8, stamps: true, hops: 3, lose: "12%"},
	"lossy no stamps": {connections: 8, hops: 3, lose: "12%"},
	"no names":        {connections: 8, zeroIDs: true, hops: 1, lose: "8%"},
	"reordered":       {connections: 8, stamps: true, hops: 2, lose: "5%", reorder: "20%", duplicate: "5%=4ms"},
	"nat":             {connections: 8, stamps: true, nat: true, hops: 2, lose: "10%"},
	"clock":           {connections: 8, stamps: true, hops: 2, lose: "10%", offset: 3 * time.Second},
	"drift":           {connections: 40, stamps: true, hops: 2, lose: "10%", offset: -3 * time.Second, drift: 50e-6},
	"clamp":           {connections: 6, stamps: true, hops: 2, clamp: 1360},
	"shifted":         {connections: 8, stamps: true, hops: 2, shift: [2]uint32{1 << 31, 77777}, lose: "8%"},
	"shifted alone":   {connections: 6, hops: 2, shift: [2]uint32{3000000000, 0}, lose: "5%"},
	"stripped":        {connections: 8, stamps: true, hops: 2, strip: packet.OptionTimestamps | packet.OptionSACKPermitted, lose: "5%"},
	"merged":          {connections: 8, stamps: true, hops: 2, merge: true, lose: "6%"},
	"merged no names": {connections: 8, zeroIDs: true, hops: 2, merge: true, lose: "6%"},
	"declared drops":  {connections: 8, stamps: true, hops: 2, lose: "8%", drop: 40, declared: true},
	"drops no names":  {connections: 8, zeroIDs: true, hops: 2, lose: "8%", drop: 40, declared: true},
	"drops no stamps": {connections: 8, hops: 2, lose: "8%", drop: 40, declared: true, merge: true},
	"late":            {connections: 12, stamps: true, hops: 2, lose: "8%", late: 700 * time.Millisecond, offset: 3 * time.Second},
	"short":           {connections: 8, stamps: true, hops: 2, lose: "8%", tooShort: true},
	"reset":           {connections: 9, stamps: true, hops: 2, lose: "4%", reset: true},
	"everything": {
		connections: 10, stamps: true, nat: true, clamp: 1200, shift: [2]uint32{5, 1 << 30}, hops: 4, lose: "6%", duplicate: "3%=2ms", reorder: "6%",
		offset: -1500 * time.Millisecond, merge: true, reset: true, drop: 15, declared: true,
	},
}

// decided is the least part of the segments, in percent, of which something must be
// told where the captures are whole.
var decided = map[string]float64{
	"perfect": 100, "lossy": 98, "lossy no stamps": 98, "no names": 70, "reordered": 95, "nat": 98, "clock": 98, "drift": 98, "clamp": 100,
	"shifted": 95, "stripped": 95, "merged": 95, "reset": 90,
}

// TestNeverWrong: whatever the network, the gateways and the captures do, a verdict
// is the truth or Unknown.
func TestNeverWrong(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 8
	}
	for name, w := range worlds {
		t.Run(name, func(t *testing.T) {
			var all tallied
			for seed := range seeds {
				w.seed = seed
				all.add(w.check(t, fmt.Sprint("seed ", seed)))
				if t.Failed() {
					return
				}
			}
			part := 100 * float64(all.told) / float64(max(all.told+all.unknown, 1))
			if part < decided[name] {
				t.Errorf("%.1f %% of %d segments are told, want %.1f %%: %v", part, all.told+all.unknown, decided[name], all.why)
			}
			t.Logf("%s: %.1f %% of %d segments told; %v", name, part, all.told+all.unknown, all.verdicts)
		})
	}
}

// tallied sums up runs.
type tallied struct {
	told, unknown int
	verdicts      map[Verdict]int
	why           map[Why]int
}

func (a *tallied) add(b tallied) {
	if a.why == nil {
		a.verdicts, a.why = map[Verdict]int{}, map[Why]int{}
	}
	a.told, a.unknown = a.told+b.told, a.unknown+b.unknown
	for v, n := range b.verdicts {
		a.verdicts[v] += n
	}
	for v, n := range b.why {
		a.why[v] += n
	}
}

// check compares every verdict with the truth.
func (w *world) check(t testing.TB, name string) (sum tallied) {
	t.Helper()
	sum = tallied{verdicts: map[Verdict]int{}, why: map[Why]int{}}
	tr := w.build(t)
	c := New(Config{})
	what := w.capture(tr, c)
	r := c.Correlate()
	w.checkClock(t, name, &r.Clock)
	for i := range r.Pairs {
		p := &r.Pairs[i]
		for j := range p.Passages {
			x := &p.Passages[j]
			sum.verdicts[x.Verdict]++
			if x.Verdict == Unknown {
				sum.unknown++
				sum.why[x.Why]++
				continue
			}
			sum.told++
			if err := w.wrong(tr, r, p, x, what); err != "" {
				t.Errorf("%s, connection %d, passage %d: %s: %+v\nclock %+v\npair %v %v", name, i+1, j, err, *x, r.Clock, p.Tuples, p.Reasons)
			}
		}
	}
	return sum
}

// checkClock compares the alignment of the clocks with the truth, at its middle.
func (w *world) checkClock(t testing.TB, name string, c *Clock) {
	t.Helper()
	if !c.Known || c.OneWay {
		t.Errorf("%s: the clocks were not compared: %+v", name, *c)
		return
	}
	truth := w.offset + time.Duration(w.drift*float64(c.At.UnixNano()-start))
	slack := time.Microsecond
	if w.drift != 0 {
		slack = time.Millisecond
	}
	if off := (c.Offset - truth).Abs(); off > c.Uncertainty+slack {
		t.Errorf("%s: the clocks differ by %v, not %v: %+v", name, truth, c.Offset, *c)
	}
}

func (w *world) wrong(tr *truth, r *Report, p *Pair, x *Passage, what [Points]map[uint64]*record) string {
	var at [Points]*record
	for point := range Point(Points) {
		if k := r.Kept(point, x.Seen[point]); k != nil {
			at[point] = what[point][k.Number]
		}
	}
	near := A
	if !x.FromOriginator {
		near = B
	}
	sent, came := at[near], at[near.Other()]
	switch x.Verdict {
	case Arrived, Changed:
		switch {
		case sent == nil:
			return "a packet that nobody sent arrived"
		case x.Why == Acknowledged || came == nil:
			if slices.ContainsFunc(sent.numbers, func(n int) bool { return !tr.arrived[n] }) {
				return "it did not arrive"
			}
		case !slices.Equal(sent.numbers, came.numbers):
			return fmt.Sprintf("it is another packet: %v, %v", sent.numbers, came.numbers)
		case w.nat != x.Changes.Has(Addresses|Ports):
			return "addresses"
		}
	case Vanished:
		if sent == nil {
			return "a packet that was not sent vanished"
		}
		lost := 0
		for _, n := range sent.numbers {
			if !tr.arrived[n] {
				lost++
			}
		}
		if lost == 0 || x.Lacks == 0 && lost < len(sent.numbers) {
			return "it arrived"
		}
	case Made:
		if sent != nil || came == nil || came.numbers[0] != 0 && !came.copy {
			return "its sender sent it"
		}
	}
	return ""
}
