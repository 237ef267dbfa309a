package bpf

import (
	"bytes"
	"fmt"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

// Flood makes frames and counts what comes back: the other side of the guard's
// bench. It is for private namespaces; its sources are in 198.18.0.0/15 and
// 2001:2::/48, which RFC 2544 and RFC 5180 keep for benchmarks.
type Flood struct {
	objects *ebpf.Collection
}

// OpenFlood loads the programs, on no interface.
func OpenFlood() (*Flood, error) {
	if err := mayLoad(); err != nil {
		return nil, err
	}
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(floodObject))
	if err != nil {
		return nil, fmt.Errorf("bpf: damaged object: %w", err)
	}
	objects, err := ebpf.NewCollection(spec)
	if err != nil {
		return nil, explain(err, XDPLink, BoundedLoop)
	}
	return &Flood{objects: objects}, nil
}

// Prepare says what the frames are, and to which interface of the namespace that
// sends they go: 0 makes them and throws them away.
func (f *Flood) Prepare(frame *FloodFrame, ifindex int, perSecond int) error {
	r, err := frame.record()
	if err != nil {
		return err
	}
	r.Interface = uint32(ifindex)
	if perSecond > 0 {
		r.Gap = uint32(time.Second) / uint32(perSecond)
	}
	if err := f.objects.Maps["flood_template"].Put(uint32(0), &r); err != nil {
		return fmt.Errorf("flood: write to the kernel: %w", err)
	}
	return nil
}

// Send makes n frames (BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18) and returns when
// they are sent. It goes from the calling thread's namespace; most of what the
// frames cause is done on this thread.
func (f *Flood) Send(n int) error {
	const liveFrames = 2 // BPF_F_TEST_XDP_LIVE_FRAMES
	var r templateRecord
	if err := f.objects.Maps["flood_template"].Lookup(uint32(0), &r); err != nil {
		return fmt.Errorf("flood: read from the kernel: %w", err)
	}
	_, err := f.objects.Programs["flood"].Run(&ebpf.RunOptions{
		Data: r.Frame[:r.Len], Repeat: uint32(n), Flags: liveFrames, BatchSize: f.batch(r.Gap),
	})
	if err != nil {
		return fmt.Errorf("flood: live frames (Linux 5.18): %w", err)
	}
	return nil
}

// batch is how many frames go at a time. What is paced goes in small ones, for
// nothing is received meanwhile.
func (f *Flood) batch(gap uint32) uint32 {
	if gap > 0 {
		return 4
	}
	return 64
}

// FloodProgram is one of the programs that go on an interface.
type FloodProgram string

// What goes on interfaces. Sink is for the attacker's end, the others are what
// the guard is compared with.
const (
	FloodSink   FloodProgram = "sink"   // count what the flood's sources get
	FloodPass   FloodProgram = "pass"   // XDP_PASS
	FloodDrop   FloodProgram = "drop"   // XDP_DROP of the flood's sources
	FloodBounce FloodProgram = "bounce" // the frame turned around, without meaning
)

// Attach puts a program on an interface of the calling thread's namespace, and
// returns what takes it off.
func (f *Flood) Attach(p FloodProgram, ifindex int, mode XDPMode) (detach func() error, err error) {
	flags := link.XDPDriverMode
	if mode == Generic {
		flags = link.XDPGenericMode
	}
	l, err := link.AttachXDP(link.XDPOptions{Interface: ifindex, Program: f.objects.Programs[string(p)], Flags: flags})
	if err != nil {
		return nil, fmt.Errorf("flood: %s: %w", p, err)
	}
	return l.Close, nil
}

// FloodCounts count frames.
type FloodCounts struct {
	Made    uint64
	Answers uint64 // SYN-ACKs that came back
	Resets  uint64
}

// Counts returns them, since the beginning.
func (f *Flood) Counts() (FloodCounts, error) {
	var c FloodCounts
	for i, into := range []*uint64{&c.Made, &c.Answers, &c.Resets} {
		var each []uint64
		if err := f.objects.Maps["flood_counts"].Lookup(uint32(i), &each); err != nil {
			return c, fmt.Errorf("flood: read the counters: %w", err)
		}
		for _, n := range each {
			*into += n
		}
	}
	return c, nil
}

// Close unloads the programs.
func (f *Flood) Close() error {
	f.objects.Close()
	return nil
}

// CPUTime is what the calling thread has used.
func CPUTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
