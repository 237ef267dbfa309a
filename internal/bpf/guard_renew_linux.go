package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// ErrOtherVersion says that a guard keeps its tables in another form, because
// another version of this program made it.
var ErrOtherVersion = errors.New("another version of synoptic made it, and keeps its tables in another form")

func (g *Guard) spec() (*ebpf.CollectionSpec, error) {
	object := guardObject
	if g.bound {
		object = guardboundObject
	}
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(object))
	if err != nil {
		return nil, fmt.Errorf("bpf: damaged object: %w", err)
	}
	return spec, nil
}

// tables returns the maps of a guard that was taken over, if this version would
// have made them so, too.
func (g *Guard) tables(spec *ebpf.CollectionSpec) (map[string]*ebpf.Map, error) {
	shared := map[string]*ebpf.Map{}
	for name, want := range spec.Maps {
		if !strings.HasPrefix(name, "guard_") {
			continue // constants of the programs
		}
		m := g.objects.Maps[name]
		if m == nil {
			return nil, fmt.Errorf("guard: %s is missing: it is no whole guard, end it and begin anew", name)
		}
		if err := want.Compatible(m); err != nil {
			return nil, fmt.Errorf("guard: %w (%s)", ErrOtherVersion, name)
		}
		shared[name] = m
	}
	return shared, nil
}

// Renew puts the programs of this version where those of a guard are that was taken
// over. Its tables stay, and no frame meets an interface without a program.
func (g *Guard) Renew() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	spec, err := g.spec()
	if err != nil {
		return err
	}
	shared, err := g.tables(spec)
	if err != nil {
		return err
	}
	next, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{MapReplacements: shared})
	if err != nil {
		return explain(err, guardNeeds(g.bound)...)
	}
	var errs []error
	kept := g.links[:0]
	for _, l := range g.links {
		program := next.Programs["guard_syn"]
		if strings.HasPrefix(l.name, ackLink) {
			program = next.Programs["guard_ack"]
		}
		err := l.Update(program)
		if errors.Is(err, unix.ENOLINK) { // its interface is gone, or somebody took it off
			l.close()
			continue
		}
		kept = append(kept, l)
		if err != nil {
			errs = append(errs, fmt.Errorf("guard: renew %s: %w", l.name, err))
		}
	}
	g.links = kept
	if err := errors.Join(errs...); err != nil {
		next.Close() // what was renewed holds its program itself
		return err
	}
	g.objects.Close()
	g.objects = next
	return nil
}
