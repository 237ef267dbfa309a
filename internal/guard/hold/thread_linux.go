package hold

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// thread does what must be done in one network namespace, from whatever goroutine
// it is asked.
type thread struct{ work chan func() }

// newThread returns a thread in the network namespace of the calling one.
func newThread() (*thread, error) {
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("guard: network namespace: %w", err)
	}
	defer home.Close()
	t := &thread{work: make(chan func())}
	ready := make(chan error)
	go t.live(home, ready)
	return t, <-ready
}

// live never unlocks the thread, so that it ends with its namespace.
func (t *thread) live(home *os.File, ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() { // /proc/self is its view: it stays where it is
		defer runtime.UnlockOSThread()
		begun := make(chan error)
		go t.live(home, begun)
		ready <- <-begun
		return
	}
	err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET)
	if err != nil && inside(home) {
		err = nil // no rights for it are needed where it is there already
	}
	ready <- err
	if err != nil {
		return
	}
	for do := range t.work {
		do()
	}
}

func inside(home *os.File) bool {
	var want, have unix.Stat_t
	return unix.Fstat(int(home.Fd()), &want) == nil && unix.Stat("/proc/thread-self/ns/net", &have) == nil && want.Ino == have.Ino
}

func (t *thread) do(f func() error) error {
	done := make(chan error)
	t.work <- func() { done <- f() }
	return <-done
}

func (t *thread) end() { close(t.work) }
