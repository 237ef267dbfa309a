package correlate

import (
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Captures that begin in the middle of a connection show no SYN. Such connections
// are joined by segments with the same numbers.

const (
	mostMarks   = 512 // segments of a connection that are looked up, spread over it
	fewestMarks = 3   // that must be the same
)

// middles joins connections by the numbers of their segments.
func (j *joiner) middles() {
	var lists [Points][]numbered
	for p := range Point(Points) {
		v := &j.c.captures[p]
		for i := range v.conns {
			if !j.taken[p][v.root(int32(i))] {
				lists[p] = v.marks(lists[p], int32(i))
			}
		}
		slices.SortFunc(lists[p], byNumber)
	}
	common := map[[Points]int32]int{}
	a, b := lists[A], lists[B]
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].number < b[0].number:
			a = a[1:]
		case a[0].number > b[0].number:
			b = b[1:]
		default:
			x, y := runOf(a), runOf(b)
			if x <= mostAlike && y <= mostAlike {
				count(common, a[:x], b[:y])
			}
			a, b = a[x:], b[y:]
		}
	}
	j.byMarks(common)
}

func count(common map[[Points]int32]int, a, b []numbered) {
	for _, x := range a {
		for _, y := range b {
			common[[Points]int32{x.conn, y.conn}]++
		}
	}
}

// byMarks pairs those with the most segments in common first.
func (j *joiner) byMarks(common map[[Points]int32]int) {
	type found struct {
		conns [Points]int32
		marks int
	}
	var list []found
	for conns, marks := range common {
		if j.c.captures[A].conns[conns[A]].key == j.c.captures[B].conns[conns[B]].key {
			marks *= 2 // the sockets speak for it
		}
		if marks >= fewestMarks {
			list = append(list, found{conns, marks})
		}
	}
	slices.SortFunc(list, func(x, y found) int {
		switch {
		case x.marks != y.marks:
			return y.marks - x.marks
		case x.conns[A] != y.conns[A]:
			return int(x.conns[A]) - int(y.conns[A])
		default:
			return int(x.conns[B]) - int(y.conns[B])
		}
	})
	for _, f := range list {
		groups := [Points]int32{j.c.captures[A].root(f.conns[A]), j.c.captures[B].root(f.conns[B])}
		j.pair(groups, SameNumbers|j.c.reasons(f.conns[A], f.conns[B]))
	}
}

// marks appends a number for some segments of a connection: both sequence numbers
// and both timestamps, which hardly ever are those of another one.
func (v *capture) marks(list []numbered, i int32) []numbered {
	n := &v.conns[i]
	step, at := max(int(n.count)/mostMarks, 1), 0
	sampled := func(k *Kept) bool { return step == 1 || mix(uint64(k.Seq)<<32|uint64(k.Ack))%uint64(step) == 0 }
	var last uint64
	v.each(n, func(_ int32, k *Kept) {
		if !k.Flags.Has(tcp.ACK) || k.Flags.Any(tcp.SYN|tcp.RST) || at >= 2*mostMarks || !sampled(k) {
			return
		}
		h := mix(uint64(k.Seq)<<32|uint64(k.Ack)) ^ uint64(k.Data)
		if k.Options.Has(packet.OptionTimestamps) {
			h = mix(h ^ (uint64(k.Value)<<32 | uint64(k.Echo)))
		}
		if h != last {
			list = append(list, numbered{h, i})
			last = h
			at++
		}
	})
	return list
}

// mix spreads a number over 64 bits (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// sockets joins what is left by addresses and ports alone, where each point has one
// such connection left, and nothing speaks against it.
func (j *joiner) sockets() {
	left := [Points]map[packet.Tuple][]int32{{}, {}}
	for p := range Point(Points) {
		v := &j.c.captures[p]
		for i := range v.conns {
			if n := int32(i); !j.taken[p][v.root(n)] {
				left[p][v.conns[i].key] = append(left[p][v.conns[i].key], n)
			}
		}
	}
	v := &j.c.captures[A]
	for i := range v.conns {
		key := v.conns[i].key
		a, b := left[A][key], left[B][key]
		if len(a) == 1 && len(b) == 1 && a[0] == int32(i) && j.c.samePlace(a[0], b[0]) {
			groups := [Points]int32{v.root(a[0]), j.c.captures[B].root(b[0])}
			j.pair(groups, SameSockets|j.c.reasons(a[0], b[0]))
		}
	}
}

// samePlace tells whether two connections between the same sockets may be one whose
// numbers were changed: both show the same packet with a SYN, by its identification.
func (c *Correlator) samePlace(a, b int32) bool {
	x, y := &c.captures[A].conns[a], &c.captures[B].conns[b]
	if x.syn == 0 || y.syn == 0 {
		return false
	}
	l := &c.captures[B].kept[y.syn]
	same := false
	c.captures[A].opening(x, func(k *Kept) {
		same = same || k.Kind() == KindSYN && k.Scale == l.Scale && k.Window == l.Window && k.ID == l.ID && k.ID != 0
	})
	return same
}

// opening visits the first segments of a connection.
func (v *capture) opening(n *conn, visit func(*Kept)) {
	const first = 64
	at := n.first
	for i := 0; at != 0 && i < first; i++ {
		visit(&v.kept[at])
		at = v.kept[at].next
	}
}
