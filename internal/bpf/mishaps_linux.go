package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
)

// MishapOptions say which mishaps are counted and told. The zero value tells
// all of every network namespace.
type MishapOptions struct {
	NetNS  uint32       // inode of one network namespace, 0: all
	States uint32       // bit n: what meets a socket in Linux's state n; 0: also what meets none
	Filter []byte       // inet_diag bytecode over both ends, nil: all
	Kinds  []MishapKind // nil: all

	Quiet bool         // count only
	Bare  bool         // do not look up in which state a socket was before it ended
	Into  *Transitions // tell through its Mishap, in one order with its transitions; nil: Read tells
	Most  int          // how many a processor tells in a tenth of a second, 0: 1,000
}

// Mishaps are what goes wrong on this host, from the moment when it was opened.
type Mishaps struct {
	objects  *ebpf.Collection
	attached []link.Link
	reader   *ringbuf.Reader // nil: told elsewhere, or not
	record   ringbuf.Record

	Blind []error // what this kernel does not tell
}

const (
	mishapRing = 1 << 20
	mostTold   = 1000
)

// mishapPrograms are the programs of the object.
var mishapPrograms = []struct {
	kind       MishapKind
	program    string
	tracepoint string
	needs      *Feature
}{
	{Drop, "drop", "kfree_skb", DropReasons},
	{ResetSent, "send_reset", "tcp_send_reset", nil},
	{ResetCame, "reset_came", "tcp_receive_reset", nil},
	{SegmentAgain, "segment_again", "tcp_retransmit_skb", nil},
	{SynAckAgain, "synack_again", "tcp_retransmit_synack", nil},
	{SocketError, "socket_error", "inet_sk_error_report", SocketErrors},
}

// OpenMishaps loads the programs and attaches them. The error says what is
// missing: rights, or a feature of the kernel. A kind that the kernel does not
// tell of is in Blind.
func OpenMishaps(o MishapOptions) (*Mishaps, error) {
	if err := mayLoad(); err != nil {
		return nil, err
	}
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(mishapsObject))
	if err != nil {
		return nil, fmt.Errorf("bpf: damaged object: %w", err)
	}
	m := &Mishaps{}
	if m.Blind, err = o.apply(spec); err != nil {
		return nil, err
	}
	var options ebpf.CollectionOptions
	if o.Into != nil {
		options.MapReplacements = map[string]*ebpf.Map{"events": o.Into.objects.Maps["events"]}
	}
	if m.objects, err = ebpf.NewCollectionWithOptions(spec, options); err != nil {
		return nil, explain(err, TypedTracepoints, RingBuffer)
	}
	for _, program := range m.objects.Programs {
		attached, err := link.AttachTracing(link.TracingOptions{Program: program})
		if err != nil {
			_ = m.Close()
			return nil, explain(err, TypedTracepoints)
		}
		m.attached = append(m.attached, attached)
	}
	if o.Into == nil && !o.Quiet {
		if m.reader, err = ringbuf.NewReader(m.objects.Maps["events"]); err != nil {
			_ = m.Close()
			return nil, fmt.Errorf("bpf: open the ring buffer: %w", err)
		}
	}
	return m, nil
}

// apply writes the options into the object, and leaves out what is not wanted or
// not told by this kernel.
func (o *MishapOptions) apply(spec *ebpf.CollectionSpec) (blind []error, err error) {
	arguments := map[string]int{}
	for _, p := range mishapPrograms {
		if o.Kinds != nil && !slices.Contains(o.Kinds, p.kind) {
			delete(spec.Programs, p.program)
			continue
		}
		n, told, err := tracepointArguments(p.tracepoint)
		if err != nil {
			return nil, explain(err)
		}
		if arguments[p.program] = n; p.needs != nil && p.needs.Probe() != nil {
			blind, told = append(blind, p.needs.Probe()), false
		} else if !told {
			blind = append(blind, fmt.Errorf("the kernel (Linux %s) has no tracepoint %s", release(), p.tracepoint))
		}
		if !told {
			delete(spec.Programs, p.program)
		}
	}
	if o.Bare || spec.Programs["socket_error"] == nil && spec.Programs["send_reset"] == nil {
		delete(spec.Programs, "ends") // which serves them
	}
	if len(spec.Programs) == 0 {
		return nil, errors.Join(append([]error{errors.New("this kernel tells of none of what is wanted")}, blind...)...)
	}
	if arguments["send_reset"] == 2 {
		blind = append(blind, ResetReasons.Probe())
	}
	return blind, o.set(spec, arguments)
}

