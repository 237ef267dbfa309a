package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/kernel"
)

// cgroupID finds the number that the kernel knows a cgroup by.
func cgroupID(path string) (uint64, bool) { return kernel.Host.CgroupID(path) }

// eachNamespace runs visit inside every network namespace of the host, one after
// the other. One that cannot be entered is said and left out.
func eachNamespace(notes io.Writer, visit func(netns string) error) error {
	namespaces, err := kernel.Host.NetNamespaces()
	if err != nil {
		return err
	}
	closed := 0
	for _, n := range namespaces {
		entered, err := inNamespace(n.Path, func() error { return visit(n.Inode) })
		if !entered {
			if !errors.Is(err, fs.ErrNotExist) { // else it ended meanwhile
				closed++
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	if closed > 0 {
		fmt.Fprintf(notes, "synoptic: %d of %d network namespaces could not be entered (needs CAP_SYS_ADMIN)\n", closed, len(namespaces))
	}
	return nil
}

// inNamespace runs f on a thread of its own in the namespace. The thread is not
// used again.
func inNamespace(path string, f func() error) (entered bool, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if runtime.LockOSThread(); unix.Gettid() == unix.Getpid() {
			defer runtime.UnlockOSThread() // the main thread stays where it is
			entered, err = inNamespace(path, f)
			return
		}
		var file *os.File
		if file, err = os.Open(path); err != nil {
			return
		}
		defer file.Close()
		if err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			return
		}
		entered, err = true, f()
	}()
	<-done
	return entered, err
}
