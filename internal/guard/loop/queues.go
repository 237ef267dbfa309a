package loop

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
	"github.com/synoptic-net/synoptic/tcp"
)

// Wanted says which listeners may be armed.
type Wanted struct {
	Own       []netip.Addr     // the addresses that SYNs come to
	Interface uint32           // by which they come: a listener that is bound to another one hears none of them
	Listeners []netip.AddrPort // nil: all; an unspecified address stands for all of its family
	Led       []host.Published // what comes for these is not of who listens there: its ACKs would be taken for forged ones
}

// queues sorts half-open connections by the listeners in whose queue they wait. A
// listener on any address is one for each address of Own, which share its queues.
type queues struct {
	wanted    *Wanted
	listening *host.Listening
	shared    map[netip.AddrPort]*queue // by the address that the program named
	here      map[netip.AddrPort]int    // half-open ones, by their own address
}

type queue struct {
	detect.Queue
	sources  map[netip.Addr]bool
	networks map[netip.Prefix]bool
}

// newQueues begins with the listeners among sockets.
func newQueues(w *Wanted, sockets []host.Socket) *queues {
	qs := &queues{w, host.NewListening(sockets), map[netip.AddrPort]*queue{}, map[netip.AddrPort]int{}}
	for i := range sockets {
		s := &sockets[i]
		if s.State != tcp.Listen || s.Interface != 0 && s.Interface != w.Interface {
			continue
		}
		q := qs.shared[plain(s.Local)]
		if q == nil { // several share an address with SO_REUSEPORT
			q = &queue{sources: map[netip.Addr]bool{}, networks: map[netip.Prefix]bool{}}
			qs.shared[plain(s.Local)] = q
		}
		q.Limit += int(s.SendQueue)
		q.Waiting += int(s.RecvQueue)
	}
	return qs
}

// add takes a half-open connection in.
func (qs *queues) add(s *host.Socket) {
	at := plain(s.Local)
	q := qs.of(at)
	if q == nil {
		return
	}
	from := s.Remote.Addr().Unmap()
	q.Half++
	q.sources[from] = true
	q.networks[networkOf(from)] = true
	qs.here[at]++
}

// of is the queue of a local address, nil where nobody listens.
func (qs *queues) of(at netip.AddrPort) *queue {
	named, ok := qs.listening.Of(at)
	if !ok {
		return nil
	}
	return qs.shared[plain(named)]
}

// all returns what was found for each address that may be armed.
func (qs *queues) all() map[netip.AddrPort]detect.Queue {
	all := map[netip.AddrPort]detect.Queue{}
	for named := range qs.shared {
		for _, a := range qs.wanted.Own {
			at := netip.AddrPortFrom(a, named.Port())
			if q := qs.of(at); q != nil && q == qs.shared[named] && qs.wanted.Wants(at) {
				one := q.Queue
				one.Here, one.Sources, one.Networks = qs.here[at], len(q.sources), len(q.networks)
				all[at] = one
			}
		}
	}
	return all
}

// Wants tells whether an address and port may be armed.
func (w *Wanted) Wants(at netip.AddrPort) bool {
	for i := range w.Led {
		if w.Led[i].Takes(at) {
			return false
		}
	}
	for _, l := range w.Listeners {
		a := l.Addr().Unmap()
		if l.Port() == at.Port() && (a == at.Addr() || a.IsUnspecified() && (a.Is6() || at.Addr().Is4())) {
			return true
		}
	}
	return w.Listeners == nil
}

// networkOf is what one customer is given: a /24, or a /48 (RFC 6177).
func networkOf(a netip.Addr) netip.Prefix {
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, _ := a.WithZone("").Prefix(bits) // it fails for no address and more bits than there are
	return p
}

// plain is an IPv4 address as one, and not mapped into IPv6.
func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
