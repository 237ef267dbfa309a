package hold

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// ask returns who holds the server's namespace.
func ask(t *testing.T, w *bench.World) *Holder {
	t.Helper()
	var h *Holder
	if err := w.Server.Do(func() (err error) { h, err = Ask(context.Background()); return err }); err != nil {
		t.Error(err)
	}
	if h == nil {
		return &Holder{State: "free"}
	}
	return h
}

// TestOneAtATime: the second is told in one line who the first is.
func TestOneAtATime(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	first, second := newOther(t, w.Server, t.TempDir()), newOther(t, w.Server, t.TempDir())
	first.ok("begin -1s", "arm "+web.String())
	before := traces(t, w.Server)
	answer := second.do("begin")
	if !strings.Contains(answer, "a guard runs in this network namespace (pid ") || !strings.Contains(answer, "on wire0") || strings.Contains(answer, "//") {
		t.Error(answer)
	}
	same(t, w.Server, before)
	if h := ask(t, w); h.State != Running || h.PID != first.cmd.Process.Pid || len(h.Armed) != 1 || h.Armed[0] != web {
		t.Errorf("%+v", h)
	}
	first.ok("end")
	second.ok("begin -1s", "end")
}

// TestReplaced: the new guard has what the old one had, and the old one leaves
// nothing behind, whoever dies on the way.
func TestReplaced(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	first, second := newOther(t, w.Server, t.TempDir()), newOther(t, w.Server, t.TempDir()) // journals stay where they are
	first.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2", "arm "+web.String())
	served(t, w)
	now := traces(t, w.Server)
	first.say("handed")
	second.ok("replace -1s")
	if answer := first.hear(); answer != "ok" {
		t.Error("the first was not told:", answer)
	}
	for line, want := range map[string]string{"arm " + web.String(): "taken its place", "end": "taken its place"} {
		if answer := first.do(line); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", line, answer)
		}
	}
	first.kill()
	if got := second.do("armed"); got != "["+web.String()+"]" {
		t.Error("armed is", got)
	}
	served(t, w)
	if got := second.do("answered " + web.String()); got != "2 2" {
		t.Error("answered and accepted by both:", got)
	}
	renewed := traces(t, w.Server)
	if renewed["xdp"] == now["xdp"] || renewed["tcx"] == now["tcx"] {
		t.Error("the programs are not the new guard's: ", renewed["xdp"], renewed["tcx"])
	}
	second.ok("end")
	same(t, w.Server, before)
}

// TestReplacedAtOnce: whoever comes while another one begins waits for its beginning.
func TestReplacedAtOnce(t *testing.T) {
	w := newWorld(t)
	before := traces(t, w.Server)
	var all []*other
	for range 4 {
		all = append(all, newOther(t, w.Server, t.TempDir()))
	}
	for _, o := range all {
		o.ok("hello")
	}
	for _, o := range all {
		o.say("replace -1s")
	}
	for _, o := range all {
		if answer := o.hear(); answer != "ok" {
			t.Error(answer)
		}
	}
	ended := 0
	for _, o := range all {
		if o.do("end") == "ok" {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("%d of them guarded in the end", ended)
	}
	same(t, w.Server, before)
}

// TestReplacedAndKilled: the successor's reaper has all of it.
func TestReplacedAndKilled(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	folder := t.TempDir()
	first, second := newOther(t, w.Server, folder), newOther(t, w.Server, folder)
	first.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2", "arm "+web.String())
	second.ok("replace -1s")
	first.kill()
	stop(t, second.cmd.Process.Pid)
	if h := ask(t, w); h.State != Silent || h.PID != second.cmd.Process.Pid {
		t.Errorf("somebody else is to be killed: %+v", h)
	}
	second.kill()
	same(t, w.Server, before)
}

// stop makes a process hang, and waits until it does.
func stop(t *testing.T, pid int) {
	t.Helper()
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for range 5000 {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), ") T ") {
			return
		}
		<-again.C
	}
	t.Fatal("it does not stop")
}

// TestStopped: one that hangs falls silent by itself, and can be neither joined
// nor replaced; killed, it is put back.
func TestStopped(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	first, second := newOther(t, w.Server, t.TempDir()), newOther(t, w.Server, t.TempDir())
	first.ok("begin -1s", "lease 1h", "arm "+web.String())
	served(t, w)
	first.ok("lease 200ms")
	stop(t, first.cmd.Process.Pid)
	<-time.After(250 * time.Millisecond)
	served(t, w)
	if err := first.cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if got := first.do("answered " + web.String()); got != "1 1" {
		t.Error("answered and accepted:", got)
	}
	first.ok("lease 1h")
	served(t, w)
	if got := first.do("answered " + web.String()); got != "2 2" {
		t.Error("answered and accepted:", got)
	}
	stop(t, first.cmd.Process.Pid)
	if h := ask(t, w); h.State != Silent || h.PID != first.cmd.Process.Pid {
		t.Errorf("%+v", h)
	}
	if answer := second.do("replace"); !strings.Contains(answer, "does not answer (pid ") {
		t.Error(answer)
	}
	first.kill()
	same(t, w.Server, before)
}

