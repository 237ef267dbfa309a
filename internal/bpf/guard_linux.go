package bpf

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// AcksStay is how long the ACKs of a key that was replaced, or of a listener
// that was disarmed, are still taken: clients may be between SYN-ACK and ACK.
const AcksStay = time.Minute

// Guard is the data path of the defence against SYN floods: loaded, disarmed,
// and on no interface. Its methods may be called from several goroutines.
type Guard struct {
	mu      sync.Mutex
	objects *ebpf.Collection
	bound   bool // the kernel makes the cookies, and takes their ACKs
	control control
	members map[netip.AddrPort]*member
	links   []attachment

	trustsVeth bool
}

// member is a listener that was armed or shadowed at least once.
type member struct {
	index  uint32
	record listenerRecord
	until  time.Duration // CLOCK_MONOTONIC: till then its cookies may come back, if it is no longer armed
}

// OpenGuard loads the programs. Where the kernel cannot make a connection of our
// cookie it loads the one that asks the kernel for cookies (Bound tells). The
// error says what is missing.
func OpenGuard() (*Guard, error) {
	err := AssignRequest.Probe()
	var missing *Missing
	switch {
	case err == nil:
		return openGuard(false)
	case errors.As(err, &missing):
		return OpenBoundGuard()
	}
	return nil, err
}

// OpenBoundGuard loads what OpenGuard loads on older kernels.
func OpenBoundGuard() (*Guard, error) { return openGuard(true) }

func openGuard(bound bool) (*Guard, error) {
	if err := mayLoad(); err != nil {
		return nil, err
	}
	g := &Guard{bound: bound, members: map[netip.AddrPort]*member{}}
	spec, err := g.spec()
	if err != nil {
		return nil, err
	}
	if g.objects, err = ebpf.NewCollection(spec); err != nil {
		return nil, explain(err, guardNeeds(bound)...)
	}
	g.control.LeaseUntil, g.control.Early = ^uint64(0), 1
	if err := g.newKey(); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

func guardNeeds(bound bool) []*Feature {
	if bound {
		return []*Feature{XDPLink, KernelCookie}
	}
	return []*Feature{XDPLink, TrafficControl, CoarseClock, BoundedLoop, FrameCopy, AssignRequest}
}

// Bound tells that the kernel itself makes the cookies, because it is older
// than Linux 6.9: options then survive only where tcp_timestamps is 2, and SYNs
// are answered as soon as the queue is full, or always where tcp_syncookies is 2.
func (g *Guard) Bound() bool { return g.bound }

// now is CLOCK_MONOTONIC, by which the programs go.
func now() uint64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0
	}
	return uint64(t.Nano())
}

// newKey makes the other key the current one. The key that it replaces is the
// old one from now on. g.mu is held, or nobody else has g yet.
func (g *Guard) newKey() error {
	next := (g.control.Current + 1) % 2
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return fmt.Errorf("guard: new key: %w", err)
	}
	g.control.Keys[next] = [2]uint64{binary.NativeEndian.Uint64(random[:]), binary.NativeEndian.Uint64(random[8:])}
	if err := g.write(); err != nil { // the key stands before it is used
		return err
	}
	g.control.Current = next
	return g.write()
}

// RotateKey makes a new key. ACKs of the one before are taken for AcksStay, and
// those of the one before that no longer: rotate no more often than that.
func (g *Guard) RotateKey() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.control.OldUntil = 0
	if err := g.write(); err != nil {
		return err
	}
	g.control.OldUntil = now() + uint64(AcksStay)
	return g.newKey()
}

// Lease makes armed listeners fall silent after d unless it is called again: a
// guard that hangs does no harm for longer. 0 ends the lease: they stay armed.
func (g *Guard) Lease(d time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.control.LeaseUntil = ^uint64(0)
	if d > 0 {
		g.control.LeaseUntil = now() + uint64(d)
	}
	return g.write()
}

func (g *Guard) write() error {
	if err := g.objects.Maps["guard_control"].Put(uint32(0), &g.control); err != nil {
		return fmt.Errorf("guard: write to the kernel: %w", err)
	}
	return nil
}

// Detach takes the programs off all interfaces, unless they are pinned. What is
// armed stays so for interfaces to come.
func (g *Guard) Detach() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var errs []error
	for _, l := range g.links {
		errs = append(errs, l.close())
	}
	g.links = nil
	return errors.Join(errs...)
}

// Close detaches and unloads the programs, unless they are pinned.
func (g *Guard) Close() error {
	err := g.Detach()
	g.objects.Close()
	return err
}
