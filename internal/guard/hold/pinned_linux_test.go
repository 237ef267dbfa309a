package hold

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

const bpfFolder = "/sys/fs/bpf"

// onServer runs f on a thread in the server's network namespace, with a BPF
// filesystem of its own.
func onServer(t *testing.T, w *bench.World, f func() error) {
	t.Helper()
	home, err := os.Open(w.Server.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespaces
		for _, err := range []error{
			unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS),
			unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
			unix.Mount("bpf", bpfFolder, "bpf", 0, ""),
			unix.Setns(int(home.Fd()), unix.CLONE_NEWNET),
		} {
			if err != nil {
				done <- err
				return
			}
		}
		done <- f()
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// pinned applies what "guard apply --xdp" would.
func pinned(folder string) error {
	hand, err := guard.NewHand(folder)
	if err != nil {
		return err
	}
	c := diagnose.Change{Kind: diagnose.ChangeXDP, Target: wire, To: "armed " + web.String()}
	_, err = hand.Apply(remedy.Plan{Remedy: guard.Name, Changes: []remedy.Change{{ID: "xdp", Change: c}}})
	return err
}

// reverted does what "guard revert" would.
func reverted(folder string, grace time.Duration) (until time.Time, err error) {
	claim, err := NewClaim(context.Background(), grace)
	if err != nil {
		return until, err
	}
	defer claim.Release()
	hand, err := guard.LingeringHand(folder, claim.Linger)
	if err != nil {
		return until, err
	}
	_, err = guard.Revert(hand, false)
	return claim.Until(), err
}

// TestPinnedReverted: the SYN path goes at once, the path of ACKs when the last of
// them is due, and then all is as it was.
func TestPinnedReverted(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	folder := t.TempDir()
	onServer(t, w, func() error {
		if err := pinned(folder); err != nil {
			return err
		}
		acks := traces(t, w.Server)["tcx"]
		c, letGo := halfway(t, w)
		until, err := reverted(folder, bpf.AcksStay)
		if left := time.Until(until); err != nil || left < 50*time.Second || left > bpf.AcksStay {
			t.Error(err, left)
		}
		now := traces(t, w.Server)
		if now["xdp"] != before["xdp"] || now["tcx"] != acks {
			t.Error("on the interface are ", now["xdp"], now["tcx"])
		}
		letGo()
		if err := alive(c); err != nil {
			t.Error(err)
		}
		if h, err := Ask(context.Background()); err != nil || h == nil || h.State != Grace || h.PID != os.Getpid() {
			t.Errorf("%+v %v", h, err)
		}
		if err := Leave(context.Background()); err != nil {
			t.Error(err)
		}
		same(t, w.Server, before)
		return nil
	})
}

// TestPinnedRevertedInTime: the grace ends by itself; nothing is pinned meanwhile.
func TestPinnedRevertedInTime(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	folder := t.TempDir()
	onServer(t, w, func() error {
		for range 2 { // the second guard comes in the grace of the first
			if err := pinned(folder); err != nil {
				return err
			}
			served(t, w)
			if _, err := reverted(folder, 300*time.Millisecond); err != nil {
				return err
			}
			if left, err := filepath.Glob(bpfFolder + "/synoptic*"); err != nil || len(left) > 0 {
				t.Error("still pinned: ", left, err)
			}
			served(t, w)
		}
		free(t, w.Server)
		same(t, w.Server, before)
		return Leave(context.Background())
	})
}

// TestNoTwo: what is done by hand and a guard that runs keep out of each other's
// way, and say so.
func TestNoTwo(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	folder := t.TempDir()
	onServer(t, w, func() error {
		o := newOtherBy(t, func(f func() error) error { return f() }, t.TempDir())
		claim, err := NewClaim(context.Background(), 0)
		if err != nil {
			return err
		}
		if answer := o.do("replace"); !strings.Contains(answer, "another synoptic changes this network namespace now (pid ") {
			t.Error(answer)
		}
		claim.Release()
		o.ok("begin -1s", "arm "+web.String())
		if _, err := reverted(folder, 0); err == nil || !strings.Contains(err.Error(), "a guard runs in this network namespace (pid ") {
			t.Error(err)
		}
		o.ok("end")
		if err := pinned(folder); err != nil {
			return err
		}
		if answer := o.do("begin"); !strings.Contains(answer, "\"synoptic guard revert\" first") || strings.Contains(answer, "//") {
			t.Error(answer)
		}
		free(t, w.Server)
		hand, err := guard.NewHand(folder)
		if err != nil {
			return err
		}
		if steps, err := guard.Status(hand); err != nil || len(steps) != 1 || steps[0].Now != apply.InForce || steps[0].Run {
			t.Error(err, steps)
		}
		_, err = reverted(folder, 0)
		return err
	})
	same(t, w.Server, before)
}
