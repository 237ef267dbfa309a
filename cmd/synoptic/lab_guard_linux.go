package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/tcp"
)

// How the genuine clients of a guarded scenario come, and how long is looked
// again, at most: its flood ends.
const (
	customers    = 40
	customerPace = 50 * time.Millisecond
	secondLook   = 2 * time.Second
	drained      = 20 * time.Second
)

// labGuarded is what became of a scenario that the guard met.
type labGuarded struct {
	ladder        guard.Ladder
	mode          string // in which XDP ran, "" where it did not
	rootless      bool   // the second rung was left out for lack of rights
	before, after labServed
	remains       []string // places that are not as they were
}

// labServed is what genuine clients got, and what there was to see meanwhile.
type labServed struct {
	clients  actor.Answer
	halfOpen uint64
	arriving float64 // segments a second
	report   diagnose.Report
}

// meet lets genuine clients come to the fault, carries the guard's plan out, lets
// them come again, looks again, and takes everything back.
func meet(ctx context.Context, w *lab.World, s scenario.Scenario, window time.Duration, seen *evidence.Bundle) (*labGuarded, error) {
	host, clients := w.Find(s.At), w.Find(s.Guarded.Clients).Program("customers")
	g := &labGuarded{rootless: s.Guarded.XDP && lab.Inside()}
	g.before.report = diagnose.Diagnose(seen)
	if err := g.before.serve(host, clients, s); err != nil {
		return nil, err
	}
	err := onThreadOf(host, func(journal string) error {
		return g.act(s, seen, journal, func() error {
			return inOrder(
				func() error { return g.drain(ctx, host) },
				func() error { return g.after.look(ctx, host, min(window, secondLook)) },
				func() error { return g.after.serve(host, clients, s) })
		})
	})
	return g, errors.Join(err, w.Err())
}

// serve lets the clients come, and counts what arrives meanwhile.
func (l *labServed) serve(host *lab.Host, clients *lab.Program, s scenario.Scenario) error {
	begun := time.Now()
	from, err := received(host)
	if err != nil {
		return err
	}
	l.clients = clients.Try(s.Guarded.Server, customers, customerPace)
	to, err := received(host)
	l.arriving = float64(to-from) / time.Since(begun).Seconds()
	counts, failed := host.Counts()
	l.halfOpen = counts[tcp.SynReceived]
	return errors.Join(err, failed, host.World().Err())
}

// drain waits until the connections that were half-open before XDP have been
// given up, drained at most: whether they are is judged later.
func (g *labGuarded) drain(ctx context.Context, host *lab.Host) error {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for until := time.Now().Add(drained); g.climbed() && time.Now().Before(until); {
		counts, err := host.Counts()
		if err != nil || counts[tcp.SynReceived] == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
		}
	}
	return nil
}

// look diagnoses the host once more.
func (l *labServed) look(ctx context.Context, host *lab.Host, window time.Duration) error {
	bundle, err := lookAt(ctx, host, collect.Options{Window: window}, false)
	if err == nil {
		l.report = diagnose.Diagnose(bundle)
	}
	return err
}

// received is how many frames came to all interfaces of the host.
func received(host *lab.Host) (frames uint64, err error) {
	err = host.Do(func() error {
		links, err := netlink.LinkList()
		for _, l := range links {
			if l.Attrs().Statistics != nil {
				frames += l.Attrs().Statistics.RxPackets
			}
		}
		return err
	})
	return frames, err
}

