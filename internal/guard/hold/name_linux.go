package hold

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// name is that of the socket by which a guard holds its network namespace. Names
// in this form belong to the namespace, whatever the filesystems of those who use
// it, and go with their last holder.
const name = "@synoptic-guard"

// silence is how long a holder may think about who he is.
const silence = 2 * time.Second

// State is what the holder of a network namespace does.
type State string

// The states of a holder.
const (
	Beginning State = "beginning"
	Running   State = "running"
	Restoring State = "restoring" // the guard ended or died, and its reaper puts back what it changed
	Grace     State = "grace"     // all is put back, but ACKs of handshakes under way are taken
	Changing  State = "changing"  // "guard apply" or "guard revert" is at work
	Silent    State = "silent"    // it does not answer: it hangs, or was stopped
)

// Holder is who holds a network namespace.
type Holder struct {
	State      State            `json:"state"`
	PID        int              `json:"pid"` // of the guard, also when it died
	Reaper     int              `json:"reaper,omitempty"`
	Folder     string           `json:"folder,omitempty"` // of the journals
	Interfaces []string         `json:"interfaces,omitempty"`
	Armed      []netip.AddrPort `json:"armed,omitempty"`
	Since      time.Time        `json:"since,omitzero"`
	Until      time.Time        `json:"until,omitzero"` // the end of the grace
}

func (h *Holder) runs() bool { return h.State == Running || h.State == Beginning }

// HeldError says that somebody else holds the network namespace.
type HeldError struct{ Holder Holder }

// Error names the other and says what to do.
func (e *HeldError) Error() string {
	h := e.Holder
	switch h.State {
	case Changing:
		return fmt.Sprintf("another synoptic changes this network namespace now (pid %d): wait until it has ended", h.PID)
	case Restoring:
		return fmt.Sprintf("what the guard of pid %d changed is being put back: try again in a second", h.PID)
	case Silent:
		return fmt.Sprintf("a guard runs in this network namespace and does not answer (pid %d): kill it, and what it changed is put back", h.PID)
	}
	return fmt.Sprintf("a guard runs in this network namespace (pid %d, on %s): end it, and what it changed goes with it; \"synoptic guard run --replace\" takes its place",
		h.PID, strings.Join(h.Interfaces, ", "))
}

// errFree says that nobody holds the name.
var errFree = errors.New("guard: nobody holds this network namespace")

// listen takes the name, in the calling thread's network namespace.
func listen() (*net.UnixListener, error) {
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: name, Net: "unixpacket"})
	if err != nil && !errors.Is(err, unix.EADDRINUSE) {
		err = fmt.Errorf("guard: lock of this network namespace: %w", err)
	}
	return l, err
}

// listenerOf makes a listener of a descriptor, which it owns from now on. Nobody
// may wait at the same socket meanwhile: it does not return at once for a moment.
func listenerOf(fd int) (*net.UnixListener, error) {
	again := unix.Listen(fd, mostCallers) // so that callers are told this process
	file := os.NewFile(uintptr(fd), name)
	defer file.Close()
	l, err := net.FileListener(file)
	if err = errors.Join(again, err); err != nil {
		return nil, fmt.Errorf("guard: lock of this network namespace: %w", err)
	}
	u, ok := l.(*net.UnixListener)
	if !ok {
		l.Close()
		return nil, errors.New("guard: lock of this network namespace: it is no socket of this host")
	}
	return u, nil
}

// duplicate returns another descriptor of a listener, for another process. That of
// File would make the socket wait in accept, and Close with it.
func duplicate(l *net.UnixListener) (fd int, err error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("guard: lock of this network namespace: %w", err)
	}
	failed := raw.Control(func(of uintptr) { fd, err = unix.FcntlInt(of, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(failed, err); err != nil {
		return -1, fmt.Errorf("guard: lock of this network namespace: %w", err)
	}
	return fd, nil
}

// call reaches the holder. The error is errFree where there is none, and says who
// it is where it is nobody to trust. Where he has ended, the one who is about to
// listen in his place is waited for; if none comes, the silence of the name is seen.
func call(ctx context.Context) (c channel, who *unix.Ucred, err error) {
	patient := time.Now().Add(silence)
	err = again(ctx, func() (done bool, err error) {
		c, who, err = reach(ctx, time.Now().After(patient))
		return !errors.Is(err, unix.EAGAIN) && !errors.Is(err, errLeft), err
	})
	if errors.Is(err, unix.ECONNREFUSED) {
		err = errFree
	}
	return c, who, err
}

// reach tries once. The error is EAGAIN while the queue of the socket is full, and
// errLeft where whoever listened there is gone, unless left says that this is no matter.
func reach(ctx context.Context, left bool) (channel, *unix.Ucred, error) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unixpacket", name)
	if err != nil {
		return channel{}, nil, fmt.Errorf("guard: lock of this network namespace: %w", err)
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return channel{}, nil, errors.New("guard: lock of this network namespace: it is no socket of this host")
	}
	who, err := entitled(u)
	if errors.Is(err, errFeeble) {
		err = fmt.Errorf("guard: the name %s of this network namespace is taken by a process of user %d (pid %d) that %w: no guard can run until it ends", name, who.Uid, who.Pid, err)
	}
	mayTell := errors.Is(err, errUnseen) || left && errors.Is(err, errLeft) // who guards; nothing is taken from him
	if err != nil && !mayTell {
		u.Close()
		return channel{}, nil, err
	}
	return channel{u}, who, nil
}

// Ask returns who holds the calling thread's network namespace, nil when nobody
// does.
func Ask(ctx context.Context) (h *Holder, err error) {
	err = again(ctx, func() (done bool, err error) {
		c, who, err := call(ctx)
		if errors.Is(err, errFree) {
			return true, nil
		}
		if err != nil {
			return true, err
		}
		defer c.Close()
		h, err = c.who(int(who.Pid), silence)
		return !errors.Is(err, errFree), err
	})
	return h, err
}

// who asks who is at the other end. The error is errFree where he leaves instead.
func (c channel) who(pid int, patience time.Duration) (*Holder, error) {
	var m message
	err := errors.Join(c.SetReadDeadline(time.Now().Add(patience)), c.send(message{Do: "who"}))
	if err == nil {
		var received []int
		m, received, err = c.receive()
		closeAll(received)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Holder{State: Silent, PID: pid}, nil
	case err != nil: // he left while we asked
		return nil, fmt.Errorf("%w (pid %d did): %w", errFree, pid, err)
	case m.Holder == nil:
		return nil, fmt.Errorf("guard: the holder of this network namespace (pid %d) speaks another language: it is of another version", pid)
	}
	return m.Holder, nil
}
