package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/guard/hold"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
)

// playActor turns this process into an actor of the lab, or into the reaper of a
// guard, if it was started as one.
func playActor() {
	hold.Main()
	actor.Main()
}

func newLabCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Faults with a known cause, made on the real kernel",
		Long: `Builds small worlds of network namespaces on this machine, makes a fault in
each, and shows that the diagnosis names it. Nothing outside those namespaces is
touched, and nothing remains. It needs root, or unprivileged user namespaces.`,
	}
	cmd.AddCommand(newLabListCommand(), newLabRunCommand(), newLabShellCommand(), newLabWalkCommand())
	return cmd
}

func newLabRunCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run NAME | --all",
		Short: "Make a fault, diagnose it, and compare with what is known",
		Example: `  synoptic lab run syn-flood-cookies-off
  synoptic lab run --all
  synoptic lab run close-wait-leak --save-bundle leak.bundle`,
		ValidArgsFunction: completeScenarios,
	}
	all := cmd.Flags().Bool("all", false, "run every scenario, several at a time")
	window := addWindowFlag(cmd)
	var o labOptions
	cmd.Flags().StringVar(&o.bundle, "save-bundle", "", "write the evidence to `FILE`; with --all, to files in the folder FILE")
	cmd.Flags().StringVar(&o.pcap, "save-pcap", "", "write what the diagnosed host saw to `FILE`; with --all, what every host saw, to files in the folder FILE")
	cmd.Flags().BoolVar(&o.witnesses, "witnesses", false, "compare what sockets, events and packets say of each connection; needs root and BPF")
	keep := cmd.Flags().Bool("keep", false, "leave the world standing after the diagnosis, until Enter")
	parallel := cmd.Flags().Int("parallel", 4*runtime.NumCPU(), "how many scenarios run at a time")
	format := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		scenarios, err := chosen(*all, args)
		if err != nil {
			return err
		}
		o.window, o.many = time.Duration(*window), *all
		if err := checkLabFlags(&o, *keep, *parallel); err != nil {
			return err
		}
		if err := lab.Enter(); err != nil {
			return err
		}
		if o.witnesses && lab.Inside() {
			return errors.New("--witnesses needs root: in a user namespace the kernel tells of no events")
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		show := newLabView(cmd, format.value, *all, scenarios)
		if *keep {
			o.keep = func(w *lab.World, r *labRun) { show.keep(ctx, w, r) }
		}
		runs := playAll(ctx, scenarios, o, *parallel, show.progress)
		return firstError(func() error { return saveIndex(runs, o) }, func() error { return show.finish(runs) })
	}
	return cmd
}

// chosen returns the scenarios that the arguments name.
func chosen(all bool, args []string) ([]scenario.Scenario, error) {
	switch {
	case all && len(args) > 0:
		return nil, usagef("--all is every scenario: leave %q out", args[0])
	case all:
		return scenario.All(), nil
	case len(args) != 1:
		return nil, usagef("lab run needs the NAME of one scenario, or --all; \"synoptic lab list\" has the names")
	}
	s, err := named(args[0])
	return []scenario.Scenario{s}, err
}

func named(name string) (scenario.Scenario, error) {
	s, ok := scenario.Find(name)
	if ok {
		return s, nil
	}
	var names []string
	for _, s := range scenario.All() {
		names = append(names, s.Name)
	}
	if near := nearest(name, names); near != "" {
		return s, usagef("there is no scenario %q; did you mean %q?", name, near)
	}
	return s, usagef("there is no scenario %q; \"synoptic lab list\" has the names", name)
}

// longestWindow leaves time to build the world before its floods end.
const longestWindow = time.Minute

func checkLabFlags(o *labOptions, keep bool, parallel int) error {
	if keep && o.many {
		return usagef("--keep holds one world: name a scenario instead of --all")
	}
	if parallel < 1 || parallel > 64 {
		return usagef("--parallel must be from 1 to 64")
	}
	if o.window < time.Second {
		return usagef("--for must be at least 1s: causes show in what moves")
	}
	if o.window > longestWindow {
		return usagef("--for may be at most %v: floods and scans of the lab end after two", longestWindow)
	}
	for _, path := range []*string{&o.bundle, &o.pcap} {
		if err := checkLabTarget(path, o.many); err != nil {
			return err
		}
	}
	return nil
}

// checkLabTarget finds out before the run whether results can be written.
func checkLabTarget(path *string, many bool) (err error) {
	switch {
	case *path == "":
		return nil
	case *path == "-":
		return usagef("results of the lab go to files, not to standard output")
	case !many:
		*path, err = checkTarget(*path)
		return err
	}
	if info, err := os.Stat(*path); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is not a folder; --all writes one file for each scenario", *path)
	}
	_, err = checkTarget(filepath.Join(*path, "scenario"))
	return err
}

// playAll plays the scenarios, several at a time, and returns the runs in their
// order.
func playAll(ctx context.Context, scenarios []scenario.Scenario, o labOptions, parallel int, progress func(*labRun)) []labRun {
	runs := make([]labRun, len(scenarios))
	places := make(chan struct{}, parallel)
	var playing sync.WaitGroup
	for i := range scenarios {
		places <- struct{}{}
		playing.Go(func() {
			defer func() { <-places }()
			runs[i] = play(ctx, scenarios[i], o)
			progress(&runs[i])
		})
	}
	playing.Wait()
	return runs
}

// waitForEnter leaves the world standing and says how to get in. An interrupt is
// as good as Enter.
func waitForEnter(ctx context.Context, cmd *cobra.Command, w *lab.World) {
	errs := cmd.ErrOrStderr()
	fmt.Fprintf(errs, "\n%s\n", languageOf(cmd).Say("lab-stands"))
	for _, h := range w.Hosts() {
		fmt.Fprintf(errs, "  %s\n", enterCommand(h))
	}
	pressed := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(cmd.InOrStdin()).ReadString('\n') // the end of input is as good
		close(pressed)
	}()
	select {
	case <-pressed:
	case <-ctx.Done():
	}
}

// enterCommand is a shell command that runs another one on the host.
func enterCommand(h *lab.Host) string {
	user := ""
	if lab.Inside() {
		user = fmt.Sprintf("--user --preserve-credentials --target %d ", os.Getpid())
	}
	return fmt.Sprintf("nsenter %s--net=%s ss -tan    # %s", user, h.Path(), h.Name)
}

func completeScenarios(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, s := range scenario.All() {
		names = append(names, s.Name+"\t"+s.Title)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
