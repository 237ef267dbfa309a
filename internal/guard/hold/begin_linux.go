package hold

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard"
)

// Begin makes the calling process the guard of the calling thread's network
// namespace: it takes the namespace's lock, attaches the programs to the
// interfaces, disarmed, and starts a reaper. Where a guard ended a moment ago, or
// with Replace where one runs, it goes on with what is armed there, its keys and
// its counters, and keeps the journals where they are. What a guard that died left
// in them is taken back at the end of this one. The context limits the waiting for
// others; the session outlives it. A HeldError says that another guard runs.
func Begin(ctx context.Context, o Options) (*Session, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t, err := newThread()
	if err != nil {
		return nil, err
	}
	s := &Session{options: o, thread: t, handed: make(chan struct{})}
	s.mu.Lock() // who wants to take its place waits until it has one
	defer s.mu.Unlock()
	if err := t.do(func() error { return s.begin(ctx) }); err != nil {
		s.over = ErrEnded
		t.end()
		return nil, err
	}
	s.view.Lock()
	defer s.view.Unlock()
	s.holder.State = Running
	return s, nil
}

func (s *Session) begin(ctx context.Context) (err error) {
	old, err := s.lock(ctx)
	if err != nil {
		return err
	}
	s.holder = Holder{State: Beginning, PID: os.Getpid(), Interfaces: slices.Clone(s.options.Interfaces), Since: time.Now().UTC()}
	if s.took = old != nil; s.took {
		s.listener, s.guard = old.listener, old.guard
		s.options.State = cmp.Or(old.folder, s.options.State)
		s.holder.Interfaces = append(s.holder.Interfaces, old.holder.Interfaces...)
		slices.Sort(s.holder.Interfaces)
		s.holder.Interfaces = slices.Compact(s.holder.Interfaces)
	}
	s.holder.Folder = s.options.State
	s.answer() // before anything else: who wonders whether to put everything back asks here
	if err := s.setUp(s.took); err != nil {
		return errors.Join(err, s.abandon(old))
	}
	if s.took {
		old.taken()
		_, err = s.reaper.tell("resume")
	}
	return err
}

// lock takes the name, or everything from its holder.
func (s *Session) lock(ctx context.Context) (old *legacy, err error) {
	err = again(ctx, func() (done bool, err error) {
		if s.listener, err = listen(); !errors.Is(err, unix.EADDRINUSE) {
			return true, err
		}
		old, err = s.succeed(ctx)
		return !errors.Is(err, errFree), err
	})
	return old, err
}

// succeed takes everything from the holder, if it may.
func (s *Session) succeed(ctx context.Context) (*legacy, error) {
	c, peer, err := call(ctx)
	if err != nil {
		return nil, err
	}
	h, err := c.who(int(peer.Pid), silence)
	if err != nil {
		c.Close()
		return nil, err
	}
	switch {
	case h.State == Beginning && s.options.Replace: // in a moment there is something to take
		c.Close()
		return nil, errFree
	case h.runs() && !s.options.Replace, h.State == Changing, h.State == Silent:
		c.Close()
		return nil, &HeldError{*h}
	}
	if _, err := entitled(c.UnixConn); err != nil {
		c.Close()
		if errors.Is(err, errLeft) { // another one listens there by now
			return nil, errFree
		}
		return nil, fmt.Errorf("the guard that runs here (pid %d) cannot be replaced from here: %w", h.PID, err)
	}
	old, err := inherit(c)
	switch other := errors.Is(err, bpf.ErrOtherVersion); {
	case other && h.runs():
		err = fmt.Errorf("the guard that runs here (pid %d) cannot be replaced, end it first: %w", h.PID, err)
	case other: // nothing of it is worth waiting for
		err = errors.Join(errFree, Leave(ctx))
	}
	return old, err
}

// setUp begins with what there is.
func (s *Session) setUp(handing bool) (err error) {
	if s.hand, err = guard.NewHand(s.options.State); err != nil {
		return err
	}
	links, err := s.find()
	if err != nil {
		return err
	}
	if err = s.watch(handing); err != nil { // before there is anything to lose
		return err
	}
	if s.guard == nil {
		s.guard, err = bpf.OpenGuard()
	} else {
		err = s.guard.Renew() // an upgrade is one of the programs, too
	}
	if err != nil {
		return err
	}
	if err = s.guard.Lease(s.options.Lease); err != nil {
		return err
	}
	for _, l := range links {
		if err = s.attach(l.Attrs().Name, l.Attrs().Index); err != nil {
			return err
		}
	}
	return s.reaper.hold(s.guard)
}

// find looks for the interfaces, and learns their MTU.
func (s *Session) find() (links []netlink.Link, err error) {
	s.mtu = math.MaxInt
	for _, name := range s.options.Interfaces {
		l, err := netlink.LinkByName(name)
		if missing := new(netlink.LinkNotFoundError); errors.As(err, missing) {
			return nil, fmt.Errorf("guard: there is no interface %q", name)
		}
		if err != nil {
			return nil, fmt.Errorf("guard: interface %q: %w", name, err)
		}
		s.mtu = min(s.mtu, l.Attrs().MTU)
		links = append(links, l)
	}
	return links, nil
}

// attach puts the guard on an interface, native where its driver can.
func (s *Session) attach(name string, index int) error {
	if _, attached, err := s.guard.AttachedTo(index); attached || err != nil {
		return err
	}
	err := s.guard.Attach(index, bpf.Native)
	if errors.Is(err, bpf.ErrNoNative) {
		err = s.guard.Attach(index, bpf.Generic)
	}
	if _, pinned := guard.ModeOn(name); errors.Is(err, bpf.ErrOccupied) && pinned == nil {
		err = fmt.Errorf("guard: %s: \"synoptic guard apply\" has attached a guard there: \"synoptic guard revert\" first", name)
	}
	return err
}

// abandon leaves everything as it was found.
func (s *Session) abandon(old *legacy) error {
	s.listener.Close()
	var errs []error
	if s.guard != nil {
		errs = append(errs, s.guard.Close())
	}
	if s.reaper != nil {
		_, err := s.reaper.tell("leave")
		errs = append(errs, err, s.reaper.Close())
	}
	if old != nil {
		errs = append(errs, old.from.Close())
	}
	return errors.Join(errs...)
}
