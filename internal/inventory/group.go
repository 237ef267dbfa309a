package inventory

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// By names what sockets are grouped by.
type By string

// The ways to group. A connection that no listener took was dialled, or its
// listener is gone.
const (
	ByListener By = "listener" // "0.0.0.0:80", or "(dialled)"
	ByOwner    By = "process"  // "nginx[812]", or "(orphan)"
	ByPeer     By = "peer"     // address of the other end, "-" for listeners
	ByPort     By = "port"     // "80" for our listener's port, "to 443" for one that we dial
	ByNetNS    By = "netns"    // inode of the network namespace
)

// Ways returns all of them.
func Ways() []string {
	return []string{string(ByListener), string(ByOwner), string(ByPeer), string(ByPort), string(ByNetNS)}
}

// Group is the sockets of one key.
type Group struct {
	Key    string
	Counts tcp.Counts
}

// Grouping counts sockets by key.
type Grouping struct {
	by        By
	listening *host.Listening
	owners    *Owners // may be nil unless grouped by process
	groups    map[string]*tcp.Counts
}

// NewGrouping needs all sockets to know the listeners among them.
func NewGrouping(by By, sockets []host.Socket, owners *Owners) *Grouping {
	return &Grouping{by: by, listening: host.NewListening(sockets), owners: owners, groups: map[string]*tcp.Counts{}}
}

// Add counts the sockets of a namespace.
func (g *Grouping) Add(sockets []host.Socket, netns string) {
	for i := range sockets {
		s := &sockets[i]
		key := netns
		if g.by != ByNetNS {
			key = g.key(s)
		}
		counts := g.groups[key]
		if counts == nil {
			counts = new(tcp.Counts)
			g.groups[key] = counts
		}
		counts[s.State]++
	}
}

func (g *Grouping) key(s *host.Socket) string {
	switch g.by {
	case ByOwner:
		return g.holder(s)
	case ByPeer:
		if s.State == tcp.Listen || !s.Remote.IsValid() {
			return "-"
		}
		return s.Remote.Addr().String()
	case ByPort:
		if at, ok := g.listening.Of(s.Local); ok {
			return strconv.Itoa(int(at.Port()))
		}
		return "to " + strconv.Itoa(int(s.Remote.Port()))
	default:
		if at, ok := g.listening.Of(s.Local); ok {
			return at.String()
		}
		return Dialled
	}
}

func (g *Grouping) holder(s *host.Socket) string {
	found := g.owners.Of(s.Inode, nil)
	if len(found) == 0 {
		return "(" + string(g.owners.Kind(s, 0)) + ")"
	}
	return found[0].Name + "[" + strconv.Itoa(found[0].PID) + "]"
}

// Groups returns the groups, the largest first.
func (g *Grouping) Groups() []Group {
	list := make([]Group, 0, len(g.groups))
	for key, counts := range g.groups {
		list = append(list, Group{Key: key, Counts: *counts})
	}
	return largestFirst(list)
}

// ListenerGroups are the groups of ByListener where the sockets have been counted
// already.
func ListenerGroups(listeners map[netip.AddrPort]tcp.Counts, others tcp.Counts) []Group {
	list := make([]Group, 0, len(listeners)+1)
	for at, counts := range listeners {
		list = append(list, Group{Key: at.String(), Counts: counts})
	}
	if others.Total() > 0 {
		list = append(list, Group{Key: Dialled, Counts: others})
	}
	return largestFirst(list)
}

// Dialled is the key of connections that came in through no listener.
const Dialled = "(dialled)"

func largestFirst(list []Group) []Group {
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Counts.Total(), a.Counts.Total()), cmp.Compare(a.Key, b.Key))
	})
	return list
}
