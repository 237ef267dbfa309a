package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// book is findings made ready for joining them: which sockets each is about, and
// which findings a socket belongs to. It is written in one pass over the sockets,
// for there may be thousands of findings.
type book struct {
	all     []told
	byCause map[Cause][]told
	sockets map[*index]map[pileKey][]*host.Socket // of those that may follow from another
	roots   map[*index]map[pileKey][]*Finding     // those that others may follow from
}

func newBook(all []told) *book {
	b := &book{
		all: all, byCause: map[Cause][]told{},
		sockets: map[*index]map[pileKey][]*host.Socket{}, roots: map[*index]map[pileKey][]*Finding{},
	}
	for _, f := range all {
		b.byCause[f.Cause] = append(b.byCause[f.Cause], f)
	}
	for _, f := range all {
		b.enter(f)
	}
	for x, piles := range b.sockets {
		x.collect(piles)
	}
	return b
}

func (b *book) enter(f told) {
	if f.BecauseOf == "" && b.anyOf(across[f.Cause], unansweredDials[f.Cause]) {
		for _, key := range f.keys(otherEnds) {
			if b.sockets[f.from] == nil {
				b.sockets[f.from] = map[pileKey][]*host.Socket{}
			}
			b.sockets[f.from][key] = nil
		}
	}
	if !leadAcross[f.Cause] {
		return
	}
	for _, key := range f.keys(pileOf) {
		if f.Cause == "proxied-culprit" {
			key.peer = netip.AddrPort{} // it names the program behind; the pile came from the other side
		}
		if b.roots[f.from] == nil {
			b.roots[f.from] = map[pileKey][]*Finding{}
		}
		b.roots[f.from][key] = append(b.roots[f.from][key], f.Finding)
	}
}

// anyOf tells whether there is a finding of one of the causes.
func (b *book) anyOf(lists ...[]Cause) bool {
	for _, causes := range lists {
		for _, cause := range causes {
			if len(b.byCause[cause]) > 0 {
				return true
			}
		}
	}
	return false
}

// leadAcross are the causes from which others follow at the other end.
var leadAcross = func() map[Cause]bool {
	lead := map[Cause]bool{}
	for _, roots := range across {
		for _, root := range roots {
			lead[root] = true
		}
	}
	return lead
}()

// socketsOf returns the sockets that a finding is about.
func (b *book) socketsOf(f told) []*host.Socket {
	keys := f.keys(otherEnds)
	if len(keys) == 1 {
		return b.sockets[f.from][keys[0]]
	}
	var all []*host.Socket
	for _, key := range keys {
		all = append(all, b.sockets[f.from][key]...)
	}
	return all
}

// otherEnds is the pile of a finding; of a proxy those that wait for the program
// behind it.
func otherEnds(f *Finding) (key pileKey, ok bool) {
	key, ok = pileOf(f)
	if f.Cause == "proxied-culprit" {
		key.state, key.local, key.peer = tcp.FinWait2, netip.AddrPort{}, netip.AddrPort{}
	}
	return key, ok
}

// joined returns a count of the sockets of a finding that have their other end in
// the pile of another one.
func (b *book) joined(f told, mine []*host.Socket) func(root told) int {
	counts := map[*Finding]int{}
	for x, roots := range b.roots {
		for _, s := range mine {
			if x != f.from && s.Remote.Addr().IsLoopback() {
				continue // loopback leads to no other namespace
			}
			other := x.socketAt(s.Remote, s.Local)
			if other == nil {
				continue
			}
			for _, key := range x.keysOf(other, other.State, x.owner(other)) {
				for _, root := range roots[key] {
					counts[root]++
				}
			}
		}
	}
	return func(root told) int { return counts[root.Finding] }
}
