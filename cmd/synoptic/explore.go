package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/simulate/explore"
)

// allBounds is the argument that asks for every bound.
const allBounds = "all"

func newExploreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explore [BOUND | all]",
		Short: "Try every interleaving of two ends, and look for what goes wrong",
		Long: `Explores every order in which calls, arrivals, losses, duplicates and timeouts
can happen to two ends within a bound, and checks in each joint state that no
text is lost or old, that the states of the ends fit together, and that there is
a way to the end. What does not hold is shown as a shortest run.

Without an argument it lists the bounds. Some of them break a rule on purpose,
and show what the rule is for.`,
		Example: `  synoptic simulate explore connection
  synoptic simulate explore time-wait-zero
  synoptic simulate explore all`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeBounds,
	}
	format := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		if len(args) == 0 {
			return buffered(cmd, func(w *bufio.Writer) error { return listBounds(cmd, w, format.value) })
		}
		return exploreCommand(ctx, cmd, args[0], format.value)
	}
	return cmd
}

// listBounds writes every bound with what happens within it.
func listBounds(cmd *cobra.Command, w *bufio.Writer, format string) error {
	list := explain.Bounds(explore.Bounds(), documentLanguage(cmd, format))
	if format == "json" {
		return writeDocument(w, format, list)
	}
	_, err := fmt.Fprint(w, list.Text(terminalWidth()))
	return err
}

// exploreCommand explores one bound or all of them.
func exploreCommand(ctx context.Context, cmd *cobra.Command, name, format string) error {
	bounds := explore.Bounds()
	if name != allBounds {
		bound, err := explore.Find(name)
		if err != nil {
			return usagef("%v, or all", err)
		}
		bounds = []explore.Bound{bound}
	}
	lang := documentLanguage(cmd, format)
	list := name == allBounds && format == "text"
	out := cmd.OutOrStdout()
	if list {
		fmt.Fprint(out, explain.ExplorationHead(lang))
	}
	began := time.Now()
	reports, err := exploreAll(ctx, bounds, func(b *explore.Bound, r *explore.Report) {
		if list {
			e := explain.NewExploration(b, r, lang)
			fmt.Fprint(out, e.Line())
		}
	})
	if err != nil {
		return err
	}
	document := explain.NewExplorations(bounds[:len(reports)], reports, lang)
	err = buffered(cmd, func(w *bufio.Writer) error {
		return writeExplorations(cmd, w, &document, list, format, time.Since(began))
	})
	if err != nil {
		return err
	}
	if left := len(bounds) - len(reports); left > 0 {
		return fmt.Errorf("interrupted; %d of %d bounds were not explored", left, len(bounds))
	}
	return surprise(&document)
}

func writeExplorations(cmd *cobra.Command, w *bufio.Writer, document *explain.ExplorationsDocument, list bool, format string, took time.Duration) error {
	switch {
	case format == "json":
		return writeDocument(w, format, document)
	case list:
		_, err := fmt.Fprint(w, document.SummaryText(took, terminalWidth()))
		return err
	}
	one := &document.Explorations[0]
	fmt.Fprint(w, one.Text(terminalWidth())) // a bufio.Writer keeps its error
	for _, ladder := range one.Ladders() {
		fmt.Fprintln(w)
		if err := text.Ladder(w, ladder, false, styleOf(cmd)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// atOnce is how many bounds are explored at the same time. More would be faster
// on some machines and need more memory on all.
const atOnce = 2

// exploreAll explores the bounds, and shows each in order when it is done. An
// interrupt ends those that have begun, and no others begin.
func exploreAll(ctx context.Context, bounds []explore.Bound, show func(*explore.Bound, *explore.Report)) ([]explore.Report, error) {
	results := make(chan chan exploration, len(bounds))
	go func() {
		defer close(results)
		free := make(chan struct{}, atOnce)
		for i := range bounds {
			free <- struct{}{}
			if i > 0 && ctx.Err() != nil {
				return
			}
			result := make(chan exploration, 1)
			results <- result
			go func() {
				r, err := explore.Run(bounds[i], explore.Limits{Stop: func() bool { return ctx.Err() != nil }})
				<-free
				result <- exploration{r, err}
			}()
		}
	}()
	var reports []explore.Report
	for result := range results {
		e := <-result
		if e.err != nil {
			return nil, e.err
		}
		show(&bounds[len(reports)], &e.report)
		reports = append(reports, e.report)
	}
	return reports, nil
}

type exploration struct {
	report explore.Report
	err    error
}

// surprise is an error where a bound is not as it is meant to be.
func surprise(document *explain.ExplorationsDocument) error {
	var names []string
	for _, e := range document.Explorations {
		if !e.AsMeant {
			names = append(names, e.Bound)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("not as expected: %s; see the output", strings.Join(names, ", "))
}

func completeBounds(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	words := []string{allBounds}
	for _, b := range explore.Bounds() {
		words = append(words, b.Name)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
