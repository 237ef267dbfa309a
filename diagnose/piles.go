package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// pileKey is what sockets of one pile share; zero fields say nothing, unless it is
// told apart: then pid 0 is a program that nobody sees, and no listener is that
// the program dialled.
type pileKey struct {
	state tcp.State
	apart bool // grouped as by leakOf
	pid   int
	local netip.AddrPort // listener
	peer  netip.AddrPort // port 0: every port of the address
}

// toldApart are the causes that speak of the groups of leakOf.
var toldApart = map[Cause]bool{
	"app-not-closing": true, "app-blocked": true, "idle-pool": true, "half-close-held": true,
	"no-keepalive": true, "peer-not-reading": true, "closed-before-accept": true,
}

func keyOf(f *Finding) (key pileKey, ok bool) {
	key, ok = pileOf(f)
	return key, ok && (growing.Has(f.State) || f.State == tcp.Listen)
}

// pileOf returns what the sockets of a finding share; ok is false when its
// subject does not say.
func pileOf(f *Finding) (key pileKey, ok bool) {
	key = pileKey{state: f.State, apart: toldApart[f.Cause], pid: f.Subject.PID}
	var err error
	if f.Subject.Local != "" {
		key.local, err = netip.ParseAddrPort(f.Subject.Local)
	}
	if f.Subject.Peer != "" && err == nil {
		if key.peer, err = netip.ParseAddrPort(f.Subject.Peer); err != nil {
			var addr netip.Addr
			addr, err = netip.ParseAddr(f.Subject.Peer)
			key.peer = netip.AddrPortFrom(addr, 0)
		}
	}
	if f.State == tcp.TimeWait || f.State == tcp.SynReceived || f.Cause == "closed-before-accept" {
		key.pid = 0 // they have no owner; the finding names the program that closed, or listens
	}
	return key, err == nil && f.State != tcp.Unknown
}

// keysOf returns the piles that a socket may belong to, each once.
func (x *index) keysOf(s *host.Socket, state tcp.State, pid int) []pileKey {
	var local netip.AddrPort
	if l := x.listenerOf(s.Local); l != nil {
		local = l.at
	}
	keys := make([]pileKey, 0, 15)
	for _, peer := range [...]netip.AddrPort{s.Remote, netip.AddrPortFrom(s.Remote.Addr(), 0), {}} {
		keys = append(keys, pileKey{state, true, pid, local, peer})
		for _, pid := range distinctOf(pid, 0) {
			for _, local := range distinctOf(local, netip.AddrPort{}) {
				keys = append(keys, pileKey{state, false, pid, local, peer})
			}
		}
	}
	return keys
}

func distinctOf[T comparable](a, b T) []T {
	if a == b {
		return []T{a}
	}
	return []T{a, b}
}

// collect returns the sockets of each of the piles. It looks at a socket once,
// however many piles there are.
func (x *index) collect(wanted map[pileKey][]*host.Socket) {
	var states tcp.StateSet
	for key := range wanted {
		states |= tcp.SetOf(key.state)
	}
	for _, state := range states.States() {
		for _, s := range x.byState[state] {
			for _, key := range x.keysOf(s.now, state, x.owner(s.now)) {
				if list, ok := wanted[key]; ok {
					wanted[key] = append(list, s.now)
				}
			}
		}
	}
}
