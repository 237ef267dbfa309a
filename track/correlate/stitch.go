package correlate

import (
	"slices"

	"github.com/synoptic-net/synoptic/packet"
)

// A capture at a gateway shows a connection under several tuples: before and
// behind a change of addresses, or a SYN to one address and its answer from
// another. Such pieces are put into one group.

// stitch groups the pieces of connections at one point.
func (v *capture) stitch() {
	v.stitchAnswers()
	v.stitchCopies()
}

// mostAlike is how many connections may share a number before it says nothing: a
// flood may use one for all.
const mostAlike = 4

// sameBegin is how far apart two copies of a SYN inside one host may be, ns.
const sameBegin = 1e9

// numbered is a connection with a number by which it is looked up.
type numbered struct {
	number uint64
	conn   int32
}

func byNumber(a, b numbered) int {
	switch {
	case a.number != b.number:
		if a.number < b.number {
			return -1
		}
		return 1
	default:
		return int(a.conn) - int(b.conn)
	}
}

// alike calls visit for each run of the same number that is not longer than most.
func alike(list []numbered, most int, visit func(run []numbered)) {
	slices.SortFunc(list, byNumber)
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].number == list[0].number {
			n++
		}
		if n > 1 && n <= most {
			visit(list[:n])
		}
		list = list[n:]
	}
}

// stitchAnswers joins a SYN without an answer and an answer without a SYN that
// acknowledges it and goes to the same originator: a gateway changed the
// destination, and somebody else answers.
func (v *capture) stitchAnswers() {
	var list []numbered
	for i := range v.conns {
		n := &v.conns[i]
		switch {
		case n.syn != 0 && n.answer == 0:
			list = append(list, numbered{uint64(v.kept[n.syn].Seq), int32(i)})
		case n.syn == 0 && n.answer != 0:
			list = append(list, numbered{uint64(v.kept[n.answer].Ack.Sub(1)), int32(i)})
		}
	}
	alike(list, mostAlike, func(run []numbered) {
		for _, a := range run {
			for _, b := range run {
				if x, y := &v.conns[a.conn], &v.conns[b.conn]; x.syn != 0 && y.answer != 0 && x.end(x.lead) == y.end(y.lead) {
					v.unite(a.conn, b.conn)
				}
			}
		}
	})
}

// stitchCopies joins connections that begin with the same SYN, with one end in
// common: the same packet before and behind a gateway that is captured inside.
func (v *capture) stitchCopies() {
	var list []numbered
	for i := range v.conns {
		if n := &v.conns[i]; n.syn != 0 {
			list = append(list, numbered{uint64(n.isn[n.lead]), int32(i)})
		}
	}
	alike(list, mostAlike, func(run []numbered) {
		for i, a := range run {
			for _, b := range run[i+1:] {
				x, y := &v.conns[a.conn], &v.conns[b.conn]
				if v.samePacket(x.syn, y.syn) && (x.end(x.lead) == y.end(y.lead) || x.end(1-x.lead) == y.end(1-y.lead)) {
					v.unite(a.conn, b.conn)
				}
			}
		}
	})
}

// samePacket tells whether two segments with the same number are one packet.
func (v *capture) samePacket(i, j int32) bool {
	a, b := &v.kept[i], &v.kept[j]
	if a.ID != b.ID || a.Options != b.Options || a.Value != b.Value || max(a.Time, b.Time)-min(a.Time, b.Time) > sameBegin {
		return false
	}
	return a.ID != 0 || a.Options.Has(packet.OptionTimestamps)
}

// socket is one end of a tuple.
type socket struct {
	address packet.Address
	port    uint16
}

// end returns the socket of an end, 0 low and 1 high.
func (n *conn) end(i int8) socket {
	if i == 0 {
		return socket{n.key.Source, n.key.SourcePort}
	}
	return socket{n.key.Destination, n.key.DestinationPort}
}

func (v *capture) unite(a, b int32) {
	x, y := v.root(a), v.root(b)
	v.conns[max(x, y)].group = min(x, y)
}

func (v *capture) root(i int32) int32 {
	for v.conns[i].group != i {
		i = v.conns[i].group
	}
	return i
}
