package correlate

import (
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// A segment at one point is found at the other by what the way leaves alone. The
// strictest look comes first; what it leaves over is looked at with fewer fields,
// because a gateway may have changed them. Fields that are seen to survive must be
// the same in all that follows.

// look says which fields must be the same besides number, length and flags.
type look struct{ stamp, ident, ack bool }

var looks = []look{
	{stamp: true, ident: true, ack: true},
	{stamp: true, ack: true},
	{ident: true, ack: true},
	{ack: true},
	{ident: true},
}

// same is the part of the flags that names a segment; PSH and the bits of ECN may
// change on the way.
const same = tcp.SYN | tcp.FIN | tcp.RST | tcp.ACK

// hash is a number of the fields that a look compares; ok is false for a segment
// that lacks one of them.
func (l look) hash(e *entry, k *Kept) (h uint64, ok bool) {
	h = mix(uint64(e.rel)<<32|uint64(k.Data)) ^ uint64(k.Flags&same)
	if l.stamp {
		if !k.Options.Has(packet.OptionTimestamps) {
			return 0, false
		}
		h = mix(h ^ uint64(k.Value)<<32 ^ uint64(k.Echo))
	}
	if l.ident {
		if k.ID == 0 {
			return 0, false
		}
		h = mix(h ^ uint64(k.ID)<<17)
	}
	if l.ack && k.Flags.Has(tcp.ACK) {
		h = mix(h ^ uint64(e.ack)<<9)
	}
	return h, true
}

// place is an entry by its hash.
type place struct {
	hash uint64
	at   int32
}

func (w *work) places(l look, d int, p Point) []place {
	list := w.lists[d][p]
	out := make([]place, 0, len(list))
	for i := range list {
		e := &list[i]
		if e.mate >= 0 || e.doubt || e.part || e.again || e.soon {
			continue
		}
		if h, ok := l.hash(e, w.kept(p, e)); ok {
			out = append(out, place{h, int32(i)})
		}
	}
	slices.SortFunc(out, func(a, b place) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.at) - int(b.at)
	})
	return out
}

// alikes calls visit with the entries of both points that look the same.
func (w *work) alikes(l look, d int, visit func(a, b []place)) {
	a, b := w.places(l, d, A), w.places(l, d, B)
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].hash < b[0].hash:
			a = a[1:]
		case a[0].hash > b[0].hash:
			b = b[1:]
		default:
			x, y := runPlaces(a), runPlaces(b)
			visit(a[:x], b[:y])
			a, b = a[x:], b[y:]
		}
	}
}

func runPlaces(list []place) int {
	n := 1
	for n < len(list) && list[n].hash == list[0].hash {
		n++
	}
	return n
}

// plain matches what needs no clock: segments that are named by their timestamps
// or identification, and are there once at each point.
func (w *work) plain() {
	for d := range 2 {
		for _, l := range looks[:3] {
			w.alikes(l, d, func(a, b []place) {
				if len(a) == 1 && len(b) == 1 && w.agree(d, a[0].at, b[0].at) {
					w.mate(d, a[0].at, b[0].at)
				}
			})
			w.learn(d)
		}
	}
}

// weakly matches what has no such names, but is there once at each point. It may be
// wrong where packets were lost, so it only serves to align the clocks.
func (w *work) weakly() {
	for d := range 2 {
		w.alikes(looks[3], d, func(a, b []place) {
			if len(a) == 1 && len(b) == 1 && w.agree(d, a[0].at, b[0].at) {
				w.mate(d, a[0].at, b[0].at)
			}
		})
	}
}

// forget undoes all matches.
func (w *work) forget() {
	for d := range 2 {
		for p := range Point(Points) {
			for i := range w.lists[d][p] {
				w.lists[d][p][i].mate = -1
			}
		}
	}
}

// matched tells whether there is a match.
func (w *work) matched() bool {
	return slices.ContainsFunc(w.lists[0][A], mated) || slices.ContainsFunc(w.lists[1][A], mated)
}

func mated(e entry) bool { return e.mate >= 0 }

// learn finds out which fields survive the way in a direction, from what was matched.
func (w *work) learn(d int) {
	for i := range w.lists[d][A] {
		e := &w.lists[d][A][i]
		if e.mate < 0 {
			continue
		}
		a, b := w.kept(A, e), w.kept(B, &w.lists[d][B][e.mate])
		w.idents[d] = w.idents[d] || a.ID != 0 && a.ID == b.ID
		w.stamps[d] = w.stamps[d] || a.Options.Has(packet.OptionTimestamps) && b.Options.Has(packet.OptionTimestamps) && a.Value == b.Value
		if w.idents[d] && w.stamps[d] {
			return
		}
	}
}

// agree tells whether nothing that survives the way speaks against two entries
// being one segment.
func (w *work) agree(d int, i, j int32) bool {
	a, b := w.kept(A, &w.lists[d][A][i]), w.kept(B, &w.lists[d][B][j])
	bothStamps := a.Options.Has(packet.OptionTimestamps) && b.Options.Has(packet.OptionTimestamps)
	if bothStamps && a.Value != b.Value && (w.stamps[d] || a.opens()) {
		return false
	}
	if a.ID != 0 && b.ID != 0 && a.ID != b.ID && (w.idents[d] || a.opens()) {
		return false
	}
	return (a.ID == 0) == (b.ID == 0) || !w.idents[d]
}

func (w *work) mate(d int, i, j int32) {
	w.lists[d][A][i].mate, w.lists[d][B][j].mate = j, i
}

// rest matches what is left, with the clocks aligned.
func (w *work) rest() {
	w.tooSoon()
	for d := range 2 {
		w.refuse(d)
		for _, l := range looks {
			w.alikes(l, d, func(a, b []place) { w.assign(d, l, a, b) })
			w.learn(d)
		}
	}
	w.textInParts()
	for d := range 2 {
		w.again(d)
	}
}

