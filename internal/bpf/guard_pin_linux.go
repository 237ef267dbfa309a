package bpf

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The names of pins begin with what they are.
const (
	pinMap     = "map_"
	pinProgram = "program_"
	pinLink    = "link_"
)

// Pin makes the guard outlive this process: programs, maps and links get names
// in a folder of a BPF filesystem, which must not exist yet. What is armed stays
// armed until somebody opens the folder again, or the lease ends.
func (g *Guard) Pin(folder string) (err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("guard: pin: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("guard: pin in %s (a BPF filesystem?): %w", folder, err), g.unpin(folder))
		}
	}()
	for name, m := range g.objects.Maps {
		if err := m.Pin(filepath.Join(folder, pinMap+strings.ReplaceAll(name, ".", "-"))); err != nil {
			return err
		}
	}
	for name, p := range g.objects.Programs {
		if err := p.Pin(filepath.Join(folder, pinProgram+name)); err != nil {
			return err
		}
	}
	for _, l := range g.links {
		if err := l.Pin(filepath.Join(folder, pinLink+l.name)); err != nil {
			return err
		}
	}
	return nil
}

// Unpin takes the names away and the folder with them: the guard ends with
// Close, or with this process. It is no error that they are gone already.
func (g *Guard) Unpin(folder string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.unpin(folder)
}

func (g *Guard) unpin(folder string) error {
	pins, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, p := range pins {
		errs = append(errs, os.Remove(filepath.Join(folder, p.Name())))
	}
	return errors.Join(append(errs, os.Remove(folder))...)
}

// OpenPinnedGuard takes over a guard that was pinned in the folder, with all that
// is armed.
func OpenPinnedGuard(folder string) (*Guard, error) {
	if err := mayLoad(); err != nil {
		return nil, err
	}
	pins, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("guard: no guard is pinned: %w", err)
	}
	g := newTakenGuard()
	for _, p := range pins {
		if err := g.take(p.Name(), ofPin(filepath.Join(folder, p.Name()))); err != nil {
			return nil, errors.Join(fmt.Errorf("guard: pin %s: %w", p.Name(), err), g.Close())
		}
	}
	if err := g.recall(); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// recall reads what is armed from the maps.
func (g *Guard) recall() error {
	g.bound = g.objects.Programs["guard_ack"] == nil
	spec, err := g.spec()
	if err == nil {
		_, err = g.tables(spec)
	}
	if err != nil {
		return err
	}
	if err := g.objects.Maps["guard_control"].Lookup(uint32(0), &g.control); err != nil {
		return fmt.Errorf("guard: read from the kernel: %w", err)
	}
	var place placeRecord
	var index uint32
	each := g.objects.Maps["guard_places"].Iterate()
	for each.Next(&place, &index) {
		m := &member{index: index}
		if err := g.objects.Maps["guard_listen"].Lookup(index, &m.record); err != nil {
			return fmt.Errorf("guard: read from the kernel: %w", err)
		}
		if m.record.Mode == modeClosing || m.record.Mode == modeShadow {
			m.until = time.Duration(min(g.control.AcksUntil, now()+uint64(AcksStay)))
		}
		g.members[place.address()] = m
	}
	if err := each.Err(); err != nil {
		return fmt.Errorf("guard: read from the kernel: %w", err)
	}
	return nil
}

// Armed returns the listeners that are answered for.
func (g *Guard) Armed() (addresses []netip.AddrPort) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for a, m := range g.members {
		if m.record.Mode == modeArmed {
			addresses = append(addresses, a)
		}
	}
	return addresses
}
