package collect_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestMain goes on as root of a user namespace where it must.
func TestMain(m *testing.M) {
	actor.Main()
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func namespace(t *testing.T, name string) *lab.Namespace {
	t.Helper()
	n, err := lab.NewNamespace(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// inside runs f in a namespace of its own.
func inside(t *testing.T, f func() error) {
	t.Helper()
	if err := namespace(t, "host").Do(f); err != nil {
		t.Fatal(err)
	}
}

// Where /proc cannot be read the sockets still can: what was not seen is said,
// in one line each, and what needs it is not assessed.
func TestUnreadableFilesAreSaid(t *testing.T) {
	var b *evidence.Bundle
	inside(t, func() (err error) {
		b, err = collect.Run(context.Background(), collect.Options{Root: kernel.Root(t.TempDir())})
		return err
	})
	if !b.Has(evidence.SourceSockets) {
		t.Error("sockets need no file and must be read")
	}
	for _, s := range b.Sources {
		unreadable := slices.Contains([]string{evidence.SourceCounters, evidence.SourceSettings, evidence.SourceProcesses}, s.Name)
		if unreadable && (s.OK || s.Why == "" || strings.Contains(s.Why, "\n")) {
			t.Errorf("source %s: ok %v, why %q", s.Name, s.OK, s.Why)
		}
	}
	report := diagnose.Diagnose(b)
	needsCounters := slices.ContainsFunc(report.NotAssessed, func(n diagnose.NotAssessed) bool {
		return n.Cause == "syn-flood" && slices.Contains(n.Needs, evidence.SourceCounters)
	})
	if !needsCounters {
		t.Errorf("a flood cannot be judged without counters: %v", report.NotAssessed)
	}
}

// An interrupt ends the window early and leaves a valid bundle.
func TestInterruptedWindow(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var b *evidence.Bundle
	start := time.Now()
	inside(t, func() (err error) {
		b, err = collect.Run(ctx, collect.Options{Window: time.Minute, Progress: func(time.Duration) { cancel() }})
		return err
	})
	if b.First() == b.Last() || !b.Has(evidence.SourceCounters) || b.Window() > time.Since(start) {
		t.Errorf("%d snapshots, window %v, sources %v", len(b.Snapshots), b.Window(), b.Sources)
	}
}

// Listening begins before the window does: to open a ring takes a tenth of a second,
// and a window of a second on a host with eight interfaces would hear a fifth of it.
func TestTheWindowIsWhole(t *testing.T) {
	host, other := namespace(t, "host"), namespace(t, "other")
	for i := range 6 {
		if err := lab.Connect(host, other, fmt.Sprintf("link%d", i), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	looks := 0
	var b *evidence.Bundle
	err := host.Do(func() (err error) {
		b, err = collect.Run(context.Background(), collect.Options{Window: time.Second, Progress: func(time.Duration) { looks++ }})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := b.End.Sub(b.Start); looks < 10 || took < time.Second || b.Packets == nil {
		t.Errorf("%d looks in %v; %+v", looks, took, b.Sources)
	}
}

// TestEventsOfTheWindow: what the kernel told of the namespace is in the bundle,
// and what it told of others is not; without the right that is said.
func TestEventsOfTheWindow(t *testing.T) {
	refuse := func(port int) error {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			return errors.Join(errors.New("somebody listens"), c.Close())
		}
		return nil
	}
	here, other := namespace(t, "host"), namespace(t, "other")
	var b *evidence.Bundle
	err := here.Do(func() (err error) {
		var failed error
		b, err = collect.Run(context.Background(), collect.Options{Window: time.Second, Progress: func(time.Duration) {
			failed = errors.Join(failed, refuse(81), other.Do(func() error { return refuse(82) }))
		}})
		return errors.Join(err, failed)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !b.Has(evidence.SourceEvents) {
		why := b.Sources[slices.IndexFunc(b.Sources, func(s evidence.Source) bool { return s.Name == evidence.SourceEvents })].Why
		if os.Geteuid() == 0 && !lab.Inside() || !strings.Contains(why, "CAP_BPF") {
			t.Errorf("events are not there: %s", why)
		}
		t.Skip(why)
	}
	told := map[string]uint64{}
	for _, m := range b.Events.Mishaps {
		told[fmt.Sprint(m.Kind, " ", m.Reason, " ", m.State)] += m.Count
	}
	for _, want := range []string{"drop NO_SOCKET UNKNOWN", "reset-sent NO_SOCKET UNKNOWN", "reset-received  SYN-SENT", "error ECONNREFUSED SYN-SENT"} {
		if told[want] == 0 {
			t.Errorf("%q is missing in %v", want, told)
		}
	}
	for _, p := range b.Events.Places {
		if p.Local.Port() == 82 || p.Remote.Port() == 82 {
			t.Errorf("of another namespace: %+v", p)
		}
	}
	if i := slices.IndexFunc(b.Events.Transitions, func(x evidence.EventTransition) bool { return x.From == tcp.SynSent && x.To == tcp.Closed }); i < 0 {
		t.Errorf("transitions: %v", b.Events.Transitions)
	}
}
