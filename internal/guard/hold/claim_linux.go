package hold

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// Claim keeps guards out of a network namespace for as long as somebody changes
// it by hand.
type Claim struct {
	listener *net.UnixListener // nil beside a grace, which harms nobody
	grace    time.Duration
	until    time.Time
}

// NewClaim claims the calling thread's network namespace. The grace is how long
// the reapers that it leaves take ACKs, bpf.AcksStay at most. A HeldError says that
// a guard runs.
func NewClaim(ctx context.Context, grace time.Duration) (*Claim, error) {
	c := &Claim{grace: min(grace, bpf.AcksStay)}
	err := again(ctx, func() (done bool, err error) {
		if c.listener, err = listen(); !errors.Is(err, unix.EADDRINUSE) {
			return true, err
		}
		h, err := Ask(ctx)
		switch {
		case err != nil:
			return true, err
		case h == nil || h.State == Restoring:
			return false, nil
		case h.State == Grace:
			return true, nil
		}
		return true, &HeldError{*h}
	})
	if err != nil {
		return nil, err
	}
	if c.listener != nil {
		go (&server{listener: c.listener, who: func() Holder { return Holder{State: Changing, PID: os.Getpid()} }}).serve()
	}
	return c, nil
}

// again tries until it is done, for as long as patience.
func again(ctx context.Context, try func() (done bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if done, err := try(); done {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("guard: lock of this network namespace: %w", ctx.Err())
		}
	}
}

// Linger leaves a disarmed guard to a process in the background, which takes the
// ACKs that are still to come and ends. The guard stays the caller's to close.
func (c *Claim) Linger(g *bpf.Guard) error {
	r, err := start(charge{Grace: c.grace, Holder: Holder{PID: os.Getpid()}}, c.listener)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.hold(g); err != nil {
		r.giveUp()
		return err
	}
	if c.listener != nil {
		c.listener.Close() // the name is the reaper's now
		c.listener = nil
	}
	m, err := r.tell("end")
	if m.Holder != nil && m.Holder.Until.After(c.until) {
		c.until = m.Holder.Until
	}
	return err
}

// Until is when the last ACK is due of what was left to linger; zero where nothing
// was.
func (c *Claim) Until() time.Time { return c.until }

// Release lets guards in again.
func (c *Claim) Release() {
	if c.listener != nil {
		c.listener.Close()
		c.listener = nil
	}
}

// Leave ends the grace of a guard that has ended, in the calling thread's network
// namespace: handshakes whose cookie is under way fail. It is no error that there
// is none.
func Leave(ctx context.Context) error {
	c, _, err := call(ctx)
	if errors.Is(err, errFree) {
		return nil
	}
	if err != nil {
		return err
	}
	defer c.Close()
	m, received, err := c.ask(message{Do: "leave"})
	closeAll(received)
	if m.Error == "" { // it is gone, with or without a word
		return nil
	}
	return err
}
