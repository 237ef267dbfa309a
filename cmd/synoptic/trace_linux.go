package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/internal/text"
)

func newTraceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace [FILTER...]",
		Short: "Every transition as it happens, with who made it and the time spent",
		Long: `Tells every change of state of every TCP connection of this network namespace, as
it happens, until Ctrl-C: from which state to which, how long the first one
lasted, what made it change, and who holds the socket (of an orphan: who held
it). A time that began before the trace is "-".

FILTER is that of "synoptic sockets"; the kernel itself does the sorting. "state
X" selects what enters or leaves X. autobound and cgroup are not known here.

The kernel tells of full sockets only ("source":"event"). Half-open connections
and the minisockets of TIME-WAIT are looked at five times a second ("iterator"):
they are told a moment late, their beginning with its right time. What comes and
goes between two looks, such as a SYN that is refused, is not seen.

--with drops,resets,retransmissions,errors (or all) tells beside transitions what
goes wrong with segments, with the reason as the running kernel spells it: which
firewall hook or function of the kernel dropped one, why a RST was sent, in which
state a segment or SYN-ACK was sent again, which error a socket got. Each counts
on its own line; a drop of what has no socket has no state. At most 10,000 a
second and processor are told one by one.

--summary adds up in the kernel, which costs a busy host next to nothing: how
often each transition was made, with the median and the 99th percentile of the
time in the state that was left (wrong by an eighth at most; once a processor
has begun 4,096 sockets, that of one socket in 16). It counts what the kernel
tells of full sockets, so no half-open connection that never opened, no end of
TIME-WAIT, and no TIME-WAIT of a connection whose program had closed it before
the peer did. With --with it counts mishaps by reason and state too.

It needs CAP_BPF and CAP_PERFMON, or root, and Linux 5.12 with BTF. When events
come faster than they are read, seven of eight connections are left out until
the reader has caught up, and the last line says how many events are missing.
Reasons of drops need Linux 5.17, those of resets 6.10.`,
		Example: `  synoptic trace
  synoptic trace state close-wait -o jsonl | jq -r .owners[0].name
  synoptic trace --with drops,resets sport = :443
  synoptic trace --for 10s --summary dport = :443
  synoptic trace --for 1m --summary -o svg > rates.svg`,
		ValidArgsFunction: completeFilter,
	}
	t := &tracing{}
	duration := window(0)
	cmd.Flags().Var(&duration, "for", "how long to look (default until Ctrl-C)")
	cmd.Flags().Uint64Var(&t.count, "count", 0, "end after `N` transitions; 0 is never")
	cmd.Flags().BoolVar(&t.summary, "summary", false, "add up in the kernel: how often, and how long in the state before")
	cmd.Flags().StringSliceVar(&t.with, "with", nil, "also tell `WHAT` goes wrong: drops, resets, retransmissions, errors, all")
	cmd.Flags().BoolVar(&t.everywhere, "all-netns", false, "every network namespace of this host")
	format := addOutputFlag(cmd, "text", "wide", "json", "jsonl", "svg")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t.duration, t.format = time.Duration(duration), format.value
		if err := t.check(args); err != nil {
			return err
		}
		return t.run(cmd)
	}
	return cmd
}

// tracing is one trace.
type tracing struct {
	filter              *ssfilter.Filter
	duration            time.Duration
	count               uint64
	summary, everywhere bool
	format              string
	with                []string
	mishaps             []host.MishapKind

	started time.Time
	told    uint64 // transitions
	wrong   uint64 // mishaps
}

// check finds what does not go together.
func (t *tracing) check(args []string) (err error) {
	switch {
	case t.summary && t.count > 0:
		return usagef("--count counts transitions that are told one by one: leave out --summary")
	case t.summary && t.format == "jsonl":
		return usagef("-o jsonl is a transition a line: with --summary take -o json")
	case !t.summary && (t.format == "svg" || t.format == "json"):
		return usagef("-o %s is a picture of the whole: add --summary", t.format)
	}
	for _, word := range t.with {
		kinds := live.MishapKinds(word)
		if kinds == nil {
			return usagef("--with tells drops, resets, retransmissions, errors or all, and not %q", word)
		}
		t.mishaps = append(t.mishaps, kinds...)
	}
	t.filter, err = parseFilter(args)
	return err
}

// run watches until the time is over or somebody interrupts. What was seen until
// then counts.
func (t *tracing) run(cmd *cobra.Command) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if t.duration > 0 {
		var timeout context.CancelFunc
		ctx, timeout = context.WithTimeout(ctx, t.duration)
		defer timeout()
	}
	netns, err := t.namespace()
	if err != nil {
		return err
	}
	t.started = time.Now()
	if t.summary {
		return t.sumUp(ctx, cmd, netns)
	}
	return t.follow(ctx, cmd, netns)
}