// tooSoon marks SYN,ACKs that no responder behind the other point can have sent.
func (w *work) tooSoon() {
	for i := range w.lists[1][w.near] {
		e := &w.lists[1][w.near][i]
		if !w.sooner(w.kept(w.near, e)) {
			continue
		}
		if e.soon = true; e.mate >= 0 {
			w.lists[1][w.near.Other()][e.mate].mate, e.mate = -1, -1
		}
	}
}

// sooner tells whether a SYN,ACK answered the first SYN sooner than the way to the
// other point and back takes.
func (w *work) sooner(k *Kept) bool {
	c := &w.c.clock
	if k.Kind() != KindSYNACK || !w.order || !c.Known || c.OneWay || len(w.lists[0][w.near]) == 0 {
		return false
	}
	first := w.kept(w.near, &w.lists[0][w.near][0])
	return first.Kind() == KindSYN && k.Time-first.Time < int64(c.RoundTrip)-2*grain
}

// refuse parts what cannot be one segment by its times.
func (w *work) refuse(d int) {
	for i := range w.lists[d][A] {
		e := &w.lists[d][A][i]
		if e.mate >= 0 && !w.inTime(d, int32(i), e.mate) {
			w.lists[d][B][e.mate].mate, e.mate = -1, -1
		}
	}
}

// inTime tells whether a segment of A and one of B may be one: it passed the point
// nearer to its sender first, and not long before the other.
func (w *work) inTime(d int, i, j int32) bool {
	a, b := w.kept(A, &w.lists[d][A][i]), w.kept(B, &w.lists[d][B][j])
	return w.c.clock.inTime(a.Time, b.Time, w.order, w.nearest(d) == A)
}

// mostCopies of one segment are told apart.
const mostCopies = 256

// assign matches copies: each with the one that passed the other point at the right
// time. Where several assignments fit, all that they could concern stay in doubt.
func (w *work) assign(d int, l look, a, b []place) {
	if len(a) > mostCopies || len(b) > mostCopies {
		w.doubt(d, A, a)
		w.doubt(d, B, b)
		return
	}
	if !l.ident && !l.stamp && (w.nearGap(d, A, a) || w.nearGap(d, B, b)) {
		w.doubt(d, A, a) // a copy may be missing
		w.doubt(d, B, b)
		return
	}
	p := A // the point with fewer of them
	if len(a) > len(b) {
		p, a, b = B, b, a
	}
	early := w.greedy(d, p, a, b, false)
	late := early
	if !l.ident || len(a) > 1 { // of one packet that came twice, the first is it
		late = w.greedy(d, p, a, b, true)
	}
	for x := range a {
		switch {
		case early[x] != late[x]:
			w.doubt(d, p, a[x:x+1])
			low, high := min(early[x], late[x]), max(early[x], late[x])
			w.doubt(d, p.Other(), b[max(low, 0):high+1])
		case early[x] >= 0:
			w.pairUp(d, p, a[x].at, b[early[x]].at)
		}
	}
	for x := range a { // a certain match of what is in doubt elsewhere is not certain
		if e := &w.lists[d][p][a[x].at]; e.mate >= 0 && w.lists[d][p.Other()][e.mate].doubt {
			w.lists[d][p.Other()][e.mate].mate, e.mate, e.doubt = -1, -1, true
		}
	}
}

// nearGap tells whether the capture dropped packets around one of the places.
func (w *work) nearGap(d int, p Point, list []place) bool {
	v, patience := &w.c.captures[p], w.c.clock.patience()
	return len(v.gaps) > 0 && slices.ContainsFunc(list, func(x place) bool {
		at := w.kept(p, &w.lists[d][p][x.at]).Time
		return v.gapped(span{at - patience, at + patience})
	})
}

func (w *work) doubt(d int, p Point, list []place) {
	for _, x := range list {
		w.lists[d][p][x.at].doubt = true
	}
}

// pairUp is mate with the first index at point p.
func (w *work) pairUp(d int, p Point, i, j int32) {
	if p == B {
		i, j = j, i
	}
	w.mate(d, i, j)
}

// greedy gives each of a, at point p, the first of b that fits, from the front or
// from the back; -1 is none.
func (w *work) greedy(d int, p Point, a, b []place, back bool) []int {
	out := make([]int, len(a))
	free := 0
	for n := range a {
		x := n
		if back {
			x = len(a) - 1 - n
		}
		out[x] = -1
		for m := free; m < len(b); m++ {
			y := m
			if back {
				y = len(b) - 1 - m
			}
			i, j := a[x].at, b[y].at
			if p == B {
				i, j = j, i
			}
			if w.agree(d, i, j) && w.inTime(d, i, j) {
				out[x], free = y, m+1
				break
			}
		}
	}
	return out
}

// again finds copies that the network made: the same packet as one that did pass
// the other point, by its identification.
func (w *work) again(d int) {
	if !w.order {
		return
	}
	far := w.nearest(d).Other()
	list := w.lists[d][far]
	known := map[uint64]int32{}
	for i := range list {
		if e := &list[i]; e.mate >= 0 {
			if h, ok := looks[2].hash(e, w.kept(far, e)); ok {
				known[h] = int32(i)
			}
		}
	}
	for i := range list {
		e := &list[i]
		if e.mate >= 0 || e.part {
			continue
		}
		k := w.kept(far, e)
		h, ok := looks[2].hash(e, k)
		first, found := known[h]
		if ok && found && w.kept(far, &list[first]).Value == k.Value {
			e.again, e.doubt = true, false
		}
	}
}
