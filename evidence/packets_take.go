package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// Times of TCP that a capture is measured by: after firstTimeout a SYN or SYN,ACK
// is sent again (RFC 6298 section 2.1, and a little), and what was asked again
// askedOften times over stuckFor is not just slow.
const (
	firstTimeout = 1200 * time.Millisecond
	askedOften   = 3
	stuckFor     = time.Second
	briefLife    = time.Second
)

// smallestLarge is the size of text, octets, that every path should carry: an
// IPv4 host takes datagrams of 576 (RFC 1122 section 3.3.2).
const smallestLarge = 536

// NewPackets counts what a Tracker that keeps Efforts has followed. A first
// reading finds the servers that are told, a second one counts them.
func NewPackets(t *track.Tracker) *Packets { return packetsUntil(t, t.Summary().Last) }

// packetsUntil is NewPackets for a window that ends after its last packet.
func packetsUntil(t *track.Tracker, end time.Time) *Packets {
	sum := t.Summary()
	k := &taking{
		end: end, heard: map[netip.Addr]time.Time{}, tallies: map[netip.AddrPort]tally{},
		servers: map[netip.AddrPort]*serverCount{}, clients: map[netip.Addr]*clientCount{},
	}
	t.Each(k.hear)
	p := &Packets{Segments: sum.Segments, Connections: sum.Connections, Unlisted: t.Unlisted()}
	told := top(k.tallies, func(t tally) int { return t.connections }, netip.AddrPort.Compare)
	for _, at := range told {
		k.servers[at] = &serverCount{PacketServer: PacketServer{Local: at, Near: k.tallies[at].vantage()}}
	}
	t.Each(func(c *track.Conn) bool {
		p.States[k.take(c)]++
		return true
	})
	for _, at := range told {
		p.Servers = append(p.Servers, k.servers[at].told())
	}
	clients := top(k.clients, (*clientCount).size, netip.Addr.Compare)
	for _, address := range clients {
		p.Clients = append(p.Clients, k.clients[address].told())
	}
	p.UntoldServers, p.UntoldClients = len(k.tallies)-len(told), len(k.clients)-len(clients)
	return p
}

// top returns the keys of the largest, as many as are told; equal ones stand by
// their key.
func top[K comparable, V any](counts map[K]V, size func(V) int, compare func(a, b K) int) []K {
	keys := slices.Collect(maps.Keys(counts))
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(cmp.Compare(size(counts[b]), size(counts[a])), compare(a, b))
	})
	return slices.Clone(keys[:min(len(keys), PacketsKept)])
}

// taking is one reading of a Tracker.
type taking struct {
	end     time.Time                // of the capture
	heard   map[netip.Addr]time.Time // when an address sent its last segment
	tallies map[netip.AddrPort]tally // of every server
	servers map[netip.AddrPort]*serverCount
	clients map[netip.Addr]*clientCount
}

// tally is what is kept of a server that may not be told, and how its connections
// vote on where the capture was taken.
type tally struct{ connections, nearServer, nearClient, between int }

// serverCount is a PacketServer in the making.
type serverCount struct {
	PacketServer

	once, again, acked, unanswered spread
	alive                          spread // connections whose client lives
	server, clients                sideCount
}

// sideCount is a PacketSide in the making.
type sideCount struct {
	PacketSide

	unanswered, large, shut spread
}

// hear notes when the hosts of a connection were heard, and where.
func (k *taking) hear(c *track.Conn) bool {
	o, r := &c.Originator.Effort, &c.Responder.Effort
	k.heardAt(c.Tuple.Source.Addr(), o.Last)
	k.heardAt(c.Tuple.Destination.Addr(), r.Last)
	at := c.Tuple.DestinationAddrPort()
	t := k.tallies[at]
	t.connections++
	switch {
	case o.Routed || r.Routed:
		t.between++
	case o.TTL == 0 || r.TTL == 0 || usualTTL(o.TTL) && usualTTL(r.TTL):
	case usualTTL(r.TTL):
		t.nearServer++
	case usualTTL(o.TTL):
		t.nearClient++
	default:
		t.between++
	}
	k.tallies[at] = t
	return true
}