// namespace is the inode of the one that is watched, 0 for all.
func (t *tracing) namespace() (uint32, error) {
	if t.everywhere {
		return 0, nil
	}
	identity, err := kernel.Host.Identity()
	if err != nil {
		return 0, err
	}
	inode, err := strconv.ParseUint(identity.NetNS, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("trace: the network namespace %q has no number: see --all-netns", identity.NetNS)
	}
	return uint32(inode), nil
}

// follow tells one transition after the other.
func (t *tracing) follow(ctx context.Context, cmd *cobra.Command, netns uint32) error {
	out := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
	options := live.Options{NetNS: netns, Filter: t.filter, Exe: executableOf, Idle: out.Flush, Mishaps: t.mishaps}
	if t.everywhere {
		notes := notesOf(cmd)
		options.Visit = func(look func() error) error {
			defer func() { notes.to = io.Discard }() // what cannot be entered is said once
			return eachNamespace(notes, func(string) error { return look() })
		}
	}
	write, writeMishap := t.writers(out, cmd)
	options.Tell = func(m *live.Mishap) error { t.wrong++; return writeMishap(m) }
	watcher, err := live.Open(options)
	if err != nil {
		return explainTrace(err)
	}
	defer watcher.Close()
	for _, blind := range watcher.Blind {
		notesOf(cmd).say("%v", blind)
	}
	err = watcher.Run(ctx, func(x *live.Transition) error {
		if err := write(x); err != nil {
			return err
		}
		if t.told++; t.told == t.count {
			return live.ErrEnough
		}
		return nil
	})
	if err != nil {
		return err
	}
	losses, untold, err := watcher.Losses()
	if err != nil {
		return err
	}
	t.end(out, cmd, losses, untold)
	return out.Flush()
}

// writers return what writes a transition, and a mishap, in the wanted format.
func (t *tracing) writers(out *bufio.Writer, cmd *cobra.Command) (func(*live.Transition) error, func(*live.Mishap) error) {
	if t.format == "jsonl" {
		var line []byte
		end := func() error {
			line = append(line, '\n')
			_, err := out.Write(line)
			return err
		}
		return func(x *live.Transition) error { line = appendTransition(line[:0], x); return end() },
			func(m *live.Mishap) error { line = appendMishap(line[:0], m); return end() }
	}
	table, holders := text.NewTrace(out, t.format == "wide", tableStyle(cmd)), text.NewHolders(styleOf(cmd))
	return func(x *live.Transition) error { return table.Write(traceRow(x, holders)) },
		func(m *live.Mishap) error { return table.WriteMishap(mishapRow(m, holders)) }
}

// end says what was told and what is missing: in the last record, or beside the
// table.
func (t *tracing) end(out *bufio.Writer, cmd *cobra.Command, losses bpf.Losses, untold bpf.MishapLosses) {
	took := time.Since(t.started)
	lost, leftOut := losses.Lost+losses.Missed+untold.Lost+untold.Missed, losses.Sampled
	if t.mishaps != nil {
		leftOut += untold.LeftOut
	}
	if t.format == "jsonl" {
		line := appendNumber(nil, `{"transitions":`, t.told)
		if t.mishaps != nil {
			line = appendNumber(line, `,"mishaps":`, t.wrong)
		}
		line = appendNumber(line, `,"events_lost":`, lost)
		line = appendNumber(line, `,"events_left_out":`, leftOut)
		line = appendFloat(line, `,"seconds":`, took.Round(time.Millisecond).Seconds())
		_, _ = out.Write(append(line, "}\n"...)) // a bufio.Writer keeps its error for Flush
		return
	}
	_ = out.Flush() // its error is kept
	fmt.Fprintln(cmd.ErrOrStderr(), text.TraceEnd(t.told, t.wrong, took, lost, leftOut, styleOf(cmd)))
}

// executableOf is the path of a process's program, "" when it may not be read or
// is gone.
func executableOf(pid int) string {
	path, _ := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe") // "" then
	return path
}

// explainTrace adds what works without.
func explainTrace(err error) error {
	var missing *bpf.Missing
	switch {
	case errors.Is(err, bpf.ErrCondition):
		return usagef("filter: %v", bpf.ErrCondition)
	case errors.Is(err, bpf.ErrRights), errors.As(err, &missing):
		return fmt.Errorf(`trace: %w; "synoptic states", "sockets", "listeners" and "diagnose" work without`, err)
	}
	return fmt.Errorf("trace: %w", err)
}
