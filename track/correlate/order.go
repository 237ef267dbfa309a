package correlate

import (
	"slices"

	"github.com/synoptic-net/synoptic/packet"
)

// Which point is nearer to the originator shows in two ways. Each router takes one
// from the time to live. And what the originator sends passes its own point first,
// what it gets passes that point last: the difference of the clocks is the same in
// both directions, the transit is not.

// findOrder sets near from the segments that were matched.
func (w *work) findOrder() {
	hops := w.byHops()
	waits := w.byWaits()
	switch {
	case hops != 0 && waits != 0 && hops != waits:
		return // they contradict each other: it is not known
	case hops > 0 || waits > 0:
		w.near, w.order = A, true
	case hops < 0 || waits < 0:
		w.near, w.order = B, true
	}
}

// byHops is above 0 if the originator is nearer to A, below if to B.
func (w *work) byHops() int {
	var toA, toB int
	for d := range 2 {
		for i := range w.lists[d][A] {
			e := &w.lists[d][A][i]
			if e.mate < 0 {
				continue
			}
			lost := int(w.kept(A, e).TTL) - int(w.kept(B, &w.lists[d][B][e.mate]).TTL)
			if d == 1 {
				lost = -lost
			}
			switch {
			case lost > 0:
				toA++
			case lost < 0:
				toB++
			}
		}
	}
	return majority(toA, toB)
}

// majority says which of two counts is right: 1, -1, or 0 where too many are of the
// other opinion.
func majority(a, b int) int {
	switch {
	case a > 10*b:
		return 1
	case b > 10*a:
		return -1
	default:
		return 0
	}
}

// byWaits compares the differences of the clocks in the two directions.
func (w *work) byWaits() int {
	var deltas [2][]int64
	for d := range 2 {
		for i := range w.lists[d][A] {
			if e := &w.lists[d][A][i]; e.mate >= 0 {
				deltas[d] = append(deltas[d], w.kept(B, &w.lists[d][B][e.mate]).Time-w.kept(A, e).Time)
			}
		}
		slices.Sort(deltas[d])
	}
	if len(deltas[0]) == 0 || len(deltas[1]) == 0 {
		return 0
	}
	switch ups, downs := deltas[0], deltas[1]; {
	case ups[0] > downs[len(downs)-1]:
		return 1
	case ups[len(ups)-1] < downs[0]:
		return -1
	default:
		return 0
	}
}

// places remembers which point is nearer to an address, from pairs that show it.
type places map[packet.Address]*[Points]int

func (m places) vote(a packet.Address, p Point) {
	if m[a] == nil {
		if len(m) >= mostHeard {
			return
		}
		m[a] = &[Points]int{}
	}
	m[a][p]++
}

// of returns the point nearer to an address.
func (m places) of(a packet.Address) (Point, bool) {
	votes := m[a]
	if votes == nil {
		return A, false
	}
	switch majority(votes[A], votes[B]) {
	case 1:
		return A, true
	case -1:
		return B, true
	default:
		return A, false
	}
}

// voteOrder tells what a pair shows of its addresses.
func (w *work) voteOrder(m places) {
	if !w.order {
		return
	}
	for p := range Point(Points) {
		for _, i := range w.pieces[p] {
			n := &w.c.captures[p].conns[i]
			m.vote(n.end(n.lead).address, w.near)
			m.vote(n.end(1-n.lead).address, w.near.Other())
		}
	}
}

// borrowOrder takes the order from other pairs with the same addresses, or else from
// a point that is the host of one of them.
func (w *work) borrowOrder(m places) {
	for p := range Point(Points) {
		for _, i := range w.pieces[p] {
			n := &w.c.captures[p].conns[i]
			if near, ok := w.c.place(m, n.end(n.lead).address); ok && !w.order {
				w.near, w.order = near, true
			}
			if far, ok := w.c.place(m, n.end(1-n.lead).address); ok && !w.order {
				w.near, w.order = far.Other(), true
			}
		}
	}
}

func (c *Correlator) place(m places, a packet.Address) (Point, bool) {
	if p, ok := m.of(a); ok {
		return p, true
	}
	for p := range Point(Points) {
		if c.captures[p].isHost(a) && !c.captures[p.Other()].isHost(a) {
			return p, true
		}
	}
	return A, false
}

// isHost tells whether a point is the host of an address, or next to it, and no
// gateway.
func (v *capture) isHost(a packet.Address) bool { return v.hosts(a) && !v.forwards }

// hosts tells whether what an address sends has passed no router before the point:
// systems begin with a time to live of 64, 128 or 255.
func (v *capture) hosts(a packet.Address) bool {
	switch v.heard[a] {
	case 64, 128, 255:
		return true
	default:
		return false
	}
}
