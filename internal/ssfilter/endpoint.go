package ssfilter

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Endpoint is what a filter looks at: one end of a connection, or a listener.
// What the viewer cannot know is left out of Known.
type Endpoint struct {
	State  tcp.State      // Unknown when the viewer does not know
	Local  netip.AddrPort // the zero value when not known
	Remote netip.AddrPort // without a peer the zero value, which is read as 0.0.0.0:0 or [::]:0

	Known     Known  // which of the following fields hold something
	Interface uint32 // index of the interface that the socket is bound to, 0 for none
	Mark      uint32 // SO_MARK
	Cgroup    uint64 // cgroup v2 id; 0 for kernel objects that belong to none
	Autobound bool   // the local port was not chosen by bind()
}

// Known is a set of fields of an Endpoint.
type Known uint8

// The fields that not every viewer knows.
const (
	KnowsInterface Known = 1 << iota
	KnowsMark
	KnowsCgroup
	KnowsAutobound
)

// OfSocket returns the view of a socket that sock_diag described. The kernel
// tells marks only to CAP_NET_ADMIN, so the caller must say whether a zero mark
// is one (marks). It never tells whether a port was chosen by bind(), except
// that requests and minisockets count as autobound and belong to no cgroup.
func OfSocket(s *host.Socket, marks bool) Endpoint {
	e := Endpoint{
		State: s.State, Local: s.Local, Remote: s.Remote,
		Known: KnowsInterface, Interface: s.Interface, Mark: s.Mark, Cgroup: s.Cgroup,
	}
	if marks || s.Mark != 0 {
		e.Known |= KnowsMark
	}
	if s.Kind != host.Full {
		e.Known |= KnowsCgroup | KnowsAutobound
		e.Autobound = true
	}
	if s.Cgroup != 0 {
		e.Known |= KnowsCgroup
	}
	return e
}

// end returns one end's address, IPv4-mapped ones as IPv4 and the invalid Addr
// when not known, and its port.
func (e *Endpoint) end(remote bool) (netip.Addr, uint16) {
	at := e.Local
	if remote {
		at = e.Remote
	}
	if remote && !at.IsValid() && e.Local.IsValid() {
		return unspecified(e.Local.Addr()), 0
	}
	return at.Addr().Unmap().WithZone(""), at.Port()
}

func unspecified(like netip.Addr) netip.Addr {
	if like.Unmap().Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}
