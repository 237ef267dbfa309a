package bpf

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/cilium/ebpf"
)

// Arm answers SYNs to the listener with cookies from now on, on the interfaces of
// the calling thread's network namespace. A listener that is
// armed already gets the new offer: connections under way keep the old scale
// in their window, so change it only with the settings.
func (g *Guard) Arm(l Listener) error { return g.set(l, modeArmed) }

// Shadow counts what the guard would do for the listener, and touches nothing. A
// listener that was armed takes the ACKs of its cookies for AcksStay.
func (g *Guard) Shadow(l Listener) error { return g.set(l, modeShadow) }

// Disarm lets SYNs to the address pass from now on. ACKs that bring back a cookie
// are taken for AcksStay.
func (g *Guard) Disarm(address netip.AddrPort) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.members[address]
	if m == nil || (m.record.Mode != modeArmed && m.record.Mode != modeShadow) {
		return nil
	}
	if m.record.Mode == modeArmed {
		m.until = time.Duration(now()) + AcksStay
	}
	m.record.Mode = modeOff
	if m.until > time.Duration(now()) {
		m.record.Mode = modeClosing
	}
	return g.store(m)
}

func (g *Guard) set(l Listener, mode uint8) error {
	l.Address = netip.AddrPortFrom(l.Address.Addr().Unmap(), l.Address.Port())
	if err := l.check(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if mode == modeArmed {
		if err := mayArm(); err != nil {
			return err
		}
		g.lookForMasters() // it may have got one since it was attached
	}
	m := g.members[l.Address]
	if m == nil {
		if len(g.members) == mostListeners {
			return fmt.Errorf("guard: %d listeners are known, no more fit", mostListeners)
		}
		m = &member{index: uint32(len(g.members))}
		if err := g.place(l.Address, m.index); err != nil {
			return err
		}
		g.members[l.Address] = m
	}
	if m.record.Mode == modeArmed && mode != modeArmed {
		m.until = time.Duration(now()) + AcksStay
	}
	m.record = l.record(mode)
	if l.Bound {
		m.record.Bound = 1
	}
	return g.store(m)
}

// store writes one listener, and what follows from all of them. ACKs are looked
// at before the first SYN is answered, and after the last.
func (g *Guard) store(m *member) error {
	g.control.Gate, g.control.AcksUntil = 0, 0
	for _, other := range g.members {
		switch other.record.Mode {
		case modeArmed:
			g.control.AcksUntil = ^uint64(0)
			g.control.Gate++
		case modeShadow:
			g.control.AcksUntil = max(g.control.AcksUntil, uint64(other.until))
			g.control.Gate++
		case modeClosing:
			g.control.AcksUntil = max(g.control.AcksUntil, uint64(other.until))
		}
	}
	if err := g.write(); err != nil {
		return err
	}
	if err := g.objects.Maps["guard_listen"].Put(m.index, &m.record); err != nil {
		return fmt.Errorf("guard: write to the kernel: %w", err)
	}
	return nil
}

// place writes where the listener is found.
func (g *Guard) place(a netip.AddrPort, index uint32) error {
	place, number := placeOf(a), uint32(a.Port())
	var port portRecord
	if err := g.objects.Maps["guard_ports"].Lookup(number, &port); err != nil {
		return fmt.Errorf("guard: read from the kernel: %w", err)
	}
	if err := g.objects.Maps["guard_places"].Put(&place, index); err != nil {
		return fmt.Errorf("guard: write to the kernel: %w", err)
	}
	if a.Addr().Is4() && port.Flags&portDirect == 0 {
		port = portRecord{Address: a.Addr().As4(), Index: uint16(index), Flags: port.Flags | portDirect}
	} else {
		port.Flags |= portMore
	}
	if err := g.objects.Maps["guard_ports"].Put(number, &port); err != nil {
		return fmt.Errorf("guard: write to the kernel: %w", err)
	}
	return nil
}

// Counters returns what was done for the listener.
func (g *Guard) Counters(address netip.AddrPort) (Counters, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var sum Counters
	m := g.members[address]
	if m == nil {
		return sum, fmt.Errorf("guard: %v was never armed", address)
	}
	var each []Counters
	if err := g.objects.Maps["guard_counters"].Lookup(m.index, &each); err != nil {
		return sum, fmt.Errorf("guard: read the counters: %w", err)
	}
	for i := range each {
		sum.add(&each[i])
	}
	return sum, nil
}

// Drop makes armed listeners drop SYNs from these sources. It is for sources
// that proved hostile, never for a rate.
func (g *Guard) Drop(prefix netip.Prefix) error {
	return g.drops(prefix, func(m *ebpf.Map, key any) error { return m.Update(key, uint8(1), ebpf.UpdateNoExist) }, ebpf.ErrKeyExist, 1)
}

// Undrop takes a prefix off the drop list.
func (g *Guard) Undrop(prefix netip.Prefix) error {
	return g.drops(prefix, func(m *ebpf.Map, key any) error { return m.Delete(key) }, ebpf.ErrKeyNotExist, ^uint32(0))
}

func (g *Guard) drops(prefix netip.Prefix, change func(*ebpf.Map, any) error, already error, by uint32) error {
	if !prefix.IsValid() || prefix.Bits() == 0 {
		return fmt.Errorf("guard: %v is no source: name a prefix", prefix)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	prefix = prefix.Masked()
	var err error
	if a := prefix.Addr(); a.Is4() {
		err = change(g.objects.Maps["guard_drops4"], &prefix4Record{uint32(prefix.Bits()), a.As4()})
	} else {
		err = change(g.objects.Maps["guard_drops6"], &prefix6Record{uint32(prefix.Bits()), a.As16()})
	}
	switch {
	case errors.Is(err, already):
		return nil
	case err != nil:
		return fmt.Errorf("guard: drop list: %v: %w", prefix, err)
	}
	g.control.Drops += by
	return g.write()
}
