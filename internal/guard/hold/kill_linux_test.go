package hold

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// kills is how many guards die, in worlds of their own.
func kills(t *testing.T, one func(t *testing.T, w *bench.World, before map[string]string, chance *rand.Rand)) {
	worlds, each := 4, 25
	if testing.Short() {
		each = 3
	}
	for world := range worlds {
		t.Run(fmt.Sprint(world), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			echo(t, w, web)
			c, err := dial(w, web)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			before := traces(t, w.Server)
			chance := rand.New(rand.NewPCG(uint64(world), 9293))
			for n := range each {
				one(t, w, before, chance)
				survives(t, w, c)
				if t.Failed() {
					t.Fatalf("kill %d of %d", n+1, each)
				}
			}
		})
	}
}

// survives wants the connection of before to live, and new ones to come.
func survives(t *testing.T, w *bench.World, c net.Conn) {
	t.Helper()
	if err := alive(c); err != nil {
		t.Error("the connection of before:", err)
	}
	served(t, w)
}

// anyMoment comes within the time that a step of a guard takes.
func anyMoment(chance *rand.Rand) <-chan time.Time {
	return time.After(time.Duration(chance.Int64N(int64(40 * time.Millisecond))))
}

// TestKilled: whenever a guard dies, a second later all is as it was.
func TestKilled(t *testing.T) {
	kills(t, func(t *testing.T, w *bench.World, before map[string]string, chance *rand.Rand) {
		o := newOther(t, w.Server, t.TempDir())
		o.say("cycle -1s " + web.String())
		for range chance.IntN(1 + len(cycle("", ""))) {
			if answer := o.hear(); answer != "ok" {
				t.Fatal(answer)
			}
		}
		<-anyMoment(chance)
		o.kill()
		t.Logf("put back in %v", same(t, w.Server, before))
		free(t, w.Server)
	})
}

// free waits until nobody holds the namespace.
func free(t testing.TB, n *lab.Namespace) {
	t.Helper()
	if err := n.Do(func() error {
		again := time.NewTicker(5 * time.Millisecond)
		defer again.Stop()
		for range 400 {
			h, err := Ask(context.Background())
			if err == nil && h == nil {
				return nil
			}
			<-again.C
		}
		return fmt.Errorf("somebody still holds the namespace")
	}); err != nil {
		t.Error(err)
	}
}

// killAndWait returns when nothing of the process is left that holds anything.
func killAndWait(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 5000); err != nil || n != 1 {
		t.Error("the process stays: ", err)
	}
}

// TestBothKilled: the programs go with the last of them, and revert knows the rest.
func TestBothKilled(t *testing.T) {
	kills(t, func(t *testing.T, w *bench.World, before map[string]string, chance *rand.Rand) {
		folder := t.TempDir()
		o := newOther(t, w.Server, folder)
		o.ok("begin -1s")
		reaper := o.reaper()
		o.say("arm " + web.String())
		o.say("set net.ipv4.tcp_syncookies=2 net.ipv4.tcp_synack_retries=2 net.core.somaxconn=8192")
		o.say("end")
		<-anyMoment(chance)
		if chance.IntN(2) == 0 { // so that the reaper dies at its work
			o.kill()
			<-time.After(time.Duration(chance.Int64N(int64(20 * time.Millisecond))))
		}
		killAndWait(t, reaper)
		o.kill()
		if err := w.Server.Do(func() error {
			hand, err := guard.NewHand(folder)
			if err != nil {
				return err
			}
			steps, err := guard.Status(hand)
			for _, s := range steps {
				if s.Now != apply.InForce && s.Now != apply.TakenOut || !s.Run || s.PID != o.cmd.Process.Pid {
					t.Errorf("status says %+v", s)
				}
			}
			if err == nil {
				_, err = guard.Revert(hand, false)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		same(t, w.Server, before)
	})
}
