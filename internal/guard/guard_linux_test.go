package guard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

func TestMain(m *testing.M) {
	actor.Main()
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// world plays a scenario and hands over the host that is looked at.
func world(t *testing.T, name string) (*lab.World, *lab.Host) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	w := lab.NewWorld(ctx)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	s, ok := scenario.Find(name)
	if !ok {
		t.Fatal("no scenario ", name)
	}
	if s.Build(w); w.Err() != nil {
		t.Fatal(w.Err())
	}
	return w, w.Find(s.At)
}

// looked plans from a look of a host as it is.
func looked(t *testing.T, w *lab.World, at *lab.Host) Ladder {
	t.Helper()
	var b *evidence.Bundle
	if err := at.Do(func() (err error) {
		b, err = collect.Run(w.Context, collect.Options{Window: 2 * time.Second})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return planOf(b)
}

// traces is all that a change could leave a trace in.
func traces(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir("/proc/sys/net", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, "/nf_conntrack_count") {
			text, _ := os.ReadFile(path) // what cannot be read was not changed through this name
			all[path] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for _, words := range []string{"ip -d link", "ip addr", "ip route show table all"} {
		out, err := exec.Command("ip", strings.Fields(words)[1:]...).CombinedOutput()
		if err != nil && !errors.Is(err, exec.ErrNotFound) {
			t.Errorf("%s: %v %s", words, err, out)
		}
		all[words] = string(out)
	}
	return all
}

// TestLookAlikesLive: the worlds in which a defence would only do harm.
func TestLookAlikesLive(t *testing.T) {
	for name, cause := range map[string]diagnose.Cause{"accept-stalled": "accept-stalled", "synack-blocked-here": "synack-blocked-here"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they mostly wait
			w, at := world(t, name)
			if l := looked(t, w, at); l.Instead == nil || l.Instead.Cause != cause || len(l.Plan.Changes) > 0 {
				t.Errorf("because of %+v it proposes %v", l.Instead, proposed(l))
			}
		})
	}
}

// TestFloodAppliedAndReverted: the plan goes against the flood, status knows, and
// nothing of it remains.
func TestFloodAppliedAndReverted(t *testing.T) {
	w, at := world(t, "syn-flood-cookies-off")
	l := looked(t, w, at)
	if l.Flood == nil || len(l.Plan.Changes) < 2 {
		t.Fatalf("%+v proposes %v", l.Flood, proposed(l))
	}
	if err := at.Do(func() error { roundTrip(t, l, t.TempDir()); return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestFloodMetByXDP: a flood calls for the second rung by itself, on each address
// of a listener that takes all.
func TestFloodMetByXDP(t *testing.T) {
	needXDP(t)
	w, at := world(t, "syn-flood-cookies-off")
	err := at.Do(func() error {
		if err := privateBPF(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return err
		}
		b, err := collect.Run(w.Context, collect.Options{Window: 2 * time.Second})
		if err != nil {
			return err
		}
		l := planOf(b)
		if err := l.Climb(b, Wish{Interface: "eth0"}); err != nil || len(l.Plan.Changes) != 3 {
			t.Error(err, proposed(l), l.Hints)
			return nil
		}
		if c := l.Plan.Changes[2]; c.To != "armed 192.0.2.2:80 [2001:db8::2]:80" || c.Preventive {
			t.Errorf("%+v", c)
		}
		roundTrip(t, l, t.TempDir())
		if err := unix.Unmount(bpfFolder, 0); err != nil {
			return err
		}
		again := planOf(b)
		if err := again.Climb(b, Wish{}); err != nil || len(again.Plan.Changes) != 2 || len(again.Hints) != len(l.Hints)+1 {
			t.Error("where it cannot be pinned, and nobody asks for it, it is a hint:", err, proposed(again), again.Hints)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// roundTrip applies a plan, looks and reverts, on the thread of a namespace.
func roundTrip(t *testing.T, l Ladder, folder string) {
	t.Helper()
	before := traces(t)
	h, err := NewHand(folder)
	if err != nil {
		t.Error(err)
		return
	}
	if _, err := h.Apply(l.Plan); err != nil {
		t.Error(err)
		return
	}
	if again, err := h.Apply(l.Plan); err == nil && again.ID != "" {
		t.Error("said twice, it was done twice")
	}
	if maps.Equal(before, traces(t)) {
		t.Error("nothing was changed")
	}
	steps, err := Status(h)
	if err != nil || len(steps) != len(l.Plan.Changes) {
		t.Error(err, steps)
	}
	for _, s := range steps {
		if s.Now != apply.InForce || s.Held != s.To {
			t.Errorf("%+v", s)
		}
	}
	if done, err := Revert(h, false); err != nil || len(done) != 1 {
		t.Error(err, done)
	}
	if diff := cmp.Diff(before, traces(t)); diff != "" {
		t.Error("reverted, it is not as it was:", diff)
	}
	if done, err := Revert(h, false); err != nil || len(done) != 0 {
		t.Error("reverted twice:", err, done)
	}
}

// TestSomebodyElseSetIt: a third value is said by status, and not overwritten.
func TestSomebodyElseSetIt(t *testing.T) {
	n, err := lab.NewNamespace("guard")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	b := recorded(t, "idle")
	b.Settings = map[string]string{cookies: "1", retries: "5"}
	l := planOf(b)
	err = n.Do(func() error {
		h, err := NewHand(t.TempDir())
		if err != nil {
			return err
		}
		if _, err := h.Apply(l.Plan); err != nil {
			return err
		}
		if err := os.WriteFile("/proc/sys/net/ipv4/tcp_synack_retries", []byte("4\n"), 0); err != nil {
			return err
		}
		if steps, err := Status(h); err != nil || len(steps) != 1 || steps[0].Now != apply.Altered || steps[0].Held != "4" {
			t.Error(err, steps)
		}
		changed := new(apply.ChangedError)
		if done, err := Revert(h, false); !errors.As(err, &changed) || len(done) != 0 || strings.Contains(err.Error(), "\n") {
			t.Error(err, done)
		}
		done, err := Revert(h, true)
		if value, _ := os.ReadFile("/proc/sys/net/ipv4/tcp_synack_retries"); err != nil || len(done) != 1 || string(value) != "5\n" {
			t.Errorf("%v %v %q", err, done, value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
