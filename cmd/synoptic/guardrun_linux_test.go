package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/guard/hold"
	"github.com/synoptic-net/synoptic/internal/guard/loop"
)

// floodWorld skips where rights are missing or the kernel is too old, and nowhere
// else.
func floodWorld(t *testing.T) *bench.World {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("it needs root: network namespaces with BPF in them")
	}
	for _, f := range []*bpf.Feature{bpf.TrafficControl, bpf.AssignRequest} {
		missing := new(bpf.Missing)
		if err := f.Probe(); errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	w, err := bench.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Server.Do(func() error { return hold.Leave(context.Background()) }); err != nil { // no grace: nobody is waited for
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// guardLine is what scripts rely on of a line.
type guardLine struct {
	Schema, Event, Action, Listener, Text, Error string
	Facts                                        *struct {
		Asked uint64  `json:"syns_asked"`
		Share float64 `json:"completion"`
		Half  int     `json:"half_open"`
	}
	Armings   int
	Listeners []struct {
		Answered    uint64 `json:"syns_answered"`
		Connections uint64 `json:"connections"`
	}
}

// running is the program as it guards the server of a world.
type running struct {
	cmd   *exec.Cmd
	lines chan guardLine
	seen  []guardLine
	errs  strings.Builder
}

// guardWith starts "synoptic guard run" in the server's namespace.
func guardWith(t *testing.T, w *bench.World, journal string, args ...string) *running {
	t.Helper()
	r := &running{lines: make(chan guardLine, 1000)}
	r.cmd = exec.Command("/proc/self/exe", append([]string{"guard", "run", "--interface", "wire0", "--journal", journal, "-o", "jsonl"}, args...)...)
	r.cmd.Env = append(os.Environ(), asProgram+"=1")
	r.cmd.Stderr = &r.errs
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Server.Do(r.cmd.Start); err != nil { // a child is in the namespace of the thread that makes it
		t.Fatal(err)
	}
	go r.read(out)
	t.Cleanup(func() { _ = r.cmd.Process.Kill() }) // it has ended, unless the test failed
	return r
}

func (r *running) read(out io.Reader) {
	defer close(r.lines)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var l guardLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			l = guardLine{Event: "no JSON: " + lines.Text()}
		}
		r.lines <- l
	}
}

// until waits for an event.
func (r *running) until(t *testing.T, event string, patience time.Duration) guardLine {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case l, more := <-r.lines:
			if !more {
				t.Fatalf("it ended without %q: %v %s", event, r.events(), r.errs.String())
			}
			t.Logf("%s %s", l.Listener, l.Text)
			if r.seen = append(r.seen, l); l.Event == event {
				return l
			}
		case <-late:
			t.Fatalf("no %q in %v: %v %s", event, patience, r.events(), r.errs.String())
		}
	}
}

func (r *running) events() (list []string) {
	for _, l := range r.seen {
		list = append(list, l.Event)
	}
	return list
}

// end asks it to end, and returns its last line.
func (r *running) end(t *testing.T) guardLine {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	last := r.until(t, "summary", 10*time.Second)
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, r.errs.String())
	}
	return last
}

