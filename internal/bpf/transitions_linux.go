package bpf

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
)

// Options say which transitions are told, and how. The zero value tells all of
// every network namespace, one by one.
type Options struct {
	NetNS  uint32 // inode of one network namespace, 0: all
	States uint32 // bit n: what leaves or enters Linux's state n; 0: all
	Filter []byte // inet_diag bytecode over both ends, nil: all

	Summary  bool // sum up in the kernel instead of telling one by one
	Timeless bool // with Summary: only how often, not how long
	timed    int  // with Summary: sockets a processor before only a share is timed; 0: timedWhole
	Ring     int  // octets of the ring buffer, a power of two; 0: 8 MiB
}

const defaultRing = 8 << 20

// Transitions are the transitions of this host, from the moment when it was
// opened. One goroutine may read while others ask for Losses.
type Transitions struct {
	objects  *ebpf.Collection
	attached []link.Link
	reader   *ringbuf.Reader
	record   ringbuf.Record
	names    map[string]string
	account  *account // nil: the kernel keeps it
	timeless bool     // the summary has no times

	// Mishap is called by Read for those that were opened Into it; nil: they are
	// left out.
	Mishap func(*Mishap) error
}

// OpenTransitions loads the program and attaches it. The error says what is
// missing: rights, or a feature of the kernel.
func OpenTransitions(o Options) (*Transitions, error) {
	if err := mayLoad(); err != nil {
		return nil, err
	}
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(transitionsObject))
	if err != nil {
		return nil, fmt.Errorf("bpf: damaged object: %w", err)
	}
	if err := o.apply(spec); err != nil {
		return nil, err
	}
	t := &Transitions{names: map[string]string{}, timeless: o.Timeless}
	if !o.keepTime() {
		t.account = &account{}
	}
	if t.objects, err = ebpf.NewCollection(spec); err != nil {
		return nil, explain(err, TypedTracepoints, RingBuffer, SocketCookie)
	}
	for _, name := range []string{"receive_reset", "set_state"} {
		attached, err := link.AttachTracing(link.TracingOptions{Program: t.objects.Programs[name]})
		if err != nil {
			t.Close()
			return nil, explain(err, TypedTracepoints)
		}
		t.attached = append(t.attached, attached)
	}
	if t.reader, err = ringbuf.NewReader(t.objects.Maps["events"]); err != nil {
		t.Close()
		return nil, fmt.Errorf("bpf: open the ring buffer: %w", err)
	}
	return t, nil
}

// apply writes the options into the object.
func (o *Options) apply(spec *ebpf.CollectionSpec) error {
	ring := o.Ring
	if ring == 0 {
		ring = defaultRing
	}
	if o.Summary {
		ring = os.Getpagesize() // nothing is written there
	}
	spec.Maps["events"].MaxEntries = uint32(ring)
	states := o.States
	if states == 0 {
		states = ^uint32(0)
	}
	flag := map[bool]uint8{true: 1}
	for name, value := range map[string]any{
		"only_netns": o.NetNS, "only_states": states,
		"to_ring": flag[!o.Summary], "to_matrix": flag[o.Summary], "keep_time": flag[o.keepTime()], "filtered": flag[o.Filter != nil],
		"wake_at": uint64(ring / 8), "sample_at": uint64(ring / 4 * 3), "timed_whole": uint64(cmp.Or(o.timed, timedWhole)),
	} {
		if err := spec.Variables[name].Set(value); err != nil {
			return fmt.Errorf("bpf: %s: %w", name, err)
		}
	}
	if o.Filter == nil {
		return nil
	}
	return inject(spec.Programs["set_state"], o.Filter)
}

// timedWhole is how many sockets a processor are all timed by a summary. Beyond
// that it times one in sixteen, by its address: medians of thousands say the same,
// and an event costs half.
const timedWhole = 4096

// keepTime tells whether the kernel must know the time in a state, because we do
// not see every transition of a socket. It costs a third of an event.
func (o *Options) keepTime() bool { return o.Summary && !o.Timeless || !o.Summary && o.States != 0 }

// inject replaces the function selected by the filter.
func inject(program *ebpf.ProgramSpec, code []byte) error {
	filter, err := translate(code)
	if err != nil {
		return err
	}
	begin, end := -1, len(program.Instructions)
	for i := range program.Instructions {
		switch symbol := program.Instructions[i].Symbol(); {
		case symbol == "selected":
			begin = i
		case symbol != "" && begin >= 0:
			end = min(end, i)
		}
	}
	if begin < 0 {
		return errors.New("bpf: the object has no function selected")
	}
	first := asm.Mov.Imm(asm.R0, 0)
	first.Metadata = program.Instructions[begin].Metadata // its name and type
	rest := program.Instructions[end:]
	program.Instructions = append(append(append(program.Instructions[:begin:begin], first), filter...), rest...)
	return nil
}

// Read hands over the transitions that wait, one after the other, and those that
// come until the deadline. Where they come faster than they are used it returns a
// second later. The record is valid until use returns.
func (t *Transitions) Read(deadline time.Time, use func(*Transition) error) error {
	var decoded Transition
	return readRing(t.reader, &t.record, deadline, func(record []byte) error {
		if len(record) == sizeOfMishap {
			return t.readMishap(record)
		}
		if err := decoded.Decode(record, t.names); err != nil {
			return err
		}
		if t.account != nil {
			t.account.keep(&decoded)
		}
		return use(&decoded)
	})
}

func (t *Transitions) readMishap(record []byte) error {
	var decoded Mishap
	if err := decoded.Decode(record); err != nil || t.Mishap == nil {
		return err
	}
	return t.Mishap(&decoded)
}

// Losses is how many transitions were not told.
type Losses struct {
	Lost    uint64 // the ring buffer was full
	Sampled uint64 // it was nearly full: only one of eight sockets was told of
	Missed  uint64 // the kernel did not run the program, because it was running already
}

// Losses returns what was lost since the beginning.
func (t *Transitions) Losses() (l Losses, err error) {
	for i, into := range []*uint64{&l.Lost, &l.Sampled} {
		if *into, err = sumOf(t.objects.Maps["counters"], uint32(i)); err != nil {
			return Losses{}, err
		}
	}
	l.Missed, err = missed(t.objects)
	return l, err
}

// Close detaches the program.
func (t *Transitions) Close() error {
	var errs []error
	for _, attached := range t.attached {
		errs = append(errs, attached.Close())
	}
	if t.reader != nil {
		errs = append(errs, t.reader.Close())
	}
	t.objects.Close()
	return errors.Join(errs...)
}
