package correlate

import (
	"cmp"
	"math"
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Segmentation offload makes one point see large segments where the other sees
// many small ones. What no segment of the same size was found for is compared by
// octets.

// stretch is a segment's text in the stream.
type stretch struct {
	from, to int64
	at       int32 // entry
}

func (w *work) textInParts() {
	if !w.order || !w.c.clock.Known {
		return
	}
	for d := range 2 {
		near := w.nearest(d)
		if w.open(d, near) || w.open(d, near.Other()) {
			w.parts(d, near)
		}
	}
}

// open tells whether there is text without a mate.
func (w *work) open(d int, p Point) bool {
	return slices.ContainsFunc(w.lists[d][p], func(e entry) bool { return e.mate < 0 && w.kept(p, &e).Data > 0 })
}

func (w *work) stretches(d int, p Point) []stretch {
	var out []stretch
	for i := range w.lists[d][p] {
		e := &w.lists[d][p][i]
		if k := w.kept(p, e); k.Data > 0 && !k.opens() {
			out = append(out, stretch{e.pos, e.pos + int64(k.Data), int32(i)})
		}
	}
	return out
}

// parts gives each segment of the far point without a mate to the segments of the
// near point that hold its text, and counts what these lack.
func (w *work) parts(d int, near Point) {
	far := near.Other()
	sent, came := w.stretches(d, near), w.stretches(d, far)
	slices.SortStableFunc(sent, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	longest := int64(0)
	for _, s := range sent {
		longest = max(longest, s.to-s.from)
	}
	got := make(map[int32][]stretch)
	for _, y := range came {
		if w.lists[d][far][y.at].mate < 0 {
			w.holders(d, near, sent, y, longest, got)
		}
	}
	for _, x := range sent {
		e := &w.lists[d][near][x.at]
		if e.mate >= 0 || len(got[x.at]) == 0 {
			continue
		}
		e.part = true
		e.count = uint16(min(len(got[x.at]), math.MaxUint16))
		e.lacks = uncovered(x, got[x.at])
	}
}

// holders finds the segments of the near point that may hold text of y. Where they
// are copies of the same text, it is not known which of them came.
func (w *work) holders(d int, near Point, sent []stretch, y stretch, longest int64, got map[int32][]stretch) {
	begin, _ := slices.BinarySearchFunc(sent, y.from-longest, func(s stretch, from int64) int { return cmp.Compare(s.from, from) })
	var list []stretch
	for _, x := range sent[begin:] {
		if x.from >= y.to {
			break
		}
		if x.to > y.from && w.lists[d][near][x.at].mate < 0 && w.couldHold(d, near, x, y) {
			list = append(list, x)
		}
		if len(list) > mostCopies {
			break // they are in doubt anyway
		}
	}
	if len(list) == 0 {
		return
	}
	e := &w.lists[d][near.Other()][y.at]
	e.part, e.doubt = true, false
	for i, x := range list { // they are sorted by their beginnings
		copies := i > 0 && list[i-1].to > x.from || i+1 < len(list) && list[i+1].from < x.to
		gap := !w.stamps[d] && (w.nearGap(d, near, []place{{at: x.at}}) || w.nearGap(d, near.Other(), []place{{at: y.at}}))
		if copies || gap { // with a gap, a copy may be missing
			w.lists[d][near][x.at].doubt = true
		}
		got[x.at] = append(got[x.at], y)
	}
}

// couldHold tells whether x may have been cut or joined to y.
func (w *work) couldHold(d int, near Point, x, y stretch) bool {
	far := near.Other()
	a, b := w.kept(near, &w.lists[d][near][x.at]), w.kept(far, &w.lists[d][far][y.at])
	stamps := a.Options.Has(packet.OptionTimestamps) && b.Options.Has(packet.OptionTimestamps)
	if w.stamps[d] && stamps && a.Value != b.Value {
		return false
	}
	i, j := x.at, y.at
	if near == B {
		i, j = j, i
	}
	return w.inTime(d, i, j)
}

// uncovered counts the octets of x that none of the stretches has.
func uncovered(x stretch, list []stretch) tcp.Size {
	slices.SortFunc(list, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	at, lacks := x.from, int64(0)
	for _, y := range list {
		if y.from > at {
			lacks += min(y.from, x.to) - at
		}
		at = min(max(at, y.to), x.to)
	}
	return tcp.Size(lacks + x.to - at)
}
