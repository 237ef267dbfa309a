package live

import (
	"fmt"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// incidents are the mishaps that a Watcher is told of among transitions: those
// that are asked for, and RSTs, which say why connections ended.
type incidents struct {
	source    *bpf.Mishaps // nil: this kernel does not tell
	reasons   *bpf.Reasons
	wanted    []host.MishapKind
	waiting   []incident
	resets    map[uint64]string // why a RST was sent, by cookie, within a batch: addresses come round again
	functions map[uint64]string
}

// incident is a mishap that came before a transition of the batch.
type incident struct {
	before int // place of that in the batch
	bpf.Mishap
}

// openIncidents asks the kernel for them. What it does not tell is for Blind.
func (w *Watcher) openIncidents(o bpf.Options) (blind []error) {
	w.incidents = incidents{wanted: w.options.Mishaps, resets: map[uint64]string{}, functions: map[uint64]string{}}
	in := &w.incidents
	var err error
	if in.reasons, err = bpf.RunningReasons(); err != nil {
		return []error{err}
	}
	wanted := bpf.MishapOptions{NetNS: o.NetNS, Filter: o.Filter, Into: w.events, Kinds: []bpf.MishapKind{bpf.ResetSent}, Bare: len(in.wanted) == 0}
	for _, kind := range kindsOf(in.wanted) {
		if kind != bpf.ResetSent {
			wanted.Kinds = append(wanted.Kinds, kind)
		}
	}
	if w.states != tcp.AllStates {
		wanted.States = mishapStates(w.states)
	}
	if in.source, err = bpf.OpenMishaps(wanted); err != nil {
		return []error{fmt.Errorf("why connections are reset is not told: %w", err)}
	}
	w.events.Mishap = func(m *bpf.Mishap) error {
		in.waiting = append(in.waiting, incident{len(w.batch), *m})
		if len(in.waiting) == batchSize {
			return w.flush()
		}
		return nil
	}
	return in.source.Blind
}

// mishapStates is the set of Linux's numbers, that of half-open requests among
// them.
func mishapStates(states tcp.StateSet) uint32 {
	const newSynRecv = 12
	set := linuxSet(states)
	if states.Has(tcp.SynReceived) {
		set |= 1 << newSynRecv
	}
	return set
}

// foresee notes why RSTs of the batch were sent: a socket that is closed sends it
// a moment after its transition.
func (in *incidents) foresee() {
	clear(in.resets)
	var unknown []uint64
	for i := range in.waiting {
		m := &in.waiting[i]
		if m.Kind == bpf.ResetSent && m.Cookie != 0 && mayEnd(m.State) {
			in.resets[m.Cookie] = in.reasons.NameOf(m.Kind, m.Reason)
		}
		if _, known := in.functions[m.Location]; !known && m.Location != 0 && !slices.Contains(unknown, m.Location) {
			unknown = append(unknown, m.Location)
		}
	}
	if len(unknown) == 0 {
		return
	}
	names, _ := functionsOf(unknown) // without the right they have no names
	for _, at := range unknown {
		in.functions[at] = names[at]
	}
}

// mayEnd tells whether a RST ends the socket that sends it: a listener goes on, and
// what is no full socket makes no transition.
func mayEnd(state uint8) bool {
	const timeWait, listen, newSynRecv = 6, 10, 12
	return state != timeWait && state != listen && state != newSynRecv
}

// reasonOf says in the kernel's words why a connection ended: why it was reset by
// this host, else the error that it left behind.
func (in *incidents) reasonOf(b *bpf.Transition, to tcp.State) string {
	if to != tcp.Closed {
		return ""
	}
	if why := in.resets[b.Cookie]; why != "" {
		return why
	}
	return unix.ErrnoName(syscall.Errno(b.Error))
}

// tellIncidents hands over those that came before a transition of the batch.
func (w *Watcher) tellIncidents(before int) error {
	in := &w.incidents
	n := 0
	for n < len(in.waiting) && in.waiting[n].before <= before {
		if err := w.incident(&in.waiting[n].Mishap); err != nil {
			return err
		}
		n++
	}
	in.waiting = in.waiting[:copy(in.waiting, in.waiting[n:])]
	return nil
}

func (w *Watcher) incident(b *bpf.Mishap) error {
	sort := keyOf(b)
	if w.options.Tell == nil || !slices.Contains(w.incidents.wanted, mishapKinds[b.Kind]) {
		return nil
	}
	m := Mishap{
		Mishap: sortOf(w.incidents.reasons, &sort), Time: w.clock.at(b.Time), Local: b.Local, Remote: b.Remote,
		Length: int(b.Length), NetNS: b.NetNS, Cookie: b.Cookie,
	}
	m.Function = w.incidents.functions[b.Location]
	if b.Way&bpf.Outgoing == 0 && b.Flags != 0 {
		m.Interface = b.Device
	}
	if b.Cookie != 0 {
		m.Owners, m.OwnerKind = w.owners.last(b.Cookie)
	}
	return w.options.Tell(&m)
}
