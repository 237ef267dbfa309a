package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

func newGuardCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "The defence against SYN floods",
	}
	cmd.AddCommand(newGuardPlanCommand(), newGuardApplyCommand(), newGuardStatusCommand(), newGuardRevertCommand(), newGuardRunCommand(), newGuardBenchCommand())
	return cmd
}

func newGuardBenchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "What a SYN flood costs with each defence, and what clients notice",
		Long: `Floods a server of its own, in two network namespaces of its own, and measures
with each defence what a spoofed SYN costs the processor, and what genuine
clients notice: whether their first try succeeds, and when their first octet
comes back. It takes under a minute, touches nothing outside those namespaces and
leaves nothing behind. It needs root, and Linux 6.9.`,
		Example: `  synoptic guard bench
  synoptic guard bench --full -o json > bench.json`,
		Args: noArguments,
	}
	full := cmd.Flags().Bool("full", false, "more rounds and clients, the harm without a flood, and a flash crowd (some minutes)")
	format := addOutputFlag(cmd, "text", "json", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		size := bench.Short
		if *full {
			size = bench.Full
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		lang := languageOf(cmd)
		report, err := bench.Run(ctx, size, func(defence string) { fmt.Fprintln(cmd.ErrOrStderr(), measuring(defence, lang)) })
		switch {
		case errors.Is(err, context.Canceled):
			return errors.New("interrupted; nothing is left behind")
		case err != nil:
			return err
		case format.value == "text":
			return buffered(cmd, func(w *bufio.Writer) error { return writeBenchText(w, report, lang) })
		}
		return buffered(cmd, func(w *bufio.Writer) error { return writeDocument(w, format.value, benchDocument(report)) })
	}
	return cmd
}