func (o *MishapOptions) set(spec *ebpf.CollectionSpec, arguments map[string]int) error {
	const withSocket, withReason = 4, 3 // arguments of the tracepoints
	states, most, ring := o.States, o.Most, mishapRing
	if states == 0 {
		states = ^uint32(0)
	}
	if most == 0 {
		most = mostTold
	}
	switch {
	case o.Into != nil:
		ring = int(o.Into.objects.Maps["events"].MaxEntries())
	case o.Quiet:
		ring = os.Getpagesize() // nothing is written there
	}
	spec.Maps["events"].MaxEntries = uint32(ring)
	flag := map[bool]uint8{true: 1}
	for name, value := range map[string]any{
		"only_netns": o.NetNS, "only_states": states, "to_ring": flag[!o.Quiet], "most": uint64(most), "wake_at": uint64(ring / 8),
		"has_socket": flag[arguments["drop"] >= withSocket], "has_reason": flag[arguments["send_reset"] >= withReason],
	} {
		if err := spec.Variables[name].Set(value); err != nil {
			return fmt.Errorf("bpf: %s: %w", name, err)
		}
	}
	if o.Filter == nil {
		return nil
	}
	for name, program := range spec.Programs {
		if name == "ends" {
			continue
		}
		if err := inject(program, o.Filter); err != nil {
			return err
		}
	}
	return nil
}

// Read hands over the mishaps that wait and those that come until the deadline.
// The record is valid until use returns.
func (m *Mishaps) Read(deadline time.Time, use func(*Mishap) error) error {
	return readRing(m.reader, &m.record, deadline, func(record []byte) error {
		var decoded Mishap
		if err := decoded.Decode(record); err != nil {
			return err
		}
		return use(&decoded)
	})
}

// Counts returns how often each thing went wrong since the beginning, also where
// it was not told.
func (m *Mishaps) Counts() ([]MishapCount, error) {
	var all []MishapCount
	var key []byte
	var each []uint64
	entries := m.objects.Maps["counts"].Iterate()
	for entries.Next(&key, &each) {
		var c MishapCount
		c.decode(key)
		for _, n := range each {
			c.Count += n
		}
		all = append(all, c)
	}
	if err := entries.Err(); err != nil {
		return nil, fmt.Errorf("bpf: read the counts: %w", err)
	}
	return all, nil
}

// MishapLosses is how many mishaps were counted and not told, or not even
// counted.
type MishapLosses struct {
	Lost      uint64 // the ring buffer was full
	LeftOut   uint64 // more than may be told in so short a time
	Uncounted uint64 // too many different ones
	Missed    uint64 // the kernel did not run the program, because it was running already
}

// Losses returns what was lost since the beginning.
func (m *Mishaps) Losses() (l MishapLosses, err error) {
	for i, into := range []*uint64{&l.Lost, &l.LeftOut, &l.Uncounted} {
		if *into, err = sumOf(m.objects.Maps["counters"], uint32(i)); err != nil {
			return l, err
		}
	}
	l.Missed, err = missed(m.objects)
	return l, err
}

// Close detaches the programs.
func (m *Mishaps) Close() error {
	var errs []error
	for _, attached := range m.attached {
		errs = append(errs, attached.Close())
	}
	if m.reader != nil {
		errs = append(errs, m.reader.Close())
	}
	m.objects.Close()
	return errors.Join(errs...)
}