func (k *taking) heardAt(address netip.Addr, last time.Time) {
	if k.heard[address].Before(last) {
		k.heard[address] = last
	}
}

// usualTTL tells whether a TTL is one that systems begin with.
func usualTTL(ttl uint8) bool { return ttl == 64 || ttl == 128 || ttl == 255 || ttl == 32 }

// vantage is what all connections of a server agree on.
func (t tally) vantage() Vantage {
	switch all := t.nearServer + t.nearClient + t.between; all {
	case 0:
		return NearUnknown
	case t.nearServer:
		return NearServer
	case t.nearClient:
		return NearClient
	case t.between:
		return NearMiddleBox
	default:
		return NearUnknown
	}
}

// take counts a connection and returns the state that stands for it.
func (k *taking) take(c *track.Conn) tcp.State {
	at := c.Tuple.DestinationAddrPort()
	k.attempt(c)
	if s := k.servers[at]; s != nil {
		k.handshake(s, c)
		if lives(&c.Originator.Effort, &c.Responder.Effort) {
			s.alive.add(c.Tuple.Source.Addr(), 0, 0)
		}
		k.side(&s.clients, &c.Originator, &c.Responder, c, at.Addr())
		k.side(&s.server, &c.Responder, &c.Originator, c, c.Tuple.Source.Addr())
		s.Connections++
	}
	if !c.Responder.Heard || c.Originator.Heard && k.tallies[at].vantage() == NearClient {
		return c.Originator.State
	}
	return c.Responder.State
}

// lives tells whether the client of a connection is there, and knows of it.
func lives(o, r *track.Effort) bool {
	return o.SYNs > 1 || o.ACKs > 0 || o.Resets > 0 && r.SYNs > 0
}

// handshake puts an attempt where it belongs.
func (k *taking) handshake(s *serverCount, c *track.Conn) {
	o, r := &c.Originator.Effort, &c.Responder.Effort
	if o.SYNs == 0 {
		return
	}
	s.Attempts++
	client := c.Tuple.Source.Addr()
	turned := o.From != r.To && o.From != 0 && r.To != 0
	switch {
	case o.Resets > 0 || r.Resets > 0:
		switch {
		case r.SYNs == 0 && o.ACKs == 0:
			s.Refused++
		case r.SYNs > 0 && o.ACKs == 0 && o.Resets > 0:
			s.Rejected++
			s.RejectedTurned += number(turned)
		}
	case o.ACKs > 0 && r.SYNs >= 2 && r.ACKs == 0 && r.Last.After(o.FirstACK):
		s.acked.add(client, int(r.SYNs-1), k.end.Sub(o.First))
	case o.ACKs > 0 && r.SYNs > 0:
		s.Completed++
		s.Retried += number(o.SYNs > 1)
		s.Served += number(r.ACKs > 0)
		s.Turned += number(turned)
	case o.ACKs > 0: // the server was not captured
	case o.SYNs >= 2 && r.SYNs == 0:
		s.unanswered.add(client, int(o.SYNs-1), k.end.Sub(o.First))
	case o.SYNs >= 2 && o.Last.After(r.First):
		s.again.add(client, int(o.SYNs-1), k.end.Sub(o.First))
		s.AgainTurned += number(turned)
		s.AgainUnplaced += number(o.From == 0 || r.To == 0)
	default:
		s.once.add(client, 0, k.end.Sub(o.First))
		s.OnceAnswered += number(r.SYNs > 0)
		young := k.end.Sub(o.First) < firstTimeout
		s.OnceYoung += number(young)
		s.OnceWaited += number(!young && r.SYNs > 0)
		s.OnceResent += max(0, int(r.SYNs)-1)
	}
}

