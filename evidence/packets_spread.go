package evidence

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/track"
)

// spread is a PacketGroup in the making.
type spread struct {
	addresses map[netip.Addr]int
	count     int
	again     int
	longest   time.Duration
}

func (s *spread) add(client netip.Addr, again int, stood time.Duration) {
	if s.addresses == nil {
		s.addresses = map[netip.Addr]int{}
	}
	s.addresses[client]++
	s.count++
	s.again += again
	s.longest = max(s.longest, stood)
}

// widest is how many bits shorter than a network the prefix of one provider or
// building may be.
const widest = 4

func (s *spread) told() PacketGroup {
	if s.count == 0 {
		return PacketGroup{}
	}
	g := PacketGroup{Count: s.count, Addresses: len(s.addresses), Again: s.again, Longest: s.longest.Seconds()}
	g.Prefix, g.Most, g.Networks = s.busiest(0)
	g.Share = g.Most
	for wider := 1; wider <= widest && g.Share*10 < s.count*9; wider++ {
		if prefix, n, _ := s.busiest(wider); n*10 >= s.count*9 {
			g.Prefix, g.Share = prefix, n
		}
	}
	if len(s.addresses) == 1 {
		for g.Client = range s.addresses {
		}
	}
	return g
}

// busiest returns the network, so many bits less than usual, that most of the
// connections come from, and how many networks there are.
func (s *spread) busiest(wider int) (most netip.Prefix, share, networks int) {
	counts := map[netip.Prefix]int{}
	for address, n := range s.addresses {
		bits := 48
		if address.Is4() {
			bits = 24
		}
		prefix, _ := address.Prefix(bits - wider) // of an address that is not valid: none
		counts[prefix] += n
	}
	for prefix, n := range counts {
		if n > share || n == share && prefix.Compare(most) < 0 {
			most, share = prefix, n
		}
	}
	return most, share, len(counts)
}

// clientCount is a PacketClient in the making.
type clientCount struct {
	PacketClient

	targets map[netip.AddrPort]bool // true: it talked to it
	hosts   map[netip.Addr]struct{}
	ports   map[uint16]struct{}
}

// attempt counts a connection for its client.
func (k *taking) attempt(c *track.Conn) {
	o, r := &c.Originator.Effort, &c.Responder.Effort
	if o.SYNs == 0 {
		return
	}
	at, from := c.Tuple.DestinationAddrPort(), c.Tuple.Source.Addr()
	n := k.clients[from]
	if n == nil {
		n = &clientCount{
			PacketClient: PacketClient{Address: from},
			targets:      map[netip.AddrPort]bool{}, hosts: map[netip.Addr]struct{}{}, ports: map[uint16]struct{}{},
		}
		k.clients[from] = n
	}
	n.Attempts++
	n.Unanswered += number(r.First.IsZero())
	n.Refused += number(r.Resets > 0 && r.SYNs == 0)
	n.targets[at] = n.targets[at] || o.ACKs > 0 && r.ACKs > 0
	n.hosts[at.Addr()], n.ports[at.Port()] = struct{}{}, struct{}{}
}

func (n *clientCount) told() PacketClient {
	p := n.PacketClient
	p.Targets, p.Hosts, p.Ports = len(n.targets), len(n.hosts), len(n.ports)
	for _, served := range n.targets {
		p.Served += number(served)
	}
	if len(n.hosts) == 1 {
		for p.Host = range n.hosts {
		}
	}
	if len(n.ports) == 1 {
		for p.Port = range n.ports {
		}
	}
	return p
}
