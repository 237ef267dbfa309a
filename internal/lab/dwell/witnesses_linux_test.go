package dwell

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/capture"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// end is one end of the connections between two sockets, at its own host.
type end struct {
	host          string
	local, remote netip.AddrPort
}

// kernel is what the kernel of both hosts told.
type kernel struct {
	hosts map[uint32]string // by network namespace
	told  map[end][]told
	looks []look

	stands map[end]tcp.State // when all was over
	missed int               // transitions that nothing told of: the next one of the end begins elsewhere
}

type told struct {
	at       time.Time
	from, to tcp.State
	looked   bool          // for, and only then found
	inFrom   time.Duration // 0: not known
}

// look is one at all minisockets of both hosts.
type look struct{ begin, end time.Time }

func (k *kernel) take(t *live.Transition) {
	name, ours := k.hosts[t.NetNS]
	if !ours {
		return
	}
	at := end{name, t.Local, t.Remote}
	k.told[at] = append(k.told[at], told{t.Time, t.From, t.To, t.Source == live.Iterator && t.To != tcp.SynReceived, t.InFrom})
}

// changes puts what was told of an end into the order of time, and closes the
// gaps in it by what must have been between: those edges are known roughly.
func (k *kernel) changes(at end, over time.Time) (all []Change) {
	state, passive := tcp.Closed, false // passive: the last was the entry into SYN-RECEIVED from LISTEN
	for _, e := range k.inOrder(at) {
		if e.looked && e.from != state {
			continue // another connection is there since
		}
		all = append(all, k.unheard(all, state, &e)...)
		change := Change{At(e.at), e.to}
		if e.looked {
			change.Edge = k.between(e.at)
		}
		// The kernel's socket begins with the last ACK of the handshake; how long
		// the request before it stood is told with that.
		if last := len(all) - 1; passive && e.from == tcp.SynReceived {
			if began := e.at.Add(-e.inFrom); began.Before(all[last].Latest) {
				all[last].Edge = At(began)
				k.notAfter(all[:last], began)
			}
		}
		state, passive = e.to, e.from == tcp.Listen
		all = append(all, change)
	}
	if last, stands := len(all)-1, k.stands[at]; last >= 0 && stands != state && !nothing.Has(state) {
		k.missed++
		all = append(all, Change{Edge{all[last].Latest, over}, stands})
	}
	return all
}

// notAfter moves the end of the connection before, if it is known roughly only,
// to where another one began at the latest.
func (k *kernel) notAfter(all []Change, began time.Time) {
	if n := len(all) - 1; n >= 0 && all[n].Latest.After(began) {
		all[n].Edge = Edge{k.lookBefore(began), began}
	}
}

// inOrder returns what was told of an end, without the attempts to connect that
// found their port taken and sent nothing.
func (k *kernel) inOrder(at end) (events []told) {
	all := k.told[at]
	slices.SortStableFunc(all, func(a, b told) int { return a.at.Compare(b.at) })
	for n := 0; n < len(all); n++ {
		if n+1 < len(all) && all[n].to == tcp.SynSent && all[n+1].to == tcp.Closed && all[n+1].at.Sub(all[n].at) < time.Millisecond {
			n++
			continue
		}
		events = append(events, all[n])
	}
	return events
}

// unheard returns the change that must lie between a state and the next event,
// which begins elsewhere.
func (k *kernel) unheard(before []Change, state tcp.State, next *told) []Change {
	begins := nothing.Has(next.from)
	switch {
	case len(before) == 0 || next.from == state:
	case begins && state == tcp.FinWait2:
		// Linux lets no connection begin on one in FIN-WAIT-2, but on TIME-WAIT.
		return []Change{{Edge{k.lookBefore(next.at), next.at}, tcp.TimeWait}}
	case begins && state == tcp.TimeWait:
		return []Change{{Edge{k.lookBefore(next.at), next.at}, tcp.Closed}}
	case !begins:
		k.missed++
		return []Change{{Edge{before[len(before)-1].Latest, next.at}, next.from}}
	}
	return nil
}

// dump asks a host how its sockets stand. It is asked once, when all is over.
func (k *kernel) dump(at *lab.Host) error {
	return at.Do(func() error {
		for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
			sockets, err := netlink.SocketDiagTCP(family)
			if err != nil {
				return err
			}
			for _, s := range sockets {
				local, _ := netip.AddrFromSlice(s.ID.Source)
				remote, _ := netip.AddrFromSlice(s.ID.Destination)
				it := end{at.Name, netip.AddrPortFrom(local.Unmap(), s.ID.SourcePort), netip.AddrPortFrom(remote.Unmap(), s.ID.DestinationPort)}
				k.stands[it], _ = host.StateOfLinux(s.State)
			}
		}
		return nil
	})
}

// between returns when it was that a look found a change: after the one before
// last, for events and looks are not in step.
func (k *kernel) between(t time.Time) Edge {
	n, _ := slices.BinarySearchFunc(k.looks, t, func(l look, t time.Time) int { return l.begin.Compare(t) })
	if n == 0 || n == len(k.looks) {
		return At(t)
	}
	return Edge{k.looks[max(n-2, 0)].begin, k.looks[n].end}
}

