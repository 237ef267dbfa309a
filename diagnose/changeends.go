package diagnose

import (
	"net/netip"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// inOneCommand is how many connections one command ends or forgets, and atMost how
// many a remedy names one by one: what is left shows when one looks again.
const (
	inOneCommand = 16
	atMost       = 256
)

// fewPeers is of how many peers connections are ended at once: those of more are
// no accident of a few, and need a cure at its root.
const fewPeers = 16

// endSockets ends exactly these connections: all that the host has in their
// state with their peer where they are all of those, else one by one.
func (x *index) endSockets(group []seen) []Change {
	if len(group) == 0 {
		return nil
	}
	state, peer := group[0].now.State, group[0].now.Remote.Addr()
	alike := len(group) == x.withPeer(state, peer)
	for _, s := range group {
		alike = alike && s.now.State == state && s.now.Remote.Addr() == peer
	}
	if alike {
		return []Change{{Kind: ChangeSocket, Target: "state " + kebab(state) + " dst " + bracketed(peer)}}
	}
	return oneByOne(group[:min(len(group), atMost)])
}

// withPeer counts the sockets that are in a state with a peer. They are counted
// once: groups may be thousands.
func (x *index) withPeer(state tcp.State, peer netip.Addr) int {
	if x.perPeer == nil {
		x.perPeer = map[statePeer]int{}
		for state, list := range x.byState {
			for _, s := range list {
				x.perPeer[statePeer{state, s.now.Remote.Addr()}]++
			}
		}
	}
	return x.perPeer[statePeer{state, peer}]
}

type statePeer struct {
	state tcp.State
	peer  netip.Addr
}

func oneByOne(group []seen) []Change {
	var changes []Change
	for len(group) > 0 {
		n := min(len(group), inOneCommand)
		ends := make([]string, n)
		for i, s := range group[:n] {
			ends[i] = "src " + endOf(s.now.Local) + " dst " + endOf(s.now.Remote)
		}
		filter := ends[0]
		if n > 1 {
			filter = "( " + strings.Join(ends, " ) or ( ") + " )"
		}
		changes = append(changes, Change{Kind: ChangeSocket, Target: filter})
		group = group[n:]
	}
	return changes
}

// forgetEntries deletes the entries of connection tracking of these attempts.
func forgetEntries(group []seen) []Change {
	var changes []Change
	for _, s := range group[:min(len(group), atMost)] {
		l, r := s.now.Local, s.now.Remote
		family := ""
		if r.Addr().Is6() {
			family = "-f ipv6 "
		}
		changes = append(changes, Change{
			Kind:   ChangeEntry,
			Target: family + "-p tcp --orig-src " + l.Addr().String() + " --orig-dst " + r.Addr().String() + " --sport " + portText(l) + " --dport " + portText(r),
		})
	}
	return changes
}
