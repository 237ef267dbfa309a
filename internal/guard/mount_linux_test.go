package guard

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/apply"
)

// TestMountedAndUnmounted: where no BPF filesystem is, it comes before the programs
// and goes behind them; but not while it holds what others pinned.
func TestMountedAndUnmounted(t *testing.T) {
	alone(t, func() {
		if err := unix.Unmount(bpfFolder, 0); err != nil {
			t.Fatal(err)
		}
		b := now(t)
		l := planOf(b)
		l.Plan.Changes = nil
		err := l.Climb(b, Wish{XDP: true, lasts: func() bool { return true }})
		if got := proposed(l); err != nil || !slices.Equal(got, []string{"/sys/fs/bpf=bpf", "eth0=disarmed"}) {
			t.Fatal(err, got)
		}
		roundTrip(t, l, t.TempDir())
		h, err := NewHand(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Apply(l.Plan); err != nil {
			t.Fatal(err)
		}
		theirs := bpfFolder + "/theirs"
		if err := os.Mkdir(theirs, 0o700); err != nil {
			t.Fatal(err)
		}
		changed := new(apply.ChangedError)
		if done, err := Revert(h, false); !errors.As(err, &changed) || len(done) != 0 || strings.Contains(err.Error(), "\n") {
			t.Error("unmounted under what somebody pinned:", err, done)
		}
		if err := os.Remove(theirs); err != nil {
			t.Fatal(err)
		}
		if done, err := Revert(h, false); err != nil || len(done) != 1 {
			t.Error(err, done)
		}
		if is, err := isBPF(bpfFolder); err != nil || is {
			t.Error("it is mounted still", err)
		}
	})
}

// TestMountsOfOurOwn: a thread in a mount namespace of its own leaves nothing, and
// who shares that of its parent does.
func TestMountsOfOurOwn(t *testing.T) {
	if !mountsLast() {
		t.Error("what is mounted here ends with this program, and its parent sees it")
	}
	alone(t, func() {
		if mountsLast() {
			t.Error("what is mounted here outlives this thread, and nobody else sees it")
		}
	})
}