// lookBefore returns when the last look before a time began.
func (k *kernel) lookBefore(t time.Time) time.Time {
	n, _ := slices.BinarySearchFunc(k.looks, t, func(l look, t time.Time) int { return l.begin.Compare(t) })
	return k.looks[max(n-1, 0)].begin
}

// packets is what the packets told that were captured at one host.
type packets struct {
	tracker *track.Tracker
}

// changes returns what the packets of a host say of its own ends.
func (p *packets) changes(name string, mine map[netip.Addr]bool, into map[end][]Change) (cut int) {
	p.tracker.Each(func(c *track.Conn) bool {
		o := netip.AddrPortFrom(c.Tuple.Source.Addr(), c.Tuple.SourcePort)
		r := netip.AddrPortFrom(c.Tuple.Destination.Addr(), c.Tuple.DestinationPort)
		if len(c.Transitions) == keptTransitions {
			cut++
		}
		for _, t := range c.Transitions {
			at := end{name, o, r}
			if !t.Originator {
				at = end{name, r, o}
			}
			if mine[at.local.Addr()] {
				into[at] = append(into[at], Change{At(t.Time), t.To})
			}
		}
		return true
	})
	for at := range into {
		slices.SortStableFunc(into[at], func(a, b Change) int { return cmp.Compare(a.Latest.UnixNano(), b.Latest.UnixNano()) })
	}
	return cut
}

// keptTransitions is how many the tracker keeps of a connection.
const keptTransitions = 16

// watch holds both witnesses while something is done.
type watch struct {
	kernel  kernel
	packets map[string]*packets
	over    time.Time
}

// observe runs do before both witnesses. It skips where the kernel cannot be one.
func observe(t *testing.T, s *stage, do func()) *watch {
	t.Helper()
	w := &watch{kernel: kernel{hosts: map[uint32]string{}, told: map[end][]told{}, stands: map[end]tcp.State{}}, packets: map[string]*packets{}}
	watcher, ready := w.openKernel(t, s)
	defer watcher.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var running sync.WaitGroup
	for _, h := range []*lab.Host{s.client, s.server} {
		w.capture(ctx, t, h, &running)
	}
	running.Go(func() {
		if err := watcher.Run(ctx, func(x *live.Transition) error { w.kernel.take(x); return nil }); err != nil {
			t.Error(err)
		}
	})
	<-ready
	do()
	wait(settle)
	if err := errors.Join(w.kernel.dump(s.client), w.kernel.dump(s.server)); err != nil {
		t.Error(err)
	}
	w.over = time.Now()
	stop()
	running.Wait()
	// The kernel runs no program in another of the same kind, whoever's it is: on a
	// busy host it tells of some transitions that there were, and that is counted.
	losses, _, err := watcher.Losses()
	if err != nil || losses != (bpf.Losses{Missed: losses.Missed}) || losses.Missed > mostMissed {
		t.Errorf("the kernel's transitions are not all told: %+v, %v", losses, err)
	}
	return w
}

// mostMissed is one in a thousand of the fewest transitions that are played.
const mostMissed = 10

// settle is how long is watched after the last thing was done: three looks.
const settle = 700 * time.Millisecond

func (w *watch) openKernel(t *testing.T, s *stage) (watcher *live.Watcher, ready chan struct{}) {
	t.Helper()
	for _, h := range []*lab.Host{s.client, s.server} {
		var found unix.Stat_t
		if err := h.Do(func() error { return unix.Stat("/proc/thread-self/ns/net", &found) }); err != nil {
			t.Fatal(err)
		}
		w.kernel.hosts[uint32(found.Ino)] = h.Name
	}
	ready = make(chan struct{})
	var once sync.Once
	watcher, err := live.Open(live.Options{
		Idle: func() error { once.Do(func() { close(ready) }); return nil },
		Visit: func(do func() error) error {
			begin := time.Now()
			err := errors.Join(s.client.Do(do), s.server.Do(do))
			w.kernel.looks = append(w.kernel.looks, look{begin, time.Now()})
			return err
		},
	})
	if errors.Is(err, bpf.ErrRights) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return watcher, ready
}

// capture listens at a host.
func (w *watch) capture(ctx context.Context, t *testing.T, h *lab.Host, running *sync.WaitGroup) {
	t.Helper()
	var c *capture.Capture
	err := h.Do(func() (err error) {
		c, err = capture.Open(capture.Config{Interfaces: []string{"eth0", "eth1"}, Snap: 256, Memory: 64 << 20})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &packets{tracker: track.New(track.Config{Transitions: true, Memory: 1 << 30})}
	w.packets[h.Name] = p
	running.Go(func() {
		defer c.Close()
		err := c.Segments(ctx, func(_ *packet.Frame, s *packet.Segment) error { p.tracker.Add(s); return nil })
		for number := range 2 {
			counts, failed := c.Counts(number)
			if err = errors.Join(err, failed); counts.Dropped > 0 {
				t.Errorf("the capture at %s lost packets: %+v", h.Name, counts)
			}
		}
		if err != nil {
			t.Error(err)
		}
	})
}
