package correlate

import (
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// level is the time to live with which an address is heard at a point.
type level struct {
	ttl    uint8
	varies bool
}

// judge makes the passages of a pair. What only one capture has is Vanished or Made
// until settle looks whether the other capture would have it.
func (w *work) judge() (list []Passage) {
	for d := range 2 {
		if w.order {
			list = w.judgeDirection(d, list)
		} else {
			list = w.judgeBlindly(d, list)
		}
	}
	c := &w.c.clock
	slices.SortStableFunc(list, func(x, y Passage) int {
		a, b := w.when(c, &x), w.when(c, &y)
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	return list
}

// when a passage began, by the clock of A.
func (w *work) when(c *Clock, p *Passage) int64 {
	if p.Seen[A] != 0 {
		return w.c.captures[A].kept[p.Seen[A]].Time
	}
	return c.ByA(B, w.c.captures[B].kept[p.Seen[B]].Time)
}

// passage begins one of a segment at one point.
func (w *work) passage(d int, p Point, e *entry) Passage {
	out := Passage{FromOriginator: d == 0}
	out.Seen[p] = e.kept
	return out
}

func (w *work) both(d int, p Point, e *entry) Passage {
	out := w.passage(d, p, e)
	mate := &w.lists[d][p.Other()][e.mate]
	out.Seen[p.Other()] = mate.kept
	out.Verdict = Arrived
	a, b := e, mate
	if p == B {
		a, b = mate, e
	}
	if out.Changes = w.changes(a, b); out.Changes != 0 {
		out.Verdict = Changed
	}
	return out
}

// judgeBlindly is for pairs of which it is not known which point is nearer to the
// originator.
func (w *work) judgeBlindly(d int, list []Passage) []Passage {
	for p := range Point(Points) {
		for i := range w.lists[d][p] {
			e := &w.lists[d][p][i]
			switch {
			case e.mate >= 0 && p == A:
				list = append(list, w.both(d, p, e))
			case e.mate < 0:
				out := w.passage(d, p, e)
				out.Why = NoOrder
				list = append(list, out)
			}
		}
	}
	return list
}

func (w *work) judgeDirection(d int, list []Passage) []Passage {
	near := w.nearest(d)
	far := near.Other()
	v := w.evidence(d)
	for i := range w.lists[d][near] {
		e := &w.lists[d][near][i]
		if e.mate >= 0 {
			list = append(list, w.both(d, near, e))
			continue
		}
		list = append(list, w.sent(d, near, int32(i), v))
	}
	for i := range w.lists[d][far] {
		e := &w.lists[d][far][i]
		if e.mate >= 0 || e.part {
			continue
		}
		out := w.passage(d, far, e)
		switch {
		case e.again:
			out.Verdict, out.Why = Made, Repeated
		case e.doubt:
			out.Why = Copies
		default:
			out.Verdict, out.Why = Made, Genuine
		}
		list = append(list, out)
	}
	return list
}

// sent judges a segment of the near point that the far one has not as it was.
func (w *work) sent(d int, near Point, at int32, v *evidence) Passage {
	e := &w.lists[d][near][at]
	out := w.passage(d, near, e)
	out.Parts, out.Lacks = e.count, e.lacks
	switch {
	case e.doubt:
		out.Why, out.Lacks = Copies, 0
	case e.part && e.lacks == 0:
		out.Verdict, out.Why, out.Changes = Changed, Seen, Length
	default:
		out.Verdict, out.Why = Vanished, Absent
		switch w.arrival(d, v, at) {
		case shown:
			out.Verdict, out.Why, out.Lacks = Arrived, Acknowledged, 0
			w.blame(near, w.kept(near, e), d)
		case ambiguous:
			out.Verdict, out.Why, out.Lacks = Unknown, Acknowledged, 0
			w.blame(near, w.kept(near, e), d)
		}
	}
	return out
}

// blame notes that the other capture misses packets, unless there is another reason
// why it lacks this one.
func (w *work) blame(near Point, k *Kept, d int) {
	far := near.Other()
	if _, ok := w.goesOn(near, k, true); ok && len(w.lists[d][far]) > 0 {
		w.c.captures[far].misses = true
	}
}

// blameNear notes that the capture nearer to the sender lacks segments that are the
// sender's by all they show.
func (w *work) blameNear(list []Passage) {
	if w.answeredForAnother(list) {
		return // what opens the connection in the originator's place sends more than a SYN
	}
	for i := range list {
		p := &list[i]
		if p.Verdict != Made || p.Why != Genuine {
			continue
		}
		d, far := w.sideOf(p)
		k := &w.c.captures[far].kept[p.Seen[far]]
		if kind := k.Kind(); kind != KindText && kind != KindACK {
			continue
		}
		if _, ok := w.goesOn(far, k, false); ok && len(w.lists[d][far.Other()]) > 0 && !w.foreign(far, k) {
			w.c.captures[far.Other()].misses = true
		}
	}
}

// sideOf returns direction and point of a passage that one point shows.
func (w *work) sideOf(p *Passage) (d int, at Point) {
	if !p.FromOriginator {
		d = 1
	}
	if p.Seen[A] == 0 {
		at = B
	}
	return d, at
}

// hear remembers with which time to live the senders of a pair arrive.
func (w *work) hear() {
	if !w.order {
		return
	}
	for d := range 2 {
		far := w.nearest(d).Other()
		for i := range w.lists[d][far] {
			e := &w.lists[d][far][i]
			if e.mate < 0 {
				continue
			}
			k := w.kept(far, e)
			source := w.tupleOf(far, k).Source
			l, ok := w.c.ttl[far][source]
			switch {
			case !ok && len(w.c.ttl[far]) < mostHeard:
				w.c.ttl[far][source] = level{ttl: k.TTL}
			case ok && l.ttl != k.TTL:
				w.c.ttl[far][source] = level{l.ttl, true}
			}
		}
	}
}

// foreign tells whether the time to live of a segment is not that of its sender.
func (w *work) foreign(p Point, k *Kept) bool {
	l, ok := w.c.ttl[p][w.tupleOf(p, k).Source]
	return ok && !l.varies && l.ttl != k.TTL
}

// settle looks whether each capture covers what it lacks.
func (w *work) settle(list []Passage) {
	answered := w.answeredForAnother(list)
	gone := [2]bool{true, true} // nothing of a direction arrived
	for i := range list {
		p := &list[i]
		d, at := w.sideOf(p)
		if p.Verdict == Vanished {
			w.settleVanished(p, d, at, answered)
		}
		if p.Verdict == Arrived && p.Why == Acknowledged && !w.whole(d, at) {
			p.Verdict = Unknown // a copy that this capture lacks too may have come
		}
		gone[d] = gone[d] && (p.Verdict == Vanished || p.Verdict == Made)
	}
	for i := range list {
		p := &list[i]
		if d, at := w.sideOf(p); p.Verdict == Made && p.Why == Genuine {
			w.settleMade(p, d, at, answered, gone[1-d] && len(w.lists[1-d][at]) > 0 && len(w.lists[1-d][at.Other()]) == 0)
		}
	}
}

// whole tells whether a capture has, by all that is known, every segment that the
// sender of a direction sent.
func (w *work) whole(d int, p Point) bool {
	v := &w.c.captures[p]
	if v.dropped > 0 || v.misses || v.cut > 0 {
		return false
	}
	return slices.ContainsFunc(w.pieces[p], func(i int32) bool {
		n := &v.conns[i]
		return n.isnKnown[int(n.lead)^d]
	})
}

func (w *work) settleVanished(p *Passage, d int, at Point, answered bool) {
	k := &w.c.captures[at].kept[p.Seen[at]]
	if why, ok := w.covers(at, k, d, true); !ok {
		p.Verdict, p.Why, p.Lacks = Unknown, why, 0
		return
	}
	if answered && k.opens() {
		p.Why = TakenForAnswer
	}
}

// settleMade asks for a sign, besides its absence at the point of its sender, that a
// segment was made in between. Without one the capture may have missed it.
func (w *work) settleMade(p *Passage, d int, at Point, answered, nothingCame bool) {
	k := &w.c.captures[at].kept[p.Seen[at]]
	if why, ok := w.covers(at, k, d, false); !ok {
		p.Verdict, p.Why = Unknown, why
		return
	}
	switch {
	case k.Kind() == KindSYNACK && w.early(at, k):
		p.Why = TooEarly
	case k.Kind() == KindSYNACK && w.another(d, at.Other()):
		p.Why = OtherInstead
	case k.Kind() == KindSYN && answered:
		p.Why = InItsPlace
	case nothingCame && k.Flags.Any(tcp.RST|tcp.SYN):
		p.Why = AnswersVanished
	case w.foreign(at, k):
		p.Why = Foreign
	default:
		p.Verdict, p.Why = Unknown, Genuine
	}
}

// answeredForAnother tells whether something in between shakes hands in the place
// of both ends: a SYN,ACK came before the responder can have sent it; or the one
// that came is not the responder's, and the SYN that the responder got is not the
// originator's.
func (w *work) answeredForAnother(list []Passage) bool {
	answer, opening := false, false
	for i := range list {
		p := &list[i]
		if p.Verdict != Made {
			continue
		}
		d, at := w.sideOf(p)
		switch k := &w.c.captures[at].kept[p.Seen[at]]; k.Kind() {
		case KindSYNACK:
			if w.early(at, k) {
				return true
			}
			answer = answer || w.another(d, at.Other())
		case KindSYN:
			opening = true
		}
	}
	return answer && opening
}

// early tells whether a SYN,ACK passed a point before any SYN passed the other, or
// sooner than the way there and back takes.
func (w *work) early(at Point, k *Kept) bool {
	other := at.Other()
	if !w.order || !w.c.clock.Known || w.near != at {
		return false
	}
	if w.sooner(k) {
		return true
	}
	if len(w.lists[0][other]) == 0 {
		return false
	}
	first := w.kept(other, &w.lists[0][other][0])
	return first.Kind() == KindSYN && w.c.clock.elsewhere(at, k.Time, false).to < first.Time
}

// another tells whether the sender of SYN,ACKs sent a different one that did not
// arrive.
func (w *work) another(d int, near Point) bool {
	if w.instead == nil {
		found := slices.ContainsFunc(w.lists[d][near], func(e entry) bool {
			return e.mate < 0 && !e.doubt && w.kept(near, &e).Kind() == KindSYNACK
		})
		w.instead = &found
	}
	return *w.instead
}

// partProxied undoes the match of a SYN that left the other point later than its
// answer arrived: something in between sent it in the originator's place.
func (w *work) partProxied() {
	if !w.order {
		return
	}
	for i := range w.lists[1][w.near] {
		e := &w.lists[1][w.near][i]
		k := w.kept(w.near, e)
		if k.Kind() != KindSYNACK || e.mate >= 0 || !w.early(w.near, k) {
			continue
		}
		for j := range w.lists[0][w.near] {
			if s := &w.lists[0][w.near][j]; s.mate >= 0 && w.kept(w.near, s).Kind() == KindSYN {
				w.lists[0][w.near.Other()][s.mate].mate, s.mate = -1, -1
			}
		}
		return
	}
}

// changes compares a segment at both points.
func (w *work) changes(a, b *entry) (c Changes) {
	k, l := w.kept(A, a), w.kept(B, b)
	s, t := w.tupleOf(A, k), w.tupleOf(B, l)
	for i, differs := range [...]bool{ // in the order of the constants
		s.Source != t.Source || s.Destination != t.Destination,
		s.SourcePort != t.SourcePort || s.DestinationPort != t.DestinationPort,
		k.Seq != l.Seq || k.Flags.Has(tcp.ACK) && k.Ack != l.Ack,
		k.MSS != l.MSS || lost(k, l, packet.OptionMSS),
		k.Scale != l.Scale || lost(k, l, packet.OptionWindowScale),
		lost(k, l, packet.OptionSACKPermitted) || lost(k, l, packet.OptionSACK),
		lost(k, l, packet.OptionTimestamps) || k.Value != l.Value || k.Echo != l.Echo,
		lost(k, l, packet.OptionMPTCP),
		lost(k, l, packet.OptionFastOpen),
		(k.Options^l.Options)&^named != 0,
		k.Window != l.Window,
		false, // Length: these are of one size
		(k.Class^l.Class)&3 != 0,
		(k.Class^l.Class)>>2 != 0,
		k.Flags != l.Flags,
		k.ID != l.ID,
		k.Data != l.Data,
	} {
		if differs {
			c |= 1 << i
		}
	}
	return c
}

const named = packet.OptionMSS | packet.OptionWindowScale | packet.OptionSACKPermitted | packet.OptionSACK | packet.OptionTimestamps |
	packet.OptionMPTCP | packet.OptionFastOpen

func lost(k, l *Kept, option packet.OptionSet) bool { return (k.Options^l.Options)&option != 0 }
