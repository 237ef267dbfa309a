package bpf

import (
	"bytes"
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

	Summary bool // sum up in the kernel instead of telling one by one
	Ring    int  // octets of the ring buffer, a power of two; 0: 8 MiB
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
	t := &Transitions{names: map[string]string{}}
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
		"to_ring": flag[!o.Summary], "to_matrix": flag[o.Summary], "keep_time": flag[o.keepTime()],
		"wake_at": uint64(ring / 8), "sample_at": uint64(ring / 4 * 3),
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

// keepTime tells whether the kernel must know the time in a state, because we do
// not see every transition of a socket. It costs a third of an event.
func (o *Options) keepTime() bool { return o.Summary || o.States != 0 }

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
	const between = 1024 // records from one look at the clock to the next
	latest := deadline.Add(time.Second)
	var decoded Transition
	t.reader.SetDeadline(deadline)
	for n := 1; n%between != 0 || time.Now().Before(latest); n++ {
		err := t.reader.ReadInto(&t.record)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return fmt.Errorf("bpf: read the ring buffer: %w", err)
		}
		if err := decoded.Decode(t.record.RawSample, t.names); err != nil {
			return err
		}
		if t.account != nil {
			t.account.keep(&decoded)
		}
		if err := use(&decoded); err != nil {
			return err
		}
	}
	return nil
}

// Losses is how many transitions were not told.
type Losses struct {
	Lost    uint64 // the ring buffer was full
	Sampled uint64 // it was nearly full: only one of eight sockets was told of
}

// Losses returns what was lost since the beginning.
func (t *Transitions) Losses() (Losses, error) {
	var sums [2]uint64
	for i := range sums {
		var each []uint64
		if err := t.objects.Maps["counters"].Lookup(uint32(i), &each); err != nil {
			return Losses{}, fmt.Errorf("bpf: read the counters: %w", err)
		}
		for _, n := range each {
			sums[i] += n
		}
	}
	return Losses{Lost: sums[0], Sampled: sums[1]}, nil
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