// onThreadOf runs f on a thread in the host's network namespace that has a BPF
// filesystem and a folder for journals of its own. They end with the thread, and
// with them what is pinned, however the lab ends.
func onThreadOf(host *lab.Host, f func(journal string) error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		file, err := os.Open(host.Path())
		if err != nil {
			done <- err
			return
		}
		defer file.Close()
		folder := os.TempDir()
		err = inOrder(
			func() error { return unix.Setns(int(file.Fd()), unix.CLONE_NEWNET) },
			func() error { return unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS) },
			func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
			func() error { return unix.Mount("tmpfs", folder, "tmpfs", 0, "mode=0700") },
			func() error {
				_ = unix.Mount("bpf", "/sys/fs/bpf", "bpf", 0, "") // without it the guard says what is missing
				return f(filepath.Join(folder, "journal"))
			})
		done <- err
	}()
	return <-done
}

// inOrder does one thing after the other until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// act plans, applies, lets clients come in between, and reverts, on the host's
// own thread.
func (g *labGuarded) act(s scenario.Scenario, seen *evidence.Bundle, journal string, meanwhile func() error) error {
	g.ladder = guard.Plan(&g.before.report)
	if s.Guarded.XDP && !g.rootless {
		if err := g.ladder.Climb(seen, guard.Wish{Interface: s.Guarded.Interface}); err != nil {
			return err
		}
	}
	was, err := placesHere()
	if err != nil {
		return err
	}
	hand, err := guard.NewHand(journal)
	if err != nil {
		return err
	}
	if _, err := hand.Apply(g.ladder.Plan); err != nil {
		return fmt.Errorf("guard apply: %w", err)
	}
	if g.climbed() {
		g.mode, err = guard.ModeOn(s.Guarded.Interface)
	}
	err = errors.Join(err, meanwhile())
	if _, failed := guard.Revert(hand, false); failed != nil {
		return errors.Join(err, fmt.Errorf("guard revert: %w", failed))
	}
	is, failed := placesHere()
	for _, place := range slices.Sorted(maps.Keys(was)) {
		if is[place] != was[place] {
			g.remains = append(g.remains, place)
		}
	}
	return errors.Join(err, failed)
}

// climbed tells whether the plan holds XDP.
func (g *labGuarded) climbed() bool {
	return slices.ContainsFunc(g.ladder.Plan.Changes, func(c remedy.Change) bool { return c.Kind == diagnose.ChangeXDP })
}

// placesHere is all that the guard could leave a trace in: settings of the
// calling thread's network namespace, and the programs on its interfaces.
func placesHere() (map[string]string, error) {
	places := map[string]string{}
	err := filepath.WalkDir("/proc/sys/net", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && filepath.Base(path) != "nf_conntrack_count" {
			text, _ := os.ReadFile(path) // what cannot be read was not changed through this name
			places[path] = string(text)
		}
		return nil
	})
	links, listed := netlink.LinkList()
	for _, l := range links {
		name, on := l.Attrs().Name, l.Attrs().Xdp
		places["XDP of "+name] = fmt.Sprint(on != nil && on.Attached)
		if acks, err := bpf.IngressPrograms(l.Attrs().Index); err == nil { // else this kernel has none, or nobody may see them
			places["tcx of "+name] = fmt.Sprint(acks)
		}
	}
	return places, errors.Join(err, listed)
}

// failures says what the guard should have done better, one line each.
func (g *labGuarded) failures() (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	before, after := g.before.clients, g.after.clients
	if before.FirstTry*4 > before.Count {
		fail("without the guard %d of %d clients were answered at first try: there is nothing to show", before.FirstTry, before.Count)
	}
	if after.FirstTry*10 < after.Count*9 || after.Answered < after.Count {
		fail("with the guard %d of %d clients were answered at first try, %d at all", after.FirstTry, after.Count, after.Answered)
	}
	if len(g.ladder.Plan.Changes) == 0 {
		fail("the guard proposed nothing: %v", g.ladder.Instead)
	}
	if g.climbed() && g.after.halfOpen*4 > g.before.halfOpen {
		fail("with XDP %d connections are half-open, %d were before", g.after.halfOpen, g.before.halfOpen)
	}
	for _, place := range g.remains {
		fail("%s is not as it was before the guard", place)
	}
	return wrong
}
