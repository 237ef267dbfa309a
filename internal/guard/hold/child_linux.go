package hold

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// child is the reaper as its parent sees it.
type child struct {
	channel
	pid     int
	process *os.Process
	exited  chan struct{}
}

// start makes a reaper, and waits until it listens.
func start(c charge, l *net.UnixListener) (*child, error) {
	r, err := spawn(c, l)
	if err != nil {
		return nil, err
	}
	if err := r.first(); err != nil {
		r.giveUp()
		return nil, err
	}
	return r, nil
}

// spawn makes a reaper, in the network namespace of the calling thread. It shares
// the name, unless l is nil.
func spawn(c charge, l *net.UnixListener) (*child, error) {
	c.Named = l != nil
	given, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	near, far, err := pair()
	if err != nil {
		return nil, err
	}
	r := &child{channel: near, exited: make(chan struct{})}
	r.pid, err = beget(string(given), far, l)
	unix.Close(far) // so that its end is seen
	if err == nil {
		r.process, err = os.FindProcess(r.pid)
	}
	if err != nil {
		near.Close()
		return nil, fmt.Errorf("%w: it cannot be started: %w", errGone, err)
	}
	go func() {
		defer close(r.exited)
		_, _ = r.process.Wait() // what became of it, its answers tell
	}()
	return r, nil
}

// beget starts this program once more, also where its file was replaced by a newer
// one. No signal of a terminal reaches the child.
func beget(given string, channel int, l *net.UnixListener) (pid int, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	files := []uintptr{null.Fd(), null.Fd(), null.Fd(), uintptr(channel)}
	if l != nil {
		name, err := duplicate(l)
		if err != nil {
			return 0, err
		}
		defer unix.Close(name)
		files = append(files, uintptr(name))
	}
	return syscall.ForkExec("/proc/self/exe", []string{"synoptic", "guard", "reaper"}, &syscall.ProcAttr{
		Dir: "/", Env: append(os.Environ(), variable+"="+given), Files: files, Sys: &syscall.SysProcAttr{Setsid: true},
	})
}

// first waits for its first word.
func (r *child) first() error {
	err := r.SetReadDeadline(deadline())
	if err == nil {
		_, _, err = r.receive()
	}
	if err != nil {
		return fmt.Errorf("%w: it does not begin: %w", errGone, err)
	}
	return nil
}

// giveUp ends a reaper that does not answer: should it wake up, it must not take
// the end of the channel for that of the guard.
func (r *child) giveUp() {
	_ = r.process.Kill() // it may be gone already
	<-r.exited
	r.Close()
}

// errGone says that there is no reaper at the other end.
var errGone = errors.New("guard: the reaper is gone")

// tell gives an order and waits until it is obeyed. The error is errGone where
// nobody obeys.
func (r *child) tell(order string) (message, error) {
	m, received, err := r.ask(message{Do: order})
	closeAll(received)
	if err != nil && m.Error == "" {
		err = fmt.Errorf("%w: it was process %d: %w", errGone, r.pid, err)
	}
	return m, err
}

// hold gives it the kernel's objects of a guard.
func (r *child) hold(g *bpf.Guard) error {
	handles, err := g.Handles()
	if err != nil {
		return err
	}
	return r.given(handles)
}

func (r *child) given(handles []bpf.Handle) error {
	names, descriptors := namesOf(handles)
	_, received, err := r.ask(message{Do: "hold", Names: names}, descriptors...)
	closeAll(received)
	return err
}

func (r *child) alive() bool {
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}
