package correlate

import (
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/packet"
)

// Reasons say why two connections are thought to be one.
type Reasons uint8

// The reasons.
const (
	SameISN        Reasons = 1 << iota // the SYN has the same number
	SameAnswer                         // the SYN,ACK has the same number and acknowledges the same
	SameTimestamps                     // the SYN, or SYN,ACK, has the same TSval
	SameOptions                        // the SYN has the same options, with the same values
	SameSockets                        // addresses and ports are the same
	SameNumbers                        // segments in the middle have the same numbers
	SameID                             // the SYN has the same IPv4 identification
)

var reasonNames = [...]string{"isn", "syn-ack", "timestamps", "options", "sockets", "numbers", "ip-id"}

// worth is what a reason adds to a score; of 100 the score is not raised above.
var worth = [...]int{40, 40, 30, 10, 25, 40, 15}

// enough is the score from which connections are joined.
const enough = 40

// List returns the names of the reasons.
func (r Reasons) List() []string {
	names := []string{}
	for i, name := range reasonNames {
		if r>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String joins the names with commas.
func (r Reasons) String() string { return strings.Join(r.List(), ",") }

// Score returns how much the reasons weigh together, 0 to 100.
func (r Reasons) Score() (score int) {
	for i, w := range worth {
		if r>>i&1 != 0 {
			score += w
		}
	}
	return min(score, 100)
}

// joined is a connection at both points, or at one (-1 at the other).
type joined struct {
	groups  [Points]int32
	reasons Reasons
}

// candidates is how many connections with one number are compared with each other.
const candidates = 32

// groupsOf returns the pieces of each group.
func (v *capture) groupsOf() (roots []int32, pieces map[int32][]int32) {
	pieces = map[int32][]int32{}
	for i := range v.conns {
		r := v.root(int32(i))
		if r == int32(i) {
			roots = append(roots, r)
		} else {
			if pieces[r] == nil {
				pieces[r] = []int32{r}
			}
			pieces[r] = append(pieces[r], int32(i))
		}
	}
	return roots, pieces
}

// join pairs the groups of the two points, best first.
func (c *Correlator) join() []joined {
	j := joiner{c: c, taken: [Points]map[int32]bool{{}, {}}}
	for _, number := range []func(*capture, int32) (uint64, bool){synNumber, answerNumber, stampNumber} {
		j.round(number)
	}
	j.middles()
	j.sockets()
	j.alone()
	slices.SortFunc(j.list, func(a, b joined) int {
		if x, y := c.begin(&a), c.begin(&b); x != y {
			return x.compare(y)
		}
		return int(a.groups[0]) - int(b.groups[0])
	})
	return j.list
}

// beginning orders connections: those that A saw first, by their place there.
type beginning struct {
	point Point
	index int32
}

func (b beginning) compare(o beginning) int {
	if b.point != o.point {
		return int(b.point) - int(o.point)
	}
	return int(b.index) - int(o.index)
}

func (c *Correlator) begin(j *joined) beginning {
	if j.groups[A] >= 0 {
		return beginning{A, j.groups[A]}
	}
	return beginning{B, j.groups[B]}
}

type joiner struct {
	c     *Correlator
	list  []joined
	taken [Points]map[int32]bool // groups
}

func synNumber(v *capture, i int32) (uint64, bool) {
	n := &v.conns[i]
	if n.syn == 0 {
		return 0, false
	}
	return uint64(v.kept[n.syn].Seq), true
}

func answerNumber(v *capture, i int32) (uint64, bool) {
	n := &v.conns[i]
	if n.answer == 0 {
		return 0, false
	}
	k := &v.kept[n.answer]
	return uint64(k.Seq)<<32 | uint64(k.Ack), true
}

// stampNumber finds a SYN whose number was changed on the way, by its TSval.
func stampNumber(v *capture, i int32) (uint64, bool) {
	n := &v.conns[i]
	if n.syn == 0 || !v.kept[n.syn].Options.Has(packet.OptionTimestamps) {
		return 0, false
	}
	return uint64(v.kept[n.syn].Value), true
}

// round joins connections with the same number, for which nothing better was found.
func (j *joiner) round(number func(*capture, int32) (uint64, bool)) {
	var lists [Points][]numbered
	for p := range lists {
		v := &j.c.captures[p]
		for i := range v.conns {
			if n, ok := number(v, int32(i)); ok && !j.taken[p][v.root(int32(i))] {
				lists[p] = append(lists[p], numbered{n, int32(i)})
			}
		}
		slices.SortFunc(lists[p], byNumber)
	}
	j.merge(lists)
}

func (j *joiner) merge(lists [Points][]numbered) {
	a, b := lists[A], lists[B]
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].number < b[0].number:
			a = a[1:]
		case a[0].number > b[0].number:
			b = b[1:]
		default:
			x, y := runOf(a), runOf(b)
			j.best(a[:min(x, candidates)], b[:min(y, candidates)])
			a, b = a[x:], b[y:]
		}
	}
}

