package evidence

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Bounds of what is asked in one diagnosis.
const (
	ProbesMost     = 32 // first questions; each silent segment is followed by one echo request
	halfOpenProbes = 4  // of them to half-open peers, whose addresses may be forged
)

// WorthProbing plans what to ask of whom: idle connections that nothing looks
// after, each by a segment; peers that leave us unanswered, by echo requests, and
// those whose service we dialled by a new connection too. Peers come in turn, at
// each the connection that is idle longest first. Peers on this host are left out.
func (b *Bundle) WorthProbing() []Probe {
	last := b.Last()
	if last == nil {
		return nil
	}
	c := candidates{bundle: b, listening: host.NewListening(last.Sockets), before: map[uint64]*host.Socket{}}
	if first := b.First(); first != last {
		for i := range first.Sockets {
			c.before[first.Sockets[i].Cookie] = &first.Sockets[i]
		}
	}
	for i := range last.Sockets {
		if s := &last.Sockets[i]; b.reachable(s) {
			c.consider(s)
		}
	}
	return c.plan()
}

// candidates are sockets by the reason for asking.
type candidates struct {
	bundle                         *Bundle
	listening                      *host.Listening
	before                         map[uint64]*host.Socket // by cookie
	idle, stuck, dialling, halfWay []*host.Socket
}

func (c *candidates) consider(s *host.Socket) {
	switch {
	case s.State == tcp.Established && s.Unanswered():
		c.stuck = append(c.stuck, s)
	case s.State == tcp.Established && s.Untended(c.before[s.Cookie], c.bundle.Window()):
		c.idle = append(c.idle, s)
	case s.State == tcp.SynSent && s.Retransmits > 0:
		c.dialling = append(c.dialling, s)
	case s.State == tcp.SynReceived && s.Retransmits > 0:
		c.halfWay = append(c.halfWay, s)
	}
}

func (c *candidates) plan() []Probe {
	slices.SortStableFunc(c.idle, func(a, b *host.Socket) int { return cmp.Compare(b.IdleFor(), a.IdleFor()) })
	var plan []Probe
	for _, s := range inTurn(c.stuck, 1) {
		plan = append(plan, probe(ProbeEcho, s))
		if _, cameIn := c.listening.Of(s.Local); !cameIn {
			plan = append(plan, probe(ProbeConnect, s))
		}
	}
	for _, s := range inTurn(c.dialling, 1) {
		plan = append(plan, probe(ProbeEcho, s)) // its own SYN asks the port already
	}
	plan = plan[:min(len(plan), ProbesMost/2)]
	half := inTurn(c.halfWay, 1)
	for _, s := range half[:min(len(half), halfOpenProbes)] {
		plan = append(plan, probe(ProbeEcho, s))
	}
	idle := inTurn(c.idle, ProbesMost)
	for _, s := range idle[:min(len(idle), ProbesMost-len(plan))] {
		plan = append(plan, probe(ProbeSegment, s))
	}
	return plan
}

func probe(kind ProbeKind, s *host.Socket) Probe {
	const timestamps = 1 // TCPI_OPT_TIMESTAMPS
	return Probe{Kind: kind, Local: s.Local, Remote: s.Remote, Timestamps: s.Info.Options&timestamps != 0}
}

// inTurn takes one socket of each peer, then the next one of each, at most so
// many of one.
func inTurn(list []*host.Socket, most int) []*host.Socket {
	var rounds [][]*host.Socket
	taken := map[netip.Addr]int{}
	for _, s := range list {
		n := taken[s.Remote.Addr()]
		taken[s.Remote.Addr()]++
		if n >= most {
			continue
		}
		if n == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[n] = append(rounds[n], s)
	}
	return slices.Concat(rounds...)
}

// AfterSilence plans echo requests to the peers, each once, that left a segment
// unanswered.
func AfterSilence(asked []Probe) []Probe {
	var plan []Probe
	known := map[netip.Addr]bool{}
	for _, p := range asked {
		known[p.Remote.Addr()] = known[p.Remote.Addr()] || p.Kind == ProbeEcho
	}
	for _, p := range asked {
		if p.Kind == ProbeSegment && p.Silent() && !known[p.Remote.Addr()] {
			known[p.Remote.Addr()] = true
			plan = append(plan, Probe{Kind: ProbeEcho, Local: p.Local, Remote: p.Remote})
		}
	}
	return plan
}

// reachable tells whether the peer is elsewhere and can be asked by its address
// alone.
func (b *Bundle) reachable(s *host.Socket) bool {
	peer := s.Remote.Addr()
	if !peer.IsValid() || peer.IsLoopback() || peer.IsLinkLocalUnicast() || peer.IsUnspecified() || peer == s.Local.Addr() {
		return false
	}
	return !slices.ContainsFunc(b.Routes, func(r host.Route) bool { return r.Type == "local" && r.Destination.Contains(peer) })
}
