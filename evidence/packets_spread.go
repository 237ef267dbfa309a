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

// clientCount is a PacketClient in the making. Most clients of a flood have one
// target, so that the map begins with the second.
type clientCount struct {
	PacketClient

	first   netip.AddrPort
	served  bool
	targets map[netip.AddrPort]bool // true: it talked to it
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
		n = &clientCount{PacketClient: PacketClient{Address: from}, first: at}
		k.clients[from] = n
	}
	n.Attempts++
	n.Unanswered += number(r.First.IsZero())
	n.Refused += number(r.Resets > 0 && r.SYNs == 0)
	served := o.ACKs > 0 && r.ACKs > 0
	switch {
	case n.targets != nil:
		n.targets[at] = n.targets[at] || served
	case at == n.first:
		n.served = n.served || served
	default:
		n.targets = map[netip.AddrPort]bool{n.first: n.served, at: served}
	}
}

// size is how many targets the client tried.
func (n *clientCount) size() int { return max(len(n.targets), 1) }

func (n *clientCount) told() PacketClient {
	p := n.PacketClient
	if n.targets == nil {
		p.Targets, p.Hosts, p.Ports, p.Served = 1, 1, 1, number(n.served)
		p.Host, p.Port = n.first.Addr(), n.first.Port()
		return p
	}
	hosts, ports := map[netip.Addr]struct{}{}, map[uint16]struct{}{}
	for at, served := range n.targets {
		p.Served += number(served)
		hosts[at.Addr()], ports[at.Port()] = struct{}{}, struct{}{}
	}
	p.Targets, p.Hosts, p.Ports = len(n.targets), len(hosts), len(ports)
	if len(hosts) == 1 {
		p.Host = n.first.Addr()
	}
	if len(ports) == 1 {
		p.Port = n.first.Port()
	}
	return p
}
