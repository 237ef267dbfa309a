package hold

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// TestMayGuard: what the status of a process says of its capabilities.
func TestMayGuard(t *testing.T) {
	for status, want := range map[string]bool{
		"Name:\tx\nCapEff:\t000001ffffffffff\n":       true,
		"CapEff:\t0000008000001000\n":                 true,  // CAP_NET_ADMIN, CAP_BPF
		"CapEff:\t0000000000201000\n":                 true,  // CAP_NET_ADMIN, CAP_SYS_ADMIN
		"CapEff:\t0000000000001000\n":                 false, // CAP_NET_ADMIN
		"CapEff:\t0000008000200000\n":                 false, // CAP_BPF, CAP_SYS_ADMIN
		"CapEff:\t00000000a80425fb\n":                 false, // of a container
		"CapPrm:\t000001ffffffffff\nCapEff:\t0\n":     false,
		"CapEff:\tall\n":                              false,
		"":                                            false,
		"Name:\tCapEff:\t000001ffffffffff\nUid:\t0\n": false,
	} {
		if mayGuard(status) != want {
			t.Errorf("%q: not %v", status, want)
		}
	}
}

// feeble starts a process that is root in the server's network namespace, without
// CAP_NET_ADMIN.
func feeble(t *testing.T, w *bench.World) *other {
	return newOtherBy(t, func(start func() error) error {
		begun := make(chan error)
		go func() { // its thread ends with it
			runtime.LockOSThread()
			home, err := os.Open(w.Server.Path())
			if err == nil {
				defer home.Close()
				err = unix.Setns(int(home.Fd()), unix.CLONE_NEWNET)
			}
			if err == nil {
				err = unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_NET_ADMIN, 0, 0, 0)
			}
			if err == nil {
				err = start()
			}
			begun <- err
		}()
		return <-begun
	}, t.TempDir())
}

// elsewhere starts one that is root in a user namespace of its own, with all
// capabilities there.
func elsewhere(t *testing.T, w *bench.World) *other {
	same := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
	return newOtherBy(t, w.Server.Do, t.TempDir(), func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: same, GidMappings: same}
	})
}

// TestRootOfAContainer: user 0 alone is not obeyed, and what it holds is not taken
// for a guard.
func TestRootOfAContainer(t *testing.T) {
	w := newWorld(t)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s")
	now := traces(t, w.Server)
	for name, start := range map[string]func(*testing.T, *bench.World) *other{"feeble": feeble, "elsewhere": elsewhere} {
		stranger := start(t, w)
		stranger.ok("who")
		for _, order := range []string{"take", "leave"} {
			if answer := stranger.do(order); answer != "error: "+refusal {
				t.Errorf("%s: %s: %s", name, order, answer)
			}
		}
		stranger.kill()
	}
	same(t, w.Server, now)
	o.ok("end")
	free(t, w.Server)
	squatter := feeble(t, w)
	squatter.ok("squat")
	if answer := o.do("begin"); !strings.Contains(answer, "is taken by a process of user 0 (pid ") || strings.Contains(answer, "//") {
		t.Error(answer)
	}
	squatter.kill()
	same(t, w.Server, before)
}
