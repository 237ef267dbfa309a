package diagnose

import (
	"maps"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// fresh is how recently a peer must have been heard to count as alive now.
const fresh = 30 * time.Second

// peer is what the whole bundle says about one remote address.
type peer struct {
	heard     time.Duration // since the most recent segment from it on any connection; -1 when never
	appeared  int           // connections to it that came up in the window
	neighbour string        // state of its own neighbour entry, "" when it has none
	gateway   string        // state of the neighbour entry of the gateway towards it, "" when unknown

	echo, connect *evidence.Probe // what it was asked, nil when it was not
}

// peers gathers signs of life of the wanted addresses, in one pass. Those that
// were asked for before cost nothing: who asks for many one by one asks for all
// of them first.
func (x *index) peers(wanted []netip.Addr) map[netip.Addr]*peer {
	unknown := map[netip.Addr]*peer{}
	for _, addr := range wanted {
		if x.known[addr] == nil {
			unknown[addr] = &peer{heard: -1}
		}
	}
	if len(unknown) == 0 {
		return x.known
	}
	neighbours := make(map[netip.Addr]string, len(x.bundle.Neighbours))
	for _, n := range x.bundle.Neighbours {
		neighbours[n.Address] = n.State
	}
	for addr, p := range unknown {
		p.neighbour, p.gateway = neighbours[addr], neighbours[x.nextHop(addr)]
	}
	for i := range x.bundle.Probes {
		if p := unknown[x.bundle.Probes[i].Remote.Addr()]; p != nil {
			p.ask(&x.bundle.Probes[i])
		}
	}
	for state, list := range x.byState {
		for _, s := range list {
			if p := unknown[s.now.Remote.Addr()]; p != nil && state != tcp.Listen {
				p.hear(s, x.looks > 1)
			}
		}
	}
	maps.Copy(x.known, unknown)
	return x.known
}

// hear counts a socket as a sign of life when a segment of the peer must have
// come for it to be what it is.
func (p *peer) hear(s seen, compare bool) {
	if s.now.HasInfo && s.now.State.Synchronized() {
		heard := min(s.now.Info.LastAckRecv, heardData(s.now))
		if p.heard < 0 || heard < p.heard {
			p.heard = heard
		}
	}
	if compare && s.before == nil && s.now.State.Synchronized() {
		p.appeared++
	}
}

// heardData is the time since data came; a connection on which none ever came
// counts from its start, which says nothing.
func heardData(s *host.Socket) time.Duration {
	if s.Info.BytesReceived == 0 {
		return s.Info.LastAckRecv
	}
	return s.Info.LastDataRecv
}

// lives tells whether something was heard from the peer lately, not counting
// what is older than silence: the quiet of the sockets that are judged.
func (p *peer) lives(silence time.Duration) bool {
	return p.appeared > 0 || p.takesNew() || p.heard >= 0 && p.heard < min(fresh, silence)
}

// unreachable tells whether the link layer gets no answer from the peer, or
// from the gateway towards it.
func (p *peer) unreachable() bool { return unresolved(p.neighbour) || unresolved(p.gateway) }

// onLink tells whether the peer itself answers on our link.
func (p *peer) onLink() bool { return p.neighbour == "REACHABLE" || p.neighbour == "PERMANENT" }

func unresolved(state string) bool { return state == "FAILED" || state == "INCOMPLETE" }

// nextHop returns the gateway towards an address by the longest matching
// prefix, the zero Addr when it is on a link of ours or no route is known.
// Policy routing is not followed.
func (x *index) nextHop(addr netip.Addr) netip.Addr {
	var best *host.Route
	for i := range x.bundle.Routes {
		r := &x.bundle.Routes[i]
		if !r.Destination.Contains(addr) {
			continue
		}
		if best == nil || r.Destination.Bits() > best.Destination.Bits() || r.Destination.Bits() == best.Destination.Bits() && r.Metric < best.Metric {
			best = r
		}
	}
	if best == nil {
		return netip.Addr{}
	}
	return best.Gateway
}

// ours tells whether an address is one of this host's.
func (x *index) ours(addr netip.Addr) bool {
	if addr.IsLoopback() {
		return true
	}
	for i := range x.bundle.Routes {
		if r := &x.bundle.Routes[i]; r.Type == "local" && r.Destination.Contains(addr) {
			return true
		}
	}
	return false
}
