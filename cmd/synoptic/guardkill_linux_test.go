package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// inServer runs the program in the server's namespace.
func inServer(t *testing.T, w *bench.World, args ...string) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out []byte
	if err := w.Server.Do(func() (err error) { out, err = cmd.CombinedOutput(); return err }); err != nil {
		t.Errorf("%v: %v %s", args, err, out)
	}
	return string(out)
}

// guardStatusLine is what scripts rely on of the status.
type guardStatusLine struct {
	Guard struct {
		State, Until string
		PID, Reaper  int
	}
	Changes []struct{ Target, Held, Status string }
}

func statusIn(t *testing.T, w *bench.World, folder string) (s guardStatusLine) {
	t.Helper()
	out := inServer(t, w, "guard", "status", "--journal", folder, "-o", "json")
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return s
}

// untilState waits for a state of the guard, for a second at most.
func untilState(t *testing.T, w *bench.World, folder, state string) (s guardStatusLine) {
	t.Helper()
	for end := time.Now().Add(time.Second); ; {
		late := time.Now().After(end)
		if s = statusIn(t, w, folder); s.Guard.State == state {
			return s
		}
		if late {
			t.Errorf("the guard is %q, not %q", s.Guard.State, state)
			return s
		}
	}
}

// TestGuardRunKilled: in the middle of a flood. The host is as it was a second
// later, and what is left of the guard is said, and ends when it is told to.
func TestGuardRunKilled(t *testing.T) {
	w := floodWorld(t)
	folder := t.TempDir()
	if err := w.Server.Set("net.core.somaxconn", "1024"); err != nil {
		t.Fatal(err)
	}
	d := bench.Custom("killed", "synoptic guard run, killed", "0", func(w *bench.World) (func() error, error) {
		r := guardWith(t, w, folder)
		r.until(t, "setting", 20*time.Second)
		return func() error {
			r.until(t, "verified", 10*time.Second)
			if s := statusIn(t, w, folder); s.Guard.State != "running" || s.Guard.PID != r.cmd.Process.Pid || len(s.Changes) == 0 {
				t.Errorf("status says %+v", s)
			}
			return r.cmd.Process.Kill()
		}, nil
	})
	if _, err := w.Serve(&d, bench.Load{SYNs: 20_000, Clients: 200, Rate: 100}); err != nil {
		t.Fatal(err)
	}
	if s := untilState(t, w, folder, "grace"); len(s.Changes) != 0 || s.Guard.Until == "" {
		t.Errorf("status says %+v", s)
	}
	bare(t, w, time.Second)
	if said := inServer(t, w, "guard", "revert", "--now", "--journal", folder); !strings.Contains(said, "has changed nothing") {
		t.Error(said)
	}
	untilState(t, w, folder, "none")
}

// TestGuardRunKilledWithItsReaper: status says that it died and what stands, and
// revert is exact.
func TestGuardRunKilledWithItsReaper(t *testing.T) {
	w := floodWorld(t)
	folder := t.TempDir()
	if err := w.Server.Set("net.ipv4.tcp_syncookies", "0"); err != nil {
		t.Fatal(err)
	}
	r := guardWith(t, w, folder)
	r.until(t, "setting", 20*time.Second)
	reaper := statusIn(t, w, folder).Guard.Reaper
	if reaper < 2 {
		t.Fatal("no reaper: ", reaper)
	}
	for _, pid := range []int{reaper, r.cmd.Process.Pid} {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	_ = r.cmd.Wait() // killed
	s := untilState(t, w, folder, "died")
	if s.Guard.PID != r.cmd.Process.Pid || len(s.Changes) != 1 || s.Changes[0].Held != "1" || s.Changes[0].Status != "in-force" {
		t.Errorf("status says %+v", s)
	}
	if said := inServer(t, w, "guard", "status", "--journal", folder); !strings.Contains(said, "died, and its reaper with it") {
		t.Error(said)
	}
	inServer(t, w, "guard", "revert", "--journal", folder)
	bare(t, w, time.Second)
	untilState(t, w, folder, "none")
}
