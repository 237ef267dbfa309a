package correlate

import (
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Report is what two captures together tell.
type Report struct {
	Clock  Clock
	Points [Points]Coverage
	Pairs  []Pair // in the order in which they began at A, then those of B alone
	c      *Correlator
}

// Coverage is what a capture covers.
type Coverage struct {
	First, Last time.Time // of any packet, by its own clock; zero if there was none
	Packets     uint64
	Segments    uint64 // of TCP
	Connections int
	Dropped     uint64    // packets that it says it lost
	Misses      bool      // it lacks segments that demonstrably passed, or has no part of their way
	NotKept     uint64    // segments for which there was no memory
	CutAt       time.Time // from when on nothing was kept at all, if NotKept
}

// Pair is one connection, at both points or at one.
type Pair struct {
	Joined  bool
	Reasons Reasons // why it is thought to be one

	// Tuples are the sockets at each point as the originator's segments name them.
	// There are several where a gateway that changes them is captured inside, or
	// where the answer comes from another socket than was asked.
	Tuples [Points][]packet.Tuple
	// Ordered says that it is known which point is Nearer to the originator.
	Ordered bool
	Nearer  Point
	// Shift is what was added between A and B to the numbers of the originator and
	// to those of the responder (index 1).
	Shift [2]tcp.Size
	// First holds the initial sequence numbers at each point, by end; where the SYN
	// was not captured it is the first number seen.
	First [2][Points]tcp.Seq

	Passages []Passage // in the order of time
	Tally    Tally
}

// Tally counts passages: by direction (0 from the originator), kind and verdict.
type Tally [2][Kinds][Verdicts]uint64

// Add adds another tally.
func (t *Tally) Add(o *Tally) {
	for d := range t {
		for k := range t[d] {
			for v := range t[d][k] {
				t[d][k][v] += o[d][k][v]
			}
		}
	}
}

// Of returns how many passages of a direction have a verdict.
func (t *Tally) Of(d int, v Verdict) (n uint64) {
	for k := range t[d] {
		n += t[d][k][v]
	}
	return n
}

// Direction returns where a direction leads: from A to B or from B to A.
func (p *Pair) Direction(d int) (from, to Point) {
	from = p.Nearer
	if d == 1 {
		from = from.Other()
	}
	return from, from.Other()
}

// Kept returns a segment of a passage; nil for index 0.
func (r *Report) Kept(p Point, i int32) *Kept {
	kept := r.c.captures[p&1].kept
	if i <= 0 || int(i) >= len(kept) {
		return nil
	}
	return &kept[i]
}

// Begins returns when a passage began, by the clock of A.
func (r *Report) Begins(p *Passage) time.Time {
	at := A
	if p.Seen[A] == 0 {
		at = B
	}
	k := r.Kept(at, p.Seen[at])
	if k == nil {
		return time.Time{}
	}
	return time.Unix(0, r.Clock.ByA(at, k.Time)).UTC()
}

// Tuple returns the tuple of a segment of a passage as it travelled at a point.
func (r *Report) Tuple(pair *Pair, p *Passage, at Point) (t packet.Tuple, ok bool) {
	k := r.Kept(at, p.Seen[at&1])
	tuples := pair.Tuples[at&1]
	if k == nil || len(tuples) == 0 {
		return t, false
	}
	t = tuples[min(int(k.piece), len(tuples)-1)]
	if !p.FromOriginator {
		t = t.Reverse()
	}
	return t, true
}

// Correlate joins what was added. The Correlator must not be used afterwards.
func (c *Correlator) Correlate() *Report {
	for p := range c.captures {
		c.captures[p].index = nil
		c.captures[p].stitch()
	}
	works, list := c.works()
	samples := c.align(works)
	c.clock = newClock(samples)
	report := &Report{c: c, Clock: c.clock, Pairs: make([]Pair, len(works))}
	c.ttl = [Points]map[packet.Address]level{{}, {}}
	for i, w := range works {
		w.partProxied()
		w.rest()
		w.partProxied()
		w.hear()
		report.Pairs[i] = w.pair(&list[i])
	}
	for i, w := range works {
		report.Pairs[i].Passages = w.judge()
		c.note(w)
	}
	for i, w := range works {
		w.blameNear(report.Pairs[i].Passages)
	}
	for i, w := range works {
		w.settle(report.Pairs[i].Passages)
		report.Pairs[i].count(report)
	}
	for p := range Point(Points) {
		report.Points[p] = c.captures[p].coverage()
	}
	return report
}

// note remembers what a pair shows of others.
func (c *Correlator) note(w *work) {
	for p := range Point(Points) {
		if len(w.pieces[p]) == 0 {
			c.alone[p.Other()] = append(c.alone[p.Other()], w)
			return
		}
	}
	x, y := &c.captures[A].conns[w.pieces[A][0]], &c.captures[B].conns[w.pieces[B][0]]
	if x.syn != 0 && y.syn != 0 {
		c.numbered++
		c.shifted = c.shifted || w.shift(0) != 0
	}
}

// works gathers the joined connections.
func (c *Correlator) works() ([]*work, []joined) {
	list := c.join()
	var pieces [Points]map[int32][]int32
	for p := range pieces {
		_, pieces[p] = c.captures[p].groupsOf()
	}
	works := make([]*work, len(list))
	for i := range list {
		var of [Points][]int32
		for p, g := range list[i].groups {
			if g < 0 {
				continue
			}
			if of[p] = pieces[p][g]; of[p] == nil {
				of[p] = []int32{g}
			}
		}
		works[i] = c.gather(of)
	}
	return works, list
}

// align matches what needs no clock, and compares its times.
func (c *Correlator) align(works []*work) (samples []sample) {
	c.near = places{}
	weakly := make([]bool, len(works))
	for i, w := range works {
		w.plain()
		if weakly[i] = !w.matched(); weakly[i] {
			w.weakly()
		}
		w.findOrder()
		w.voteOrder(c.near)
	}
	var weak []sample
	for i, w := range works {
		w.borrowOrder(c.near)
		if !weakly[i] {
			samples = w.samples(samples)
			continue
		}
		weak = w.samples(weak)
		w.forget()
	}
	if len(samples) == 0 {
		return weak
	}
	return samples
}

// samples appends the times of what was matched. A shifted SYN,ACK may be another
// one, of something in between.
func (w *work) samples(list []sample) []sample {
	if !w.order {
		return list
	}
	for d := range 2 {
		for i := range w.lists[d][A] {
			e := &w.lists[d][A][i]
			if e.mate < 0 {
				continue
			}
			k, l := w.kept(A, e), w.kept(B, &w.lists[d][B][e.mate])
			if k.Kind() == KindSYNACK && k.Seq != l.Seq {
				continue
			}
			list = append(list, sample{at: k.Time, delta: l.Time - k.Time, up: w.nearest(d) == A})
		}
	}
	return list
}

// pair makes the public value.
func (w *work) pair(j *joined) Pair {
	out := Pair{
		Joined: j.groups[A] >= 0 && j.groups[B] >= 0, Reasons: j.reasons,
		Ordered: w.order, Nearer: w.near, Shift: [2]tcp.Size{w.shift(0), w.shift(1)}, First: w.first,
	}
	for p := range Point(Points) {
		for _, i := range w.pieces[p] {
			n := &w.c.captures[p].conns[i]
			t := n.key
			if n.lead == 1 {
				t = t.Reverse()
			}
			out.Tuples[p] = append(out.Tuples[p], t)
		}
	}
	return out
}

func (p *Pair) count(r *Report) {
	for i := range p.Passages {
		x := &p.Passages[i]
		d, k := 0, r.Kept(A, x.Seen[A])
		if k == nil {
			k = r.Kept(B, x.Seen[B])
		}
		if !x.FromOriginator {
			d = 1
		}
		p.Tally[d][k.Kind()][x.Verdict]++
	}
	p.Passages = slices.Clip(p.Passages)
}

func (v *capture) coverage() Coverage {
	out := Coverage{
		Packets: v.frames, Segments: v.segments, Connections: len(v.conns), Dropped: v.dropped, Misses: v.misses, NotKept: v.cut,
	}
	if v.frames > 0 {
		out.First, out.Last = time.Unix(0, v.first).UTC(), time.Unix(0, v.last).UTC()
	}
	if v.cutAt != 0 {
		out.CutAt = time.Unix(0, v.cutAt).UTC()
	}
	return out
}
