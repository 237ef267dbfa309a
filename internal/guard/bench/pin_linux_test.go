package bench

import (
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// privateBPF runs f on a thread that has a BPF filesystem of its own.
func privateBPF(t *testing.T, f func(folder string)) {
	t.Helper()
	folder := t.TempDir()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its mounts
		for _, err := range []error{
			unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS),
			unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
			unix.Mount("bpf", folder, "bpf", 0, ""),
		} {
			if err != nil {
				t.Error(err)
				return
			}
		}
		f(filepath.Join(folder, "guard"))
	}()
	<-done
}

// TestPinned: who pins and ends leaves the guard at work; who opens the pins goes
// on where it ended; who takes them away ends it.
func TestPinned(t *testing.T) {
	w := newWorld(t)
	s, err := w.serve(server4, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	bare := w.programs(t)
	privateBPF(t, func(folder string) {
		check := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		first, err := bpf.OpenGuard()
		if err != nil {
			t.Error(err)
			return
		}
		check(w.arm(first, bpf.Native))
		check(first.Pin(folder))
		if first.Pin(folder) == nil {
			t.Error("pinned over another guard")
		}
		check(first.Close())
		w.served(t, server4)
		second, err := bpf.OpenPinnedGuard(folder)
		if err != nil {
			t.Error(err)
			return
		}
		if armed := second.Armed(); !slices.Equal(armed, []netip.AddrPort{server4}) {
			t.Errorf("armed is %v", armed)
		}
		check(second.RotateKey())
		w.served(t, server4)
		if c, err := second.Counters(server4); err != nil || c.Accepted < 2 || c.Answered < 2 {
			t.Errorf("counted %+v (%v)", c, err)
		}
		check(second.Disarm(server4))
		w.served(t, server4)
		check(second.Unpin(folder))
		check(second.Unpin(folder))
		check(second.Close())
		w.served(t, server4)
		if has := w.programs(t); has != bare {
			t.Errorf("the interface had %s, and now has %s", bare, has)
		}
		if _, err := bpf.OpenPinnedGuard(folder); err == nil {
			t.Error("a guard was opened that is gone")
		}
	})
}
