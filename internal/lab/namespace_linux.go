package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace of our own, held by one thread and one
// descriptor and by no name. Work is done in it through Do.
type Namespace struct {
	Name string // for messages only
	id   string // as the link of /proc/PID/ns/net names it
	file *os.File
	work chan func()
}

// NewNamespace creates an empty network namespace with its loopback up.
func NewNamespace(name string) (*Namespace, error) {
	n := &Namespace{Name: name, work: make(chan func())}
	ready := make(chan error)
	go n.live(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("lab: create network namespace %s: %w%s", name, err, refused(err))
	}
	if err := n.prepare(); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// refused says what a person can do about it.
func refused(err error) string {
	switch {
	case errors.Is(err, unix.ENOSPC):
		return " (the limit user.max_net_namespaces is reached)"
	case errors.Is(err, unix.EPERM):
		return " (it needs CAP_SYS_ADMIN, or unprivileged user namespaces)"
	default:
		return ""
	}
}

// prepare makes the namespace answer at once: duplicate address detection
// would keep IPv6 silent for two seconds on every new link.
func (n *Namespace) prepare() error {
	for _, scope := range []string{"all", "default"} {
		if err := n.Set("net.ipv6.conf."+scope+".accept_dad", "0"); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := n.Do(func() error { return setUp("lo") }); err != nil {
		return fmt.Errorf("lab: loopback of %s: %w", n.Name, err)
	}
	return nil
}

// live owns the thread of the namespace. It never unlocks it, so that the
// runtime ends the thread, and with it our hold, when it returns.
func (n *Namespace) live(ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		n.leaveMainThread(ready)
		return
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		ready <- err
		return
	}
	file, err := os.Open("/proc/thread-self/ns/net")
	n.file = file
	if err == nil {
		n.id, err = os.Readlink("/proc/thread-self/ns/net")
	}
	ready <- err
	if err != nil {
		return
	}
	for do := range n.work {
		do()
	}
}

// leaveMainThread starts over on another thread: /proc/self is the main
// thread's view, and must stay where the process began.
func (n *Namespace) leaveMainThread(ready chan<- error) {
	defer runtime.UnlockOSThread()
	begun := make(chan error)
	go n.live(begun) // cannot land here: this thread is locked until it has answered
	ready <- <-begun
}

// Do runs f on the namespace's own thread and returns its error. Sockets that
// f opens belong to the namespace for life; f must not start goroutines that
// open sockets.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error)
	n.work <- func() { done <- f() }
	return <-done
}

// Close lets go of the namespace. The kernel removes it, with its links, rules
// and settings, as soon as no socket holds it.
func (n *Namespace) Close() error {
	close(n.work)
	return n.file.Close()
}

// Path returns where other processes find the namespace, as for nsenter.
func (n *Namespace) Path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.file.Fd()) }

// Set writes a per-namespace setting, by its sysctl name, and fails when the
// kernel does not keep the value.
func (n *Namespace) Set(name, value string) error {
	path := filepath.Join("/proc/sys", strings.ReplaceAll(name, ".", "/"))
	return n.Do(func() error {
		if err := os.WriteFile(path, []byte(value), 0); err != nil {
			return fmt.Errorf("lab: set %s=%s in %s: %w", name, value, n.Name, err)
		}
		return nil
	})
}