// bare fails unless the server is as it was before any guard, at the latest when
// patience is over.
func bare(t *testing.T, w *bench.World, patience time.Duration) {
	t.Helper()
	attached, cookies := true, []byte(nil)
	look := func() error {
		l, err := netlink.LinkByName("wire0")
		if err != nil {
			return err
		}
		attached = l.Attrs().Xdp != nil && l.Attrs().Xdp.Attached
		cookies, err = os.ReadFile("/proc/sys/net/ipv4/tcp_syncookies")
		return err
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for until := time.Now().Add(patience); ; <-again.C {
		if err := w.Server.Do(look); err != nil {
			t.Fatal(err)
		}
		if !attached && string(cookies) == "0\n" {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("after %v: attached: %v, net.ipv4.tcp_syncookies is %q", patience, attached, cookies)
		}
	}
}

// TestGuardRun: a host without cookies is flooded. The guard gives it some, arms,
// disarms, and leaves it as it was; its clients notice nothing.
func TestGuardRun(t *testing.T) {
	w := floodWorld(t)
	if err := w.Server.Set("net.core.somaxconn", "1024"); err != nil {
		t.Fatal(err)
	}
	d := bench.Custom("run", "synoptic guard run", "0", func(w *bench.World) (func() error, error) {
		r := guardWith(t, w, t.TempDir(), "--hold", "1s")
		r.until(t, "setting", 20*time.Second)
		return func() error {
			r.until(t, "over", 30*time.Second)
			for _, event := range []string{"begin", "queue-full", "flood", "verified", "over"} {
				if !slices.Contains(r.events(), event) {
					t.Errorf("it never said %q: %v", event, r.events())
				}
			}
			sum := r.end(t)
			if sum.Schema != "synoptic.guard-summary/v1" || sum.Armings != 1 || len(sum.Listeners) != 1 || sum.Listeners[0].Connections == 0 {
				t.Errorf("the summary is %+v", sum)
			}
			return nil
		}, nil
	})
	s, err := w.Serve(&d, bench.Load{SYNs: 50_000, Clients: 900, Rate: 300, Patient: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d SYN/s, first try %d, ever %d of %d, p50 %v, p99 %v", s.SYNs, s.FirstTry, s.Ever, s.Clients, s.P50, s.P99)
	if s.Ever != s.Clients {
		t.Errorf("%d of %d were served: %v", s.Ever, s.Clients, s.Why)
	}
	bare(t, w, 0)
}

// TestGuardDryRun: it says what it would do, and nothing changes.
func TestGuardDryRun(t *testing.T) {
	w := floodWorld(t)
	if err := w.Server.Set("net.core.somaxconn", "1024"); err != nil {
		t.Fatal(err)
	}
	d := bench.Custom("dry", "synoptic guard run --dry-run", "0", func(w *bench.World) (func() error, error) {
		r := guardWith(t, w, t.TempDir(), "--dry-run")
		r.until(t, "setting", 20*time.Second)
		return func() error {
			l := r.until(t, "flood", 5*time.Second)
			if l.Action != "arm" || l.Facts == nil || l.Facts.Share > 0.5 || l.Facts.Half < 512 {
				t.Errorf("it said %+v", l)
			}
			if sum := r.end(t); sum.Armings != 1 || sum.Listeners[0].Answered != 0 {
				t.Errorf("the summary is %+v", sum)
			}
			return nil
		}, nil
	})
	if _, err := w.Serve(&d, bench.Load{SYNs: 20_000, Clients: 100, Rate: 100}); err != nil {
		t.Fatal(err)
	}
	bare(t, w, 0)
}

// flooded floods the server while clients come, without putting anything up.
func flooded(t *testing.T, w *bench.World, load bench.Load) (served func() bench.Service) {
	t.Helper()
	nothing := bench.Custom("nothing", "what is there already", "1", func(*bench.World) (func() error, error) {
		return func() error { return nil }, nil
	})
	result, failed := bench.Service{}, make(chan error, 1)
	go func() {
		var err error
		result, err = w.Serve(&nothing, load)
		failed <- err
	}()
	return func() bench.Service {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// askOnce sends the server an octet and waits till it comes back.
func askOnce(server string) error {
	c, err := net.DialTimeout("tcp4", server, 10*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	octet := []byte{'?'}
	if _, err := c.Write(octet); err != nil {
		return err
	}
	_, err = io.ReadFull(c, octet)
	return err
}

// TestGuardReplaced: another guard takes over in a flood. What is armed stays
// armed, no client fails, and at the end all is as it was.
func TestGuardReplaced(t *testing.T) {
	w := floodWorld(t)
	settings(t, w, map[string]string{"net.core.somaxconn": "1024", "net.ipv4.tcp_syncookies": "0"})
	journal := t.TempDir()
	first := guardWith(t, w, journal)
	first.until(t, "setting", 20*time.Second)
	served := flooded(t, w, bench.Load{SYNs: 30_000, Clients: 2000, Rate: 250, Patient: true})
	first.until(t, "flood", 10*time.Second)
	second := guardWith(t, w, journal, "--replace", "--hold", "1s")
	if l := second.until(t, "continues", 20*time.Second); l.Listener != "192.0.2.1:8080" {
		t.Errorf("it goes on with %+v", l)
	}
	if err := w.Client.Do(func() error { return askOnce("192.0.2.1:8080") }); err != nil {
		t.Errorf("a client of the second one: %v", err)
	}
	if last := first.until(t, "summary", 10*time.Second); !strings.HasPrefix(last.Text, "Another guard has taken over") {
		t.Errorf("the first one ended with %q", last.Text)
	}
	if err := first.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if s := served(); s.Ever != s.Clients {
		t.Errorf("%d of %d were served: %v", s.Ever, s.Clients, s.Why)
	}
	second.until(t, "over", 30*time.Second)
	if sum := second.end(t); sum.Armings != 0 || len(sum.Listeners) != 1 || !strings.HasPrefix(sum.Text, "Armed by the guard before") {
		t.Errorf("the summary is %+v", sum)
	}
	bare(t, w, 0)
}

func settings(t *testing.T, w *bench.World, values map[string]string) {
	t.Helper()
	for name, value := range values {
		if err := w.Server.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// stopped is a terminal that nobody reads from.
type stopped struct{ wait chan struct{} }

func (s stopped) Write(b []byte) (int, error) { <-s.wait; return len(b), nil }

// broken is a reader that went away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestGuardLog: who does not read does not hold the guard up, and who went away is
// noticed.
func TestGuardLog(t *testing.T) {
	s := stopped{make(chan struct{})}
	cmd := newGuardRunCommand()
	newRootCommand().AddCommand(cmd)
	cmd.SetOut(s)
	log := newGuardLog(cmd, "jsonl", false)
	for range 3 * mostUnread { // would never end
		log.begin("eth0", "native", 1, false)
	}
	close(s.wait)
	if err := log.close(); err != nil {
		t.Error(err)
	}
	cmd.SetOut(broken{})
	log = newGuardLog(cmd, "jsonl", false)
	log.begin("eth0", "native", 1, false)
	<-log.failed
	if err := log.close(); !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
}

// TestGuardReplacedAtOnce: a guard whose place was taken before it made its setting
// has ended well, and leaves the setting to the other.
func TestGuardReplacedAtOnce(t *testing.T) {
	w := floodWorld(t)
	settings(t, w, map[string]string{"net.ipv4.tcp_syncookies": "0"})
	if err := w.Server.Do(func() error {
		o := hold.Options{Interfaces: []string{"wire0"}, State: t.TempDir(), Grace: -1}
		first, err := hold.Begin(t.Context(), o)
		if err != nil {
			return err
		}
		o.Replace = true
		second, err := hold.Begin(t.Context(), o)
		if err != nil {
			return errors.Join(err, first.End())
		}
		eyes, err := loop.OpenEyes("wire0", nil)
		if err != nil {
			return errors.Join(err, second.End())
		}
		defer eyes.Close()
		cmd := newRootCommand()
		cmd.SetOut(io.Discard)
		out := newGuardLog(cmd, "jsonl", false)
		<-first.HandedOver()
		sum, err := (&guardRun{}).guard(t.Context(), first, eyes, "wire0", 0, out)
		if err != nil || !sum.HandedOver || sum.Began.IsZero() {
			t.Errorf("%+v (%v)", sum, err)
		}
		return errors.Join(out.close(), second.End())
	}); err != nil {
		t.Error(err)
	}
	bare(t, w, time.Second)
}
