package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/kernel"
)

// cgroupID finds the number that the kernel knows a cgroup by.
func cgroupID(path string) (uint64, bool) { return kernel.Host.CgroupID(path) }

// eachNamespace runs visit inside every network namespace of the host, one after
// the other. One that cannot be entered is said and left out.
func eachNamespace(notes notes, visit func(netns string) error) error {
	namespaces, err := kernel.Host.NetNamespaces()
	if err != nil {
		return err
	}
	closed := 0
	for i, n := range namespaces {
		entered, err := inside(i, n, func() error { return visit(n.Inode) })
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
		notes.say("%d of %d network namespaces could not be entered (needs CAP_SYS_ADMIN)", closed, len(namespaces))
	}
	return nil
}

// inside runs f in the i-th of all namespaces. The first one is ours: to stay there
// takes no right.
func inside(i int, n kernel.NetNS, f func() error) (entered bool, err error) {
	if i == 0 {
		return true, f()
	}
	return inNamespace(n.Path, f)
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

// lookEverywhere looks at every network namespace for the same window. Those
// that cannot be entered, or end meanwhile, are left out; the first is said.
func lookEverywhere(cmd *cobra.Command, window time.Duration) (*evidence.Bundle, error) {
	namespaces, err := kernel.Host.NetNamespaces()
	if err != nil {
		return nil, err
	}
	seen := make([]*evidence.Bundle, len(namespaces))
	closed := make([]bool, len(namespaces))
	errs := make([]error, len(namespaces))
	err = watched(cmd, window, func(ctx context.Context, progress func(time.Duration)) error {
		var looking sync.WaitGroup
		for i, n := range namespaces {
			looking.Go(func() {
				options := collect.Options{Window: window, Together: len(namespaces)}
				if i == 0 {
					options.Progress = progress
				}
				entered, err := inside(i, n, func() (err error) {
					seen[i], err = collect.Run(ctx, options)
					return err
				})
				closed[i], errs[i] = !entered && !errors.Is(err, fs.ErrNotExist), err
			})
		}
		looking.Wait()
		return errs[0]
	})
	if n := count(closed); n > 0 {
		notesOf(cmd).say("%d of %d network namespaces could not be entered (needs CAP_SYS_ADMIN)", n, len(namespaces))
	}
	if err != nil {
		return nil, err
	}
	seen[0].Namespaces = slices.DeleteFunc(seen[1:], func(b *evidence.Bundle) bool { return b == nil })
	return seen[0], nil
}

func count(list []bool) (n int) {
	for _, yes := range list {
		if yes {
			n++
		}
	}
	return n
}
