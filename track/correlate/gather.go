package correlate

import (
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// entry is a segment of a pair, with numbers relative to the beginning of its
// direction at its point, so that those of both points can be compared although a
// firewall shifted them.
type entry struct {
	kept  int32
	mate  int32 // index at the other point, -1 is none
	rel   uint32
	ack   uint32
	pos   int64 // rel without its wrap
	doubt bool  // one of several copies that cannot be told apart
	part  bool  // its text is within segments of other sizes at the other point
	lacks tcp.Size
	count uint16 // of segments at the other point that hold its text
	again bool   // a copy that the network made
	soon  bool   // an answer that came sooner than the way to the other point and back takes
}

// work is a pair while it is compared. Directions are 0 from the originator and 1
// from the responder.
type work struct {
	c      *Correlator
	pieces [Points][]int32
	first  [2][Points]tcp.Seq
	lists  [2][Points][]entry
	sure   [2]bool // the beginning of a direction is known at both points, or the numbers are seen to be the same
	near   Point   // to the originator
	order  bool    // near is known

	stamps, idents [2]bool // these survive the way in a direction: a gateway may change them in one only
	instead        *bool   // the responder sent a SYN,ACK that did not arrive; nil is not looked yet
}

func (w *work) kept(p Point, e *entry) *Kept { return &w.c.captures[p].kept[e.kept] }

// gather makes the lists of a pair.
func (c *Correlator) gather(pieces [Points][]int32) *work {
	w := &work{c: c, pieces: pieces}
	w.orient()
	for p := range Point(Points) {
		w.fill(p)
	}
	for d := range 2 {
		w.base(d)
	}
	for d := range 2 {
		w.baseByAcks(d)
	}
	for d := range 2 {
		for p := range Point(Points) {
			w.relate(d, p)
		}
	}
	return w
}

// orient finds the originator of pieces that do not show a SYN: by the sockets of a
// piece that does, else by segments that both points show, else it is who sends
// first.
func (w *work) orient() {
	for p := range Point(Points) {
		for _, i := range w.pieces[p] {
			if n := &w.c.captures[p].conns[i]; n.lead < 0 {
				n.lead = w.leadLike(p, n)
			}
		}
	}
}

func (w *work) leadLike(p Point, n *conn) int8 {
	for q := range Point(Points) {
		for _, i := range w.pieces[q] {
			m := &w.c.captures[q].conns[i]
			if m == n || m.lead < 0 {
				continue
			}
			if m.key == n.key {
				return m.lead
			}
			if lead := w.leadByNumbers(p, n, q, m); lead >= 0 {
				return lead
			}
		}
	}
	if w.c.captures[p].kept[n.first].forward {
		return 0
	}
	return 1
}

func (w *work) leadByNumbers(p Point, n *conn, q Point, m *conn) int8 {
	ends := map[[2]tcp.Seq]bool{}
	w.c.captures[q].each(m, func(_ int32, k *Kept) {
		if len(ends) < mostMarks {
			ends[[2]tcp.Seq{k.Seq, k.Ack}] = int8(side(k.forward)) == m.lead
		}
	})
	lead := int8(-1)
	w.c.captures[p].each(n, func(_ int32, k *Kept) {
		if fromOriginator, ok := ends[[2]tcp.Seq{k.Seq, k.Ack}]; ok && lead < 0 {
			lead = int8(side(k.forward))
			if !fromOriginator {
				lead = 1 - lead
			}
		}
	})
	return lead
}

// fill collects the segments of a point in the order of time, without the second
// sight of a packet that passed the point twice.
func (w *work) fill(p Point) {
	v := &w.c.captures[p]
	for j, i := range w.pieces[p] {
		n := &v.conns[i]
		v.each(n, func(at int32, k *Kept) {
			k.piece = uint8(min(j, 255))
			d := 0
			if int8(side(k.forward)) != n.lead {
				d = 1
			}
			w.lists[d][p] = append(w.lists[d][p], entry{kept: at, mate: -1})
		})
	}
	for d := range 2 {
		byTime := func(a, b entry) int { return cmp.Compare(v.kept[a.kept].Time, v.kept[b.kept].Time) }
		if !slices.IsSortedFunc(w.lists[d][p], byTime) { // several interfaces, or pieces
			slices.SortStableFunc(w.lists[d][p], byTime)
		}
		w.lists[d][p] = v.once(w.lists[d][p])
	}
}

// passing is how long a packet takes through one host at most, ns.
const passing = 20e6

// once drops packets that the capture shows again, on another interface or under
// another tuple.
func (v *capture) once(list []entry) []entry {
	const near = 8 // packets that may lie between
	out := list[:0]
	for _, e := range list {
		k := &v.kept[e.kept]
		seen := false
		for j := len(out) - 1; j >= max(len(out)-near, 0) && !seen; j-- {
			seen = v.echo(&v.kept[out[j].kept], k)
		}
		if seen {
			v.forwards = true
			continue
		}
		out = append(out, e)
	}
	return out
}

func (v *capture) echo(a, b *Kept) bool {
	if a.Seq != b.Seq || a.Flags != b.Flags || a.Data != b.Data || a.ID != b.ID || a.Value != b.Value || b.Time-a.Time > passing {
		return false
	}
	return a.via != b.via || a.piece != b.piece
}

// base finds where the numbers of a direction begin at each point.
func (w *work) base(d int) {
	var known [Points]bool
	for p := range Point(Points) {
		for _, i := range w.pieces[p] {
			n := &w.c.captures[p].conns[i]
			end := n.lead
			if d == 1 {
				end = 1 - end
			}
			if !known[p] && n.isnKnown[end] {
				known[p], w.first[d][p] = true, n.isn[end]
			}
		}
	}
	w.sure[d] = known[A] && known[B]
	for p := range Point(Points) {
		switch {
		case known[p]:
		case known[p.Other()]:
			w.first[d][p] = w.first[d][p.Other()]
		default:
			w.first[d][p] = w.anyNumber(d)
		}
	}
}

// baseByAcks finds how the numbers of a direction are shifted where a point lacks its
// SYN: by what the other end acknowledges in segments that both points have.
func (w *work) baseByAcks(d int) {
	if w.sure[d] || !w.sure[1-d] {
		return
	}
	type name struct {
		rel, id, value uint32
		data           tcp.Size
		flags          tcp.Flags
	}
	naming := func(p Point, e *entry) (*Kept, name) {
		k := w.kept(p, e)
		return k, name{uint32(k.Seq - w.first[1-d][p]), k.ID, k.Value, k.Data, k.Flags & same}
	}
	acks := map[name]tcp.Seq{}
	for i := range w.lists[1-d][A] {
		if k, n := naming(A, &w.lists[1-d][A][i]); k.Flags.Has(tcp.ACK) && (n.id != 0 || n.value != 0) && len(acks) < mostMarks {
			acks[n] = k.Ack
		}
	}
	votes := map[tcp.Size]int{}
	for i := range w.lists[1-d][B] {
		k, n := naming(B, &w.lists[1-d][B][i])
		if ack, ok := acks[n]; ok && k.Flags.Has(tcp.ACK) {
			votes[ack.To(k.Ack)]++
		}
	}
	shift, most := tcp.Size(0), 0
	for s, n := range votes {
		if n > most || n == most && s < shift {
			shift, most = s, n
		}
	}
	if most >= 2 {
		w.first[d][B], w.sure[d] = w.first[d][A].Add(shift), true
	}
}

func (w *work) anyNumber(d int) tcp.Seq {
	for p := range Point(Points) {
		if list := w.lists[d][p]; len(list) > 0 {
			return w.kept(p, &list[0]).Seq
		}
		if list := w.lists[1-d][p]; len(list) > 0 {
			return w.kept(p, &list[0]).Ack
		}
	}
	return 0
}

// believable is how far a number may lie from the one before it to be taken as a
// place in the stream.
const believable = 1 << 30

// relate counts the numbers of a list from its beginning.
func (w *work) relate(d int, p Point) {
	var at int64
	list := w.lists[d][p]
	for i := range list {
		e := &list[i]
		k := w.kept(p, e)
		e.rel = uint32(k.Seq - w.first[d][p])
		if k.Flags.Has(tcp.ACK) {
			e.ack = uint32(k.Ack - w.first[1-d][p])
		}
		e.pos = at + int64(int32(e.rel-uint32(at)))
		if !k.Flags.Has(tcp.RST) && e.pos-at < believable && at-e.pos < believable {
			at = e.pos
		}
	}
}

// shift is what was added to the numbers of a direction between A and B.
func (w *work) shift(d int) tcp.Size { return w.first[d][A].To(w.first[d][B]) }

// nearest returns the point nearer to the sender of a direction.
func (w *work) nearest(d int) Point {
	if d == 0 {
		return w.near
	}
	return w.near.Other()
}

// tupleOf returns the tuple of a segment as it travelled.
func (w *work) tupleOf(p Point, k *Kept) packet.Tuple {
	pieces := w.pieces[p]
	t := w.c.captures[p].conns[pieces[min(int(k.piece), len(pieces)-1)]].key
	if !k.forward {
		return t.Reverse()
	}
	return t
}
