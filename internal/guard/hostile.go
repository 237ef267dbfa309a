package guard

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// proof is how many SYNs of a network prove something, in one look.
const proof = 1000

// Hostile is a network that proved hostile in a look: nearly all SYNs to a server
// that nobody completes come from there, more than proof of them, while others
// complete theirs; and nobody there did anything else.
type Hostile struct {
	Prefix netip.Prefix
	SYNs   int
	At     netip.AddrPort // the server
}

// hostile returns what proved hostile to servers of this host. Without packets
// nothing does.
func hostile(b *evidence.Bundle) (list []Hostile) {
	for _, h := range suspects(b) {
		if guilty(b, h) == nil {
			list = append(list, h.Hostile)
		}
	}
	return list
}

// mayDrop says why a network may not be dropped.
func mayDrop(b *evidence.Bundle, prefix netip.Prefix) error {
	if b.Packets == nil || !b.Packets.Own {
		return fmt.Errorf("%v: no packets were seen, and without them nobody can tell whether somebody there is genuine: look for longer (--for), with CAP_NET_RAW", prefix)
	}
	for _, s := range suspects(b) {
		if s.Prefix == prefix.Masked() {
			return guilty(b, s)
		}
	}
	return fmt.Errorf("%v: this look does not show that nearly all SYNs that nobody completes come from there", prefix)
}

// suspect is what the packets to a server say of a network.
type suspect struct {
	Hostile
	server *evidence.PacketServer
}

// suspects are the networks that nine tenths of the SYNs that nobody completes
// come from, one for each server of this host.
func suspects(b *evidence.Bundle) (list []suspect) {
	if b.Packets == nil || !b.Packets.Own {
		return nil
	}
	for i := range b.Packets.Servers {
		s := &b.Packets.Servers[i]
		g := &s.Once
		if g.Count == 0 || g.Share*10 < g.Count*9 || !listens(b, s.Local) {
			continue
		}
		prefix := g.Prefix
		if g.Client.IsValid() { // a whole network is not to suffer for one host
			prefix = netip.PrefixFrom(g.Client, g.Client.BitLen())
		}
		list = append(list, suspect{Hostile{prefix, g.Share, s.Local}, s})
	}
	return list
}

// guilty says what speaks for a network, nil when nothing does.
func guilty(b *evidence.Bundle, s suspect) error {
	within := func(a netip.Addr) bool { return s.Prefix.Contains(a.Unmap()) }
	if s.SYNs < proof {
		return fmt.Errorf("%v: %d SYNs that nobody completed were seen from there, and less than %d prove nothing", s.Prefix, s.SYNs, proof)
	}
	if n := s.server.OnceAlive; n > 0 {
		return fmt.Errorf("%v: %d clients there live: they completed a handshake, sent their SYN again, or know nothing of it", s.Prefix, n)
	}
	served := s.server.Completed > 0
	for _, look := range []*host.Snapshot{b.First(), b.Last()} {
		if look == nil {
			continue
		}
		for i := range look.Sockets {
			one := &look.Sockets[i]
			switch {
			case !grown.Has(one.State):
			case within(one.Remote.Addr()):
				return fmt.Errorf("%v: there is a connection with %v, so somebody there is genuine", s.Prefix, one.Remote)
			case one.Local.Port() == s.At.Port():
				served = true
			}
		}
	}
	if !served {
		return fmt.Errorf("%v: nobody else completes a handshake with %v either, so it may be the way and not the source", s.Prefix, s.At)
	}
	return nil
}

// grown are the states of connections whose handshake is over.
var grown = tcp.SetOf(tcp.Established, tcp.CloseWait, tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.LastAck, tcp.TimeWait)
