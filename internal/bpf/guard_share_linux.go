package bpf

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// Handle is one of the kernel's objects of a guard. Who holds it keeps the object
// alive, in whatever process: a link stays attached until its last holder is gone.
type Handle struct {
	Name string // as its pin is called
	FD   int
}

// Handles returns all that another process needs to take the guard over. The
// descriptors stay the guard's own, and end with Close.
func (g *Guard) Handles() (list []Handle, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, m := range g.objects.Maps {
		list = append(list, Handle{pinMap + name, m.FD()})
	}
	for name, p := range g.objects.Programs {
		list = append(list, Handle{pinProgram + name, p.FD()})
	}
	for _, l := range g.links {
		raw, ok := l.Link.(interface{ FD() int })
		if !ok {
			return nil, fmt.Errorf("guard: the link %s has no descriptor", l.name)
		}
		list = append(list, Handle{pinLink + l.name, raw.FD()})
	}
	return list, nil
}

// TakeGuard takes a guard over by its handles, with all that is armed. The
// descriptors are its own from now on, also when it fails. Two processes may hold
// a guard, but only one of them may change it.
func TakeGuard(handles []Handle) (*Guard, error) {
	g := newTakenGuard()
	var errs []error
	for _, h := range handles {
		if err := g.take(h.Name, ofDescriptor(h.FD)); err != nil { // the others must be owned, too
			errs = append(errs, fmt.Errorf("guard: %s: %w", h.Name, err))
		}
	}
	if len(errs) == 0 {
		errs = append(errs, g.recall())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// origin is where an object of a guard comes from.
type origin struct {
	asMap     func() (*ebpf.Map, error)
	asProgram func() (*ebpf.Program, error)
	asLink    func() (link.Link, error)
}

func ofDescriptor(fd int) origin {
	return origin{
		func() (*ebpf.Map, error) { return ebpf.NewMapFromFD(fd) },
		func() (*ebpf.Program, error) { return ebpf.NewProgramFromFD(fd) },
		func() (link.Link, error) { return link.NewFromFD(fd) },
	}
}

func ofPin(path string) origin {
	return origin{
		func() (*ebpf.Map, error) { return ebpf.LoadPinnedMap(path, nil) },
		func() (*ebpf.Program, error) { return ebpf.LoadPinnedProgram(path, nil) },
		func() (link.Link, error) { return link.LoadPinnedLink(path, nil) },
	}
}

// newTakenGuard is a guard that has nothing yet.
func newTakenGuard() *Guard {
	return &Guard{objects: &ebpf.Collection{Programs: map[string]*ebpf.Program{}, Maps: map[string]*ebpf.Map{}}, members: map[netip.AddrPort]*member{}}
}

// take opens one object by the name of its pin.
func (g *Guard) take(name string, from origin) error {
	if kind, found := strings.CutPrefix(name, pinMap); found {
		m, err := from.asMap()
		if err == nil {
			g.objects.Maps[kind] = m
		}
		return err
	}
	if kind, found := strings.CutPrefix(name, pinProgram); found {
		p, err := from.asProgram()
		if err == nil {
			g.objects.Programs[kind] = p
		}
		return err
	}
	kind, found := strings.CutPrefix(name, pinLink)
	if !found {
		return errors.New("it is not one of the guard's")
	}
	l, err := from.asLink()
	if err == nil {
		g.links = append(g.links, attachment{l, kind})
	}
	return err
}

// Withdraw lets every SYN pass from now on, and takes what answered them off the
// interfaces, whoever else holds it. ACKs are taken for as long as AcksLeft says.
func (g *Guard) Withdraw() error {
	var errs []error
	for _, at := range g.known() {
		errs = append(errs, g.Disarm(at))
	}
	return errors.Join(append(errs, g.detach(synLink))...)
}

// Remove takes all of the guard off the interfaces, whoever else holds it.
func (g *Guard) Remove() error { return errors.Join(g.detach(synLink), g.detach(ackLink)) }

// AcksLeft is how long the cookie of a client may still come back, of listeners
// that are disarmed: AcksStay at most, 0 where none is awaited.
func (g *Guard) AcksLeft() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	var until time.Duration
	if g.bound { // the kernel takes them
		return 0
	}
	for _, m := range g.members {
		until = max(until, m.until)
	}
	return max(until-time.Duration(now()), 0)
}

func (g *Guard) known() (list []netip.AddrPort) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for at := range g.members {
		list = append(list, at)
	}
	return list
}

// detach takes the links off whose names begin so. One whose interface is gone is
// off already.
func (g *Guard) detach(prefix string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var errs []error
	kept := g.links[:0]
	for _, l := range g.links {
		if !strings.HasPrefix(l.name, prefix) {
			kept = append(kept, l)
			continue
		}
		if err := l.Detach(); err != nil {
			errs = append(errs, fmt.Errorf("guard: take %s off: %w", l.name, err))
		}
		errs = append(errs, l.close())
	}
	g.links = kept
	return errors.Join(errs...)
}
