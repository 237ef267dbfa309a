package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/cilium/ebpf"
)

// lookRecord is struct look of c/guard.bpf.c.
type lookRecord struct {
	Place  placeRecord
	Found  uint32
	MPTCP  uint32
	Buffer uint32
}

// ErrNobodyListens says that there is nothing to defend.
var ErrNobodyListens = errors.New("nobody listens there")

// ListenerAt returns how the guard would answer for a listener of the calling
// thread's network namespace: as the kernel would. The MTU is that of the way to
// the clients.
func (g *Guard) ListenerAt(address netip.AddrPort, mtu int) (Listener, error) {
	address = netip.AddrPortFrom(address.Addr().Unmap(), address.Port())
	l := Listener{Address: address, Offer: Offer{MSS: 536, Window: 536}}
	if err := l.check(); err != nil {
		return l, err
	}
	s, err := ReadOfferSettings(mtu, address.Addr().Is6())
	if err != nil {
		return l, err
	}
	if !g.bound {
		seen, err := g.look(address)
		if err != nil {
			return l, err
		}
		s.SocketBuffer, l.Bound = int(seen.Buffer), seen.MPTCP != 0
	}
	l.Offer = OfferOf(s)
	if (l.Bound || g.bound) && s.Timestamps != 2 {
		l.Timestamps = false // the kernel would not understand ours
	}
	return l, nil
}

// look asks the kernel by a run of its own, which meets no interface.
func (g *Guard) look(address netip.AddrPort) (lookRecord, error) {
	question := lookRecord{Place: placeOf(address)}
	frame, err := binary.Append(nil, binary.NativeEndian, &question)
	if err != nil {
		return question, err
	}
	o := ebpf.RunOptions{Data: frame, DataOut: make([]byte, len(frame))}
	if _, err := g.objects.Programs["guard_look"].Run(&o); err != nil {
		return question, fmt.Errorf("guard: look for the listener at %v: %w", address, err)
	}
	if _, err := binary.Decode(o.DataOut, binary.NativeEndian, &question); err != nil {
		return question, err
	}
	if question.Found == 0 {
		return question, fmt.Errorf("guard: %v: %w", address, ErrNobodyListens)
	}
	return question, nil
}
