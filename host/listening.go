package host

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// Listening knows the addresses on which a host listens, and finds the one that
// a connection came in through, as the kernel does (__inet_lookup_listener).
type Listening struct {
	at map[netip.AddrPort]listening
}

type listening struct{ v6Only bool }

// NewListening reads the listeners among sockets.
func NewListening(sockets []Socket) *Listening {
	l := &Listening{at: map[netip.AddrPort]listening{}}
	for i := range sockets {
		if s := &sockets[i]; s.State == tcp.Listen {
			l.at[s.Local] = listening{v6Only: s.V6Only}
		}
	}
	return l
}

// Of returns the listener of a local address: the exact address first, then any
// address of its family, then the IPv6 wildcard, which takes IPv4 too unless it
// was told not to. ok is false when nobody listens there: the connection was
// dialled, or its listener is gone.
func (l *Listening) Of(local netip.AddrPort) (at netip.AddrPort, ok bool) {
	if _, ok := l.at[local]; ok {
		return local, true
	}
	any6 := netip.AddrPortFrom(netip.IPv6Unspecified(), local.Port())
	found, ok := l.at[any6]
	if !local.Addr().Is4() {
		return any6, ok
	}
	any4 := netip.AddrPortFrom(netip.IPv4Unspecified(), local.Port())
	if _, ok := l.at[any4]; ok {
		return any4, true
	}
	return any6, ok && !found.v6Only
}
