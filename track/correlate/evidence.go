package correlate

import (
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// evidence is what the ends of a pair show of what arrived.
type evidence struct {
	came    []stretch // what the far point shows of a direction, merged
	sent    []stretch // what the near point shows, sorted
	longest int64
	acked   [Points]int64 // up to where the receiver acknowledged, as seen at each point
	sacked  []stretch     // out of order, merged
}

// merged joins stretches that touch.
func merged(list []stretch) []stretch {
	slices.SortFunc(list, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// holds tells whether merged stretches hold all of one.
func holds(list []stretch, from, to int64) bool {
	i, _ := slices.BinarySearchFunc(list, to, func(s stretch, to int64) int { return cmp.Compare(s.to, to) })
	return i < len(list) && list[i].from <= from
}

// span returns the place of a segment in the stream, with SYN and FIN.
func (w *work) span(p Point, e *entry) (from, to int64) {
	return e.pos, e.pos + int64(w.kept(p, e).length())
}

func (w *work) evidence(d int) *evidence {
	near := w.nearest(d)
	far := near.Other()
	v := &evidence{acked: [Points]int64{-1, -1}}
	top := int64(0)
	for i := range w.lists[d][near] {
		if from, to := w.span(near, &w.lists[d][near][i]); to > from {
			v.sent = append(v.sent, stretch{from, to, int32(i)})
			v.longest, top = max(v.longest, to-from), max(top, to)
		}
	}
	slices.SortFunc(v.sent, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	for i := range w.lists[d][far] {
		if from, to := w.span(far, &w.lists[d][far][i]); to > from {
			v.came = append(v.came, stretch{from: from, to: to})
		}
	}
	v.came = merged(v.came)
	for p := range Point(Points) {
		w.answers(d, p, top, v)
	}
	v.sacked = merged(v.sacked)
	return v
}

// answers reads the acknowledgments of a direction at a point.
func (w *work) answers(d int, p Point, top int64, v *evidence) {
	for i := range w.lists[1-d][p] {
		e := &w.lists[1-d][p][i]
		k := w.kept(p, e)
		if !k.Flags.Has(tcp.ACK) || k.Flags.Has(tcp.RST) {
			continue
		}
		if at := top + int64(int32(e.ack-uint32(top))); at <= top {
			v.acked[p] = max(v.acked[p], at)
		}
		if k.Options.Has(packet.OptionSACK) && p != w.nearest(d) {
			left := top + int64(int32(uint32(k.sack.Left-w.first[d][p])-uint32(top)))
			right := left + int64(k.sack.Left.To(k.sack.Right))
			if right <= top && right > left {
				v.sacked = append(v.sacked, stretch{from: left, to: right})
			}
		}
	}
}

// arrival says what the receiver shows of a segment that the far capture lacks.
type arrival uint8

const (
	notShown  arrival = iota
	shown             // the receiver has its octets, and only this segment brought them
	ambiguous         // it has them, from this segment or a copy of it, or who says so may not be the receiver
)

func (w *work) arrival(d int, v *evidence, at int32) arrival {
	near := w.nearest(d)
	from, to := w.span(near, &w.lists[d][near][at])
	if to <= from || holds(v.came, from, to) {
		return notShown
	}
	far := near.Other()
	if v.acked[far] < to && !holds(v.sacked, from, to) {
		if v.acked[near] >= to {
			return ambiguous
		}
		return notShown
	}
	i, _ := slices.BinarySearchFunc(v.sent, from-v.longest, func(s stretch, from int64) int { return cmp.Compare(s.from, from) })
	for ; i < len(v.sent) && v.sent[i].from < to; i++ {
		if s := v.sent[i]; s.at != at && s.to > from {
			return ambiguous
		}
	}
	return shown
}

// covers tells whether the other capture would have a segment that passed a point,
// if the segment passed it too; else why it might lack it. later is where it was to
// go there, else it must have come from there.
func (w *work) covers(p Point, k *Kept, d int, later bool) (Why, bool) {
	q := p.Other()
	if why, ok := w.goesOn(p, k, later); !ok {
		return why, false
	}
	v := &w.c.captures[q]
	switch {
	case v.misses:
		return Misses, false
	case !v.takes(k.Kind()):
		return KindNotTaken, false
	case len(w.lists[d][q]) > 0 && !w.sure[d] && !slices.ContainsFunc(w.lists[d][q], mated):
		return NoNumbers, false
	case len(w.lists[d][q]) > 0:
		return Seen, true
	case len(w.pieces[q]) == 0 && w.elsewhere(p):
		return NotJoined, false
	case !v.ways.both:
		return WayNotHeard, false
	case v.forwards || !w.hosted(q, d, later):
		return NotOnTheWay, false
	default:
		return Seen, true
	}
}

// goesOn tells whether the other capture went on, by its own word without loss, when
// a segment must have passed it.
func (w *work) goesOn(p Point, k *Kept, later bool) (Why, bool) {
	q := p.Other()
	v := &w.c.captures[q]
	if !w.c.clock.Known {
		return NoClock, false
	}
	s := w.c.clock.elsewhere(p, k.Time, later)
	switch {
	case v.frames == 0 || s.from < v.first:
		return NotBegun, false
	case s.to > v.last:
		return Ended, false
	case v.cutAt != 0 && s.to >= v.cutAt || w.cutAt(q, s.to):
		return CutShort, false
	case v.gapped(s):
		return Dropped, false
	default:
		return Seen, true
	}
}

func (w *work) cutAt(p Point, at int64) bool {
	return slices.ContainsFunc(w.pieces[p], func(i int32) bool {
		cut := w.c.captures[p].conns[i].cutAt
		return cut != 0 && at >= cut
	})
}

func (v *capture) gapped(s span) bool {
	i, _ := slices.BinarySearchFunc(v.gaps, s.from, func(g span, from int64) int { return cmp.Compare(g.to, from) })
	return i < len(v.gaps) && v.gaps[i].from <= s.to
}

// takes tells whether the capture takes segments of a kind: it has some, or has
// what no filter on flags would let through.
func (v *capture) takes(k Kind) bool {
	if v.kinds[k] || v.kinds[KindText] || v.kinds[KindACK] || v.frames > v.segments {
		return true
	}
	opens := k == KindSYN || k == KindSYNACK
	return opens && (v.kinds[KindSYN] || v.kinds[KindSYNACK])
}

// hosted tells whether a point is the host, or next to it, that gets a direction
// (later) or sends it.
func (w *work) hosted(p Point, d int, later bool) bool {
	for q := range Point(Points) {
		for _, i := range w.pieces[q] {
			n := &w.c.captures[q].conns[i]
			end := n.lead
			if (d == 0) == later {
				end = 1 - end
			}
			if w.c.captures[p].hosts(n.end(end).address) {
				return true
			}
		}
	}
	return false
}

// mostAlone bounds how many connections are compared with one that was not joined.
const mostAlone = 1000

// elsewhere tells whether a connection that one point shows may be another one at
// the other point, that could not be recognized.
func (w *work) elsewhere(p Point) bool {
	q := p.Other()
	if len(w.c.alone[q]) > mostAlone {
		return true
	}
	mine := w.c.captures[p].lasted(w.pieces[p])
	begins, ends := w.c.clock.elsewhere(p, mine.from, true), w.c.clock.elsewhere(p, mine.to, true)
	return slices.ContainsFunc(w.c.alone[q], func(other *work) bool {
		its := w.c.captures[q].lasted(other.pieces[q])
		return its.from <= ends.to && its.to >= begins.from && w.mayBe(p, other)
	})
}

// fewJoined are too few to know that nothing changes the numbers of a SYN.
const fewJoined = 3

func (w *work) mayBe(p Point, other *work) bool {
	x, y := &w.c.captures[p].conns[w.pieces[p][0]], &w.c.captures[p.Other()].conns[other.pieces[p.Other()][0]]
	if x.key == y.key || x.syn == 0 || y.syn == 0 || w.c.shifted || w.c.numbered < fewJoined {
		return true
	}
	return w.c.captures[p].kept[x.syn].Seq == w.c.captures[p.Other()].kept[y.syn].Seq
}

// lasted returns from when until when the pieces of a connection were captured.
func (v *capture) lasted(pieces []int32) (s span) {
	for i, n := range pieces {
		first, last := v.kept[v.conns[n].first].Time, v.kept[v.conns[n].last].Time
		if i == 0 {
			s = span{first, last}
		}
		s.from, s.to = min(s.from, first), max(s.to, last)
	}
	return s
}
