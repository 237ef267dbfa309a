package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// World is the hosts, links and programs of one scenario. Its methods note the
// first thing that fails and do nothing afterwards, so that a scenario reads as
// what it builds; Err tells what went wrong.
type World struct {
	Context  context.Context // ends the building early
	hosts    []*Host
	ends     []func() error
	programs []*Program
	err      error
	proofs   int
	onReady  []func(*Host) error
	onCalm   []func() error
	ready    int // hosts that the functions have been called for
}

// Host is a namespace of a world.
type Host struct {
	*Namespace
	world *World
}

// World returns the world that the host is in.
func (h *Host) World() *World { return h.world }

// NewWorld returns an empty world.
func NewWorld(ctx context.Context) *World { return &World{Context: ctx} }

// Err returns the first failure.
func (w *World) Err() error { return w.err }

// Hosts returns the hosts in the order in which they were made.
func (w *World) Hosts() []*Host { return w.hosts }

// OnReady registers what is done with each host once it is linked, before its
// first program starts.
func (w *World) OnReady(do func(*Host) error) { w.onReady = append(w.onReady, do) }

// OnCalm registers what is done while all is well, in scenarios that have such a
// time.
func (w *World) OnCalm(do func() error) { w.onCalm = append(w.onCalm, do) }

// Calm says that all is well as it is: what is seen now is what is expected.
func (w *World) Calm() {
	w.step("calm", func() error {
		for _, do := range w.onCalm {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *World) announce() error {
	for ; w.ready < len(w.hosts); w.ready++ {
		for _, do := range w.onReady {
			if err := do(w.hosts[w.ready]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Find returns the host of that name, nil if there is none.
func (w *World) Find(name string) *Host {
	for _, h := range w.hosts {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// Running returns the program of that name, nil if there is none.
func (w *World) Running(name string) *Program {
	for _, p := range w.programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// step does one thing if all before it went well.
func (w *World) step(what string, do func() error) {
	if w.err == nil {
		w.err = context.Cause(w.Context)
	}
	if w.err != nil {
		return
	}
	if err := do(); err != nil && w.err == nil { // else a step inside this one failed, and said so
		w.err = fmt.Errorf("%s: %w", what, err)
	}
}

// Fail notes a failure that the scenario itself found.
func (w *World) Fail(format string, args ...any) {
	w.step("scenario", func() error { return fmt.Errorf(format, args...) })
}

func (w *World) atEnd(f func() error) { w.ends = append(w.ends, f) }

// Host makes a host: a namespace with every setting pinned that a scenario may
// depend on.
func (w *World) Host(name string) *Host {
	h := &Host{world: w, Namespace: &Namespace{Name: name}}
	w.step("make host "+name, func() error {
		n, err := NewNamespace(name)
		if err != nil {
			return err
		}
		h.Namespace = n
		w.hosts = append(w.hosts, h)
		w.atEnd(h.end)
		return n.pin()
	})
	return h
}

// end destroys what programs left behind, orphans above all: as long as one
// sends its FIN again the kernel would keep the namespace.
func (h *Host) end() error {
	err := h.destroySockets()
	return errors.Join(err, h.Close())
}

// Set writes a setting of the host by its sysctl name.
func (h *Host) Set(name, value string) {
	h.world.step("settings", func() error { return h.Namespace.Set(name, value) })
}

// Proofs returns how often the world has proved what it shows.
func (w *World) Proofs() int { return w.proofs }

// Wait polls until check says yes, ten seconds at most: the world proves that it
// shows what the scenario claims, independently of any diagnosis.
func (w *World) Wait(what string, check func() (ok bool, got string)) {
	w.proofs++
	w.step(what, func() error {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		deadline := time.NewTimer(10 * time.Second)
		defer deadline.Stop()
		for {
			ok, got := check()
			if ok || w.err != nil {
				return w.err
			}
			select {
			case <-w.Context.Done():
				return context.Cause(w.Context)
			case <-deadline.C:
				return fmt.Errorf("not so after 10 s: %s", got)
			case <-tick.C:
			}
		}
	})
}

// Failures returns what programs said of things that went wrong beside their
// orders, such as a flood that could not be sent.
func (w *World) Failures() error {
	var errs []error
	for _, p := range w.programs {
		if said := p.heard.String(); said != "" {
			errs = append(errs, fmt.Errorf("program %s said: %s", p.Name, strings.TrimSpace(said)))
		}
	}
	return errors.Join(errs...)
}

// Pause lets things go on for a while.
func (w *World) Pause(d time.Duration) {
	w.step("pause", func() error {
		select {
		case <-w.Context.Done():
			return context.Cause(w.Context)
		case <-time.After(d):
			return nil
		}
	})
}

// Close ends everything, the youngest first. Nothing remains.
func (w *World) Close() error {
	var errs []error
	for _, end := range slices.Backward(w.ends) {
		errs = append(errs, end())
	}
	w.ends = nil
	return errors.Join(errs...)
}