// side counts what one end of a connection suffered from the other one.
func (k *taking) side(s *sideCount, e, other *track.End, c *track.Conn, far netip.Addr) {
	x, y := &e.Effort, &other.Effort
	client := c.Tuple.Source.Addr()
	asked, front := x.Last.Sub(x.AskedSince), x.Last.Sub(x.FrontSince)
	stuck := x.Asked >= askedOften && asked >= stuckFor
	switch {
	case x.FrontTimes > 1 && front >= stuckFor && x.Passed > 0 && x.Front > max(x.Passed, smallestLarge) && !y.Last.Before(x.Fresh):
		s.large.add(client, int(x.FrontTimes), front)
		s.LargePassed = max(s.LargePassed, int(x.Passed))
		if s.LargeSize == 0 || int(x.Front) < s.LargeSize {
			s.LargeSize = int(x.Front)
		}
	case !other.Heard: // the capture holds one direction, which tells nothing of the other end
	case stuck && (e.State == tcp.Established || e.State == tcp.CloseWait):
		s.unanswered.add(client, int(x.Asked), asked)
		s.Small += number(x.Front <= smallestLarge)
		s.Alive += number(k.heard[far].After(x.AskedSince))
	case stuck && e.State.Transient():
		s.Stuck[e.State]++
	}
	if y.ShutTimes >= 2 && y.Last.Sub(y.ShutSince) >= stuckFor && y.Resets == 0 && x.Resets == 0 {
		s.shut.add(client, int(y.ShutTimes-1), k.end.Sub(y.ShutSince))
	}
	if e.State == tcp.CloseWait && k.end.Sub(c.Last) >= stuckFor && x.FIN.IsZero() && !y.FIN.IsZero() {
		s.Standing++
	}
	s.ends(e, other, c)
}

// ends counts how an end took leave.
func (s *sideCount) ends(e, other *track.End, c *track.Conn) {
	x, y := &e.Effort, &other.Effort
	if !x.FIN.IsZero() && (y.FIN.IsZero() || x.FIN.Before(y.FIN)) {
		s.Closed++
		s.Brief += number(c.Originator.Effort.SYNs > 0 && x.FIN.Sub(c.First) < briefLife)
	}
	if x.Resets > x.Strays && c.Originator.Effort.ACKs > 0 && (c.Responder.Effort.SYNs > 0 || c.Responder.Effort.ACKs > 0) {
		s.Aborts++
	}
	s.Strays += int(x.Strays)
	s.Foreign += int(x.Foreign)
	s.Struck += number(x.Strays > 0)
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (s *serverCount) told() PacketServer {
	p := s.PacketServer
	p.Once, p.Again, p.Acked, p.Unanswered = s.once.told(), s.again.told(), s.acked.told(), s.unanswered.told()
	p.Server, p.Clients = s.server.told(), s.clients.told()
	for address, n := range s.alive.addresses {
		if p.Once.Prefix.Contains(address) && (!p.Once.Client.IsValid() || p.Once.Client == address) {
			p.OnceAlive += n
		}
	}
	return p
}

func (s *sideCount) told() PacketSide {
	p := s.PacketSide
	p.Unanswered, p.Large, p.Shut = s.unanswered.told(), s.large.told(), s.shut.told()
	return p
}

// OfCaptures returns a bundle of captures alone: what a Tracker that keeps
// Efforts has followed, and that nothing else was seen.
func OfCaptures(t *track.Tracker) *Bundle {
	sum := t.Summary()
	b := &Bundle{Schema: Schema, Start: sum.First, End: sum.Last, Packets: NewPackets(t)}
	for _, name := range []string{
		SourceSockets, SourceCounters, SourceSettings, SourceRoutes, SourceNeighbours, SourceProcesses,
	} {
		b.Sources = append(b.Sources, Source{Name: name, Why: "a capture has none"})
	}
	packets := Source{Name: SourcePackets, OK: true}
	switch {
	case b.Packets.Unlisted > 0:
		packets.Why = fmt.Sprintf("%d connections found no room in memory", b.Packets.Unlisted)
	case b.Packets.UntoldServers > 0:
		packets.Why = fmt.Sprintf("of %d servers, the %d with most connections are judged", b.Packets.UntoldServers+PacketsKept, PacketsKept)
	}
	b.Sources = append(b.Sources, packets)
	return b
}