// TestReaperKilled: the guard gets another one at its next beat.
func TestReaperKilled(t *testing.T) {
	w := newWorld(t)
	echo(t, w, web)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s", "arm "+web.String(), "set net.ipv4.tcp_synack_retries=2")
	now := traces(t, w.Server)
	killAndWait(t, o.reaper())
	same(t, w.Server, now)
	old := o.reaper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(5 * time.Second); o.reaper() == old && time.Now().Before(end); <-again.C {
		o.ok("beat")
	}
	if o.reaper() == old {
		t.Fatal("no other reaper came")
	}
	o.kill()
	same(t, w.Server, before)
}

// TestReaperKilledBeforeEnd: it is missed and replaced at the end, too.
func TestReaperKilledBeforeEnd(t *testing.T) {
	w := newWorld(t)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2")
	killAndWait(t, o.reaper())
	o.ok("end")
	same(t, w.Server, before)
}

// TestKilledWhileReplaced: whichever of them dies on the way, and whenever, one of
// them goes on with everything, or a reaper puts it back.
func TestKilledWhileReplaced(t *testing.T) {
	for name, victim := range map[string]func(first, second *other) (dies, lives *other){
		"old": func(first, second *other) (*other, *other) { return first, second },
		"new": func(first, second *other) (*other, *other) { return second, first },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			echo(t, w, web)
			before := traces(t, w.Server)
			chance, each := rand.New(rand.NewPCG(9293, uint64(name[0]))), 10
			if testing.Short() {
				each = 2
			}
			for n := range each {
				folder := t.TempDir()
				first, second := newOther(t, w.Server, folder), newOther(t, w.Server, folder)
				first.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2", "arm "+web.String())
				if answer := second.do("hello"); answer != "ok" { // it lives
					t.Fatal(answer)
				}
				second.say("replace -1s")
				<-time.After(time.Duration(chance.Int64N(int64(150 * time.Millisecond))))
				dies, lives := victim(first, second)
				dies.kill()
				if lives == second && second.hear() != "ok" {
					t.Error("the new guard does not begin")
				}
				if got := lives.do("arm " + web.String()); got != "ok" && !strings.Contains(got, "taken its place") {
					t.Error(got)
				} else if got == "ok" {
					served(t, w)
					lives.ok("end")
				}
				same(t, w.Server, before)
				free(t, w.Server)
				lives.kill()
				if t.Failed() {
					t.Fatal("kill ", n)
				}
			}
		})
	}
}

// TestStrangers: who is not root may ask who guards, and no more; and who takes the
// name from the guard is named.
func TestStrangers(t *testing.T) {
	w := newWorld(t)
	before := traces(t, w.Server)
	o, nobody := newOther(t, w.Server, t.TempDir()), newNobody(t, w.Server)
	nobody.ok("squat")
	if answer := o.do("begin"); !strings.Contains(answer, "is taken by a process of user 65534 (pid ") || strings.Contains(answer, "//") {
		t.Error(answer)
	}
	nobody.kill()
	o.ok("begin -1s")
	now := traces(t, w.Server)
	nobody = newNobody(t, w.Server)
	nobody.ok("who")
	if answer := nobody.do("take"); answer != "error: "+refusal {
		t.Error(answer)
	}
	if answer := nobody.do("begin"); !strings.HasPrefix(answer, "error: a guard runs in this network namespace (pid ") {
		t.Error(answer)
	}
	same(t, w.Server, now)
	o.ok("end")
	if answer := nobody.do("begin"); !strings.HasPrefix(answer, "error: ") || strings.Contains(answer, "//") {
		t.Error(answer)
	}
	free(t, w.Server)
	same(t, w.Server, before)
}

// TestReaperStopped: one that does not answer is given up at the end, and another
// one does its work.
func TestReaperStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it is patient with the reaper for 10 seconds")
	}
	w := newWorld(t)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2")
	stop(t, o.reaper())
	o.ok("end")
	same(t, w.Server, before)
	free(t, w.Server)
}

// TestReaperStoppedGuardKilled: the name is known to be held by one who does not
// answer, and as soon as the reaper wakes up it puts everything back.
func TestReaperStoppedGuardKilled(t *testing.T) {
	w := newWorld(t)
	before := traces(t, w.Server)
	o := newOther(t, w.Server, t.TempDir())
	o.ok("begin -1s", "set net.ipv4.tcp_synack_retries=2")
	reaper := o.reaper()
	stop(t, reaper)
	o.kill()
	if h := ask(t, w); h.State != Silent || h.PID != o.cmd.Process.Pid {
		t.Errorf("%+v", h)
	}
	if err := unix.Kill(reaper, unix.SIGCONT); err != nil {
		t.Error(err)
	}
	same(t, w.Server, before)
	free(t, w.Server)
}
