package hold

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestDue: another reaper at once, then less and less often, and at once again after
// one that lived.
func TestDue(t *testing.T) {
	a, now := awaited{}, time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	for n, step := range []struct {
		after time.Duration // the last one began
		want  bool
	}{
		{0, true}, {900 * time.Millisecond, false}, {time.Second, true}, {time.Second, false}, {2 * time.Second, true},
		{4 * time.Second, true}, {8 * time.Second, true}, {16 * time.Second, true}, {32 * time.Second, true},
		{59 * time.Second, false}, {time.Minute, true}, {59 * time.Second, false}, {time.Hour, true}, {time.Second, true},
	} {
		if !a.begun.IsZero() {
			now = a.begun.Add(step.after)
		}
		if a.due(now) != step.want {
			t.Errorf("%d: after %v it is not %v", n, step.after, step.want)
		}
	}
	a.child = &child{}
	if a.due(now.Add(time.Hour)) {
		t.Error("another one, while one is on its way")
	}
}

// TestReaperSlow: the guard beats on while another reaper takes its time to begin,
// and gives it up where it ends before.
func TestReaperSlow(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	pipe := filepath.Join(t.TempDir(), "wait")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(o *other){
		func(o *other) { o.ok("quick", "end") },
		func(o *other) {
			old := o.reaper()
			if err := os.WriteFile(pipe, nil, 0); err != nil { // it waits for the reader
				t.Fatal(err)
			}
			again := time.NewTicker(5 * time.Millisecond)
			defer again.Stop()
			for late := time.Now().Add(10 * time.Second); o.reaper() == old; <-again.C {
				if time.Now().After(late) {
					t.Fatal("no other reaper came")
				}
			}
			o.kill()
		},
	} {
		o := newOther(t, w.Server, t.TempDir())
		o.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2", "slow "+pipe)
		old := o.reaper()
		killAndWait(t, old)
		again := time.NewTicker(5 * time.Millisecond)
		for range 20 {
			o.ok("beat")
			<-again.C
		}
		again.Stop()
		o.ok("arm " + web.String())
		if o.reaper() != old {
			t.Error("it began without being let")
		}
		end(o)
		same(t, w.Server, before)
		free(t, w.Server)
	}
}
