package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/lab"
)

func newLabShellCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "shell NAME",
		Short: "A shell inside the running scenario",
		Long: `Builds the scenario and starts your shell on the host that would be diagnosed
(or on another one, with --at). ss, tcpdump and synoptic see that host alone.
When the shell ends, the world does.`,
		Example: `  synoptic lab shell close-wait-leak
  synoptic lab shell synack-lost-on-path --at router`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("lab shell needs the NAME of one scenario; \"synoptic lab list\" has the names")
			}
			return nil
		},
		ValidArgsFunction: completeScenarios,
	}
	at := cmd.Flags().String("at", "", "the `HOST` to be on")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := named(args[0])
		if err != nil {
			return err
		}
		if s.Made != nil {
			return usagef("%s is hand-made evidence: there is no world to be in", s.Name)
		}
		if err := lab.Enter(); err != nil {
			return err
		}
		if *at == "" {
			*at = s.At
		}
		fmt.Fprintln(cmd.ErrOrStderr(), languageOf(cmd).Say("lab-building-one", s.Name))
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		w := lab.NewWorld(ctx)
		s.Build(w)
		err = w.Err()
		if err == nil {
			describeScenario(cmd.ErrOrStderr(), s, styleOf(cmd))
			err = shellOn(cmd, w, *at)
		}
		return errors.Join(err, w.Close())
	}
	return cmd
}

// shellOn runs the user's shell on a host until it ends. Its exit code is that
// of its last command and none of our business.
func shellOn(cmd *cobra.Command, w *lab.World, at string) error {
	h := w.Find(at)
	if h == nil {
		var names []string
		for _, h := range w.Hosts() {
			names = append(names, h.Name)
		}
		return usagef("there is no host %q in this scenario; there is: %s", at, strings.Join(names, ", "))
	}
	errs := cmd.ErrOrStderr()
	fmt.Fprintln(errs, languageOf(cmd).Say("lab-inside", at))
	for _, other := range w.Hosts() {
		fmt.Fprintf(errs, "  %s\n", enterCommand(other))
	}
	shell := exec.CommandContext(context.Background(), userShell())
	shell.Stdin, shell.Stdout, shell.Stderr = os.Stdin, os.Stdout, os.Stderr
	shell.Env = append(os.Environ(), "SYNOPTIC_LAB="+at, "PS1=["+at+"] \\$ ")
	shell.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	// The terminal sends interrupts to the shell too; ignored ones it would inherit.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	if err := h.Do(shell.Start); err != nil {
		return fmt.Errorf("the shell %s cannot be started: %w", shell.Path, err)
	}
	var failed *exec.ExitError
	if err := shell.Wait(); err != nil && !errors.As(err, &failed) {
		return err
	}
	return nil
}

func userShell() string {
	if shell := os.Getenv("SHELL"); shell != "" {
		return shell
	}
	return "/bin/sh"
}
