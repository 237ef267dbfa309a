package collect_test

import (
	"context"
	"fmt"
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