func runOf(list []numbered) int {
	n := 1
	for n < len(list) && list[n].number == list[0].number {
		n++
	}
	return n
}

// choice is a possible pair of groups.
type choice struct {
	groups  [Points]int32
	reasons Reasons
}

// best pairs what shares a number: those with the most reasons first. What another
// pair would be as good for is left alone.
func (j *joiner) best(a, b []numbered) {
	var list []choice
	for _, x := range a {
		for _, y := range b {
			reasons := j.c.reasons(x.conn, y.conn)
			if reasons.Score() >= enough {
				groups := [Points]int32{j.c.captures[A].root(x.conn), j.c.captures[B].root(y.conn)}
				list = append(list, choice{groups, reasons})
			}
		}
	}
	slices.SortStableFunc(list, func(x, y choice) int { return y.reasons.Score() - x.reasons.Score() })
	for i := range list {
		if !j.rivalled(list, i) {
			j.pair(list[i].groups, list[i].reasons)
		}
	}
}

// rivalled tells whether another choice that is as good takes one of its groups.
func (j *joiner) rivalled(list []choice, i int) bool {
	for k := range list {
		x, y := &list[i], &list[k]
		if k == i || x.reasons.Score() != y.reasons.Score() || x.groups == y.groups {
			continue
		}
		if (x.groups[A] == y.groups[A] || x.groups[B] == y.groups[B]) && !j.taken[A][y.groups[A]] && !j.taken[B][y.groups[B]] {
			return true
		}
	}
	return false
}

func (j *joiner) pair(groups [Points]int32, reasons Reasons) {
	if j.taken[A][groups[A]] || j.taken[B][groups[B]] {
		return
	}
	j.taken[A][groups[A]], j.taken[B][groups[B]] = true, true
	j.list = append(j.list, joined{groups, reasons})
}

// alone lists what was not joined.
func (j *joiner) alone() {
	for p := range Point(Points) {
		v := &j.c.captures[p]
		for i := range v.conns {
			if n := int32(i); v.conns[i].group == n && !j.taken[p][n] {
				groups := [Points]int32{-1, -1}
				groups[p] = n
				j.list = append(j.list, joined{groups, 0})
			}
		}
	}
}

// reasons compares two connections by their handshakes and sockets.
func (c *Correlator) reasons(a, b int32) (r Reasons) {
	va, vb := &c.captures[A], &c.captures[B]
	x, y := &va.conns[a], &vb.conns[b]
	if x.key == y.key {
		r |= SameSockets
	}
	if x.answer != 0 && y.answer != 0 {
		k, l := &va.kept[x.answer], &vb.kept[y.answer]
		if k.Seq == l.Seq && k.Ack == l.Ack {
			r |= SameAnswer | stampsOf(k, l)
		}
	}
	if x.syn == 0 || y.syn == 0 {
		return r
	}
	k, l := &va.kept[x.syn], &vb.kept[y.syn]
	if k.Seq == l.Seq {
		r |= SameISN
	}
	r |= stampsOf(k, l)
	if k.Options == l.Options && k.MSS == l.MSS && k.Scale == l.Scale && k.Window == l.Window {
		r |= SameOptions
	}
	if k.ID == l.ID && k.ID != 0 {
		r |= SameID
	}
	return r
}

func stampsOf(k, l *Kept) Reasons {
	if k.Options.Has(packet.OptionTimestamps) && l.Options.Has(packet.OptionTimestamps) && k.Value == l.Value {
		return SameTimestamps
	}
	return 0
}
