package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/lab/verdict"
	"github.com/synoptic-net/synoptic/internal/lab/witness"
	"github.com/synoptic-net/synoptic/tcp"
)

// run is one scenario played and judged.
type labRun struct {
	scenario scenario.Scenario
	report   diagnose.Report
	verdict.Verdict
	err error // it could not be played

	witnesses *witness.Report // nil: not asked for
	guarded   *labGuarded     // nil: the guard has no part in it
	took      time.Duration
}

func (r *labRun) ok() bool { return r.err == nil && r.Pass() && r.unexplained() == nil }

// labOptions are the flags of lab run.
type labOptions struct {
	window       time.Duration
	bundle, pcap string // files, or folders when there are many scenarios; "" for none
	many         bool
	witnesses    bool                          // compare sockets, events and packets
	keep         func(w *lab.World, r *labRun) // called before the world ends; may be nil
}

// How many packets a capture of a host holds: alone, and as one of very many.
const (
	packetsKept     = 3000
	packetsRecorded = 300
)

// playPatience bounds a scenario beside its window.
const playPatience = time.Minute

func play(ctx context.Context, s scenario.Scenario, o labOptions) labRun {
	started := time.Now()
	r := labRun{scenario: s}
	ctx, cancel := context.WithTimeoutCause(ctx, o.window+playPatience, fmt.Errorf("it took longer than %v beside its window", playPatience))
	defer cancel()
	r.err = observe(ctx, s, o, func(w *lab.World, bundle *evidence.Bundle, seen *witness.Report) error {
		r.witnesses = seen
		r.report = diagnose.Diagnose(bundle)
		r.Verdict = verdict.Of(s.Expected(), r.report)
		err := r.meet(ctx, w, o.window, bundle)
		cancel() // from here on a person may take all the time
		r.took = time.Since(started)
		err = errors.Join(err, saveBundle(bundle, s, o))
		if err == nil && o.keep != nil && w != nil {
			o.keep(w, &r)
		}
		return err
	})
	return r
}

// meet lets the guard meet the fault, where it has a part in the scenario.
func (r *labRun) meet(ctx context.Context, w *lab.World, window time.Duration, bundle *evidence.Bundle) (err error) {
	if r.scenario.Guarded == nil {
		return nil
	}
	if r.guarded, err = meet(ctx, w, r.scenario, window, bundle); err == nil {
		r.Failures = append(r.Failures, r.guarded.failures()...)
	}
	return err
}

// observe builds the world, looks at it for the window, says what it saw while
// the world still stands, and ends it.
func observe(ctx context.Context, s scenario.Scenario, o labOptions, saw func(*lab.World, *evidence.Bundle, *witness.Report) error) (err error) {
	if s.Made != nil {
		return saw(nil, writtenBundle(s.Made), nil)
	}
	w := lab.NewWorld(ctx)
	defer func() { err = errors.Join(err, w.Close()) }()
	stop := startCaptures(w, s, o)
	compare := startWitnesses(ctx, w, s, o)
	var expected *host.Baseline
	w.OnCalm(func() error {
		return w.Find(s.At).Do(func() error {
			list, err := listenersHere(ctx, notes{to: io.Discard}, collect.NewReader(collect.ByNetlink), "")
			expected = newBaseline(list, "lab", time.Now())
			return err
		})
	})
	s.Build(w)
	if err := w.Err(); err != nil {
		_, failed := compare()
		return errors.Join(err, failed, stop())
	}
	if w.Proofs() == 0 {
		return errors.New("the scenario proves nothing of what it shows")
	}
	bundle, err := lookAtHosts(ctx, w, s, o.window)
	seen, failed := compare()
	if err := errors.Join(err, failed, stop(), w.Failures()); err != nil {
		return err
	}
	bundle.Baseline = expected
	return saw(w, bundle, seen)
}

// lookAtHosts looks at the host that is diagnosed and, in the same window, at those
// that stand for other namespaces of its machine.
func lookAtHosts(ctx context.Context, w *lab.World, s scenario.Scenario, window time.Duration) (*evidence.Bundle, error) {
	hosts := append([]string{s.At}, s.Also...)
	seen, errs := make([]*evidence.Bundle, len(hosts)), make([]error, len(hosts))
	var looking sync.WaitGroup
	for i, name := range hosts {
		looking.Go(func() {
			seen[i], errs[i] = lookAt(ctx, w.Find(name), collect.Options{Window: window, Together: len(hosts)}, s.Probe)
		})
	}
	looking.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	seen[0].Namespaces = seen[1:]
	return seen[0], nil
}

func lookAt(ctx context.Context, at *lab.Host, options collect.Options, probe bool) (bundle *evidence.Bundle, err error) {
	if probe {
		options.Probe = func([]evidence.Probe) {} // nobody is there to be told: the world is private
	}
	err = at.Do(func() (err error) {
		bundle, err = collect.Run(ctx, options)
		return err
	})
	if err == nil {
		err = context.Cause(ctx)
	}
	return bundle, err
}

// startCaptures follows every host of the world from the moment in which it is
// linked. stop ends that, and puts the files in their places.
func startCaptures(w *lab.World, s scenario.Scenario, o labOptions) (stop func() error) {
	if o.pcap == "" {
		return func() error { return nil }
	}
	var ends []func() error
	w.OnReady(func(h *lab.Host) error {
		path, wanted := capturePath(h.Name, s, o)
		if !wanted {
			return nil
		}
		end, err := captureTo(path, h, o.many)
		if err == nil {
			ends = append(ends, end)
		}
		return err
	})
	return func() error {
		var errs []error
		for _, end := range ends {
			errs = append(errs, end())
		}
		return errors.Join(errs...)
	}
}

// capturePath says where the capture of a host goes: one file for the host that
// is diagnosed, or one for each host in a folder.
func capturePath(host string, s scenario.Scenario, o labOptions) (path string, wanted bool) {
	if o.many {
		return filepath.Join(o.pcap, s.Name+"."+host+".pcapng.gz"), true
	}
	return o.pcap, host == s.At
}

// captureTo writes what a host sees to a file that appears whole or not at all.
// The many of a recording are compressed.
func captureTo(path string, h *lab.Host, many bool) (stop func() error, err error) {
	reader, writer := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := writeAtomically(path, func(file io.Writer) error { return copyCapture(file, reader, many) })
		reader.CloseWithError(err) // a full disk must not hold the capture
		written <- err
	}()
	most := packetsKept
	if many {
		most = packetsRecorded
	}
	end, err := h.Capture(writer, most)
	if err != nil {
		writer.CloseWithError(err)
		return nil, errors.Join(err, <-written)
	}
	return func() error {
		err := end()
		writer.CloseWithError(err)
		if wrote := <-written; wrote != nil {
			return wrote
		}
		return err
	}, nil
}

func copyCapture(to io.Writer, from io.Reader, compress bool) error {
	if !compress {
		_, err := io.Copy(to, from)
		return err
	}
	packed := gzip.NewWriter(to)
	if _, err := io.Copy(packed, from); err != nil {
		return err
	}
	return packed.Close()
}

func saveBundle(bundle *evidence.Bundle, s scenario.Scenario, o labOptions) error {
	if o.bundle == "" {
		return nil
	}
	path := o.bundle
	if o.many {
		path = filepath.Join(path, s.Name+".bundle")
		tidy(bundle)
	}
	return writeAtomically(path, func(w io.Writer) error { return evidence.Write(w, bundle) })
}

// saveIndex writes beside many bundles what was expected of each.
func saveIndex(runs []labRun, o labOptions) error {
	if !o.many || o.bundle == "" {
		return nil
	}
	index := make([]verdict.Expected, len(runs))
	for i := range runs {
		index[i] = runs[i].scenario.Expected()
	}
	return writeAtomically(filepath.Join(o.bundle, "index.json"), func(w io.Writer) error { return writeDocument(w, "json", index) })
}

// tidy takes out of a recording what says more about the machine that it was
// made on than about the scenario.
func tidy(b *evidence.Bundle) {
	for _, other := range b.Namespaces {
		tidy(other)
	}
	b.Host.Name = "lab"
	if b.Baseline != nil {
		for i := range b.Baseline.Listeners {
			b.Baseline.Listeners[i].Exe = "/usr/local/bin/" + b.Baseline.Listeners[i].Name
		}
	}
	for _, list := range [][]host.Process{b.ProcessesBefore.List, b.ProcessesAfter.List} {
		for i := range list {
			list[i].Exe, list[i].Cgroup, list[i].Container = "/usr/local/bin/"+list[i].Name, "", ""
		}
	}
}

// writtenBundle makes a bundle of hand-made evidence.
func writtenBundle(made *scenario.Made) *evidence.Bundle {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	end := start.Add(made.Window)
	b := &evidence.Bundle{
		Schema: evidence.Schema, Start: start, End: end, Settings: made.Settings, Neighbours: made.Neighbours,
		Host:           host.Identity{Name: "hand-made", Kernel: "6.18.0", NetNS: "4026531840"},
		CountersBefore: host.Counters{Time: start, Values: made.Before},
		CountersAfter:  host.Counters{Time: end, Values: made.After},
		Snapshots: []host.Snapshot{
			{Time: start, States: tcp.AllStates, Sockets: made.Sockets},
			{Time: end, States: tcp.AllStates, Sockets: made.Sockets},
		},
	}
	for _, name := range []string{evidence.SourceSockets, evidence.SourceCounters, evidence.SourceSettings, evidence.SourceNeighbours, evidence.SourceProcesses, evidence.SourceRoutes} {
		b.Sources = append(b.Sources, evidence.Source{Name: name, OK: true, Why: ""})
	}
	return b
}

// oneLine makes an error fit a line of the summary.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
