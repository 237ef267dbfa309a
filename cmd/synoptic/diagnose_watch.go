package main

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
)

// watching diagnoses again and again. After the first diagnosis it prints what
// changed, and nothing while nothing does.
type watching struct {
	cmd      *cobra.Command
	from     evidenceFrom
	expected *host.Baseline
	format   string
	times    int // diagnoses to make; 0 is until an interrupt
}

func (wa *watching) run() error {
	ctx, stop := signal.NotifyContext(wa.cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	wa.cmd.SetContext(ctx)
	var before []explain.Finding
	for round := 0; ctx.Err() == nil && (wa.times == 0 || round < wa.times); round++ {
		seen, err := evidenceOf(wa.cmd, wa.from)
		if err != nil {
			return err
		}
		document := explain.Document(reportOn(seen, wa.expected), documentLanguage(wa.cmd, wa.format))
		if ctx.Err() != nil && round > 0 {
			return nil // the last window was cut short: what is missing in it is not gone
		}
		if err := wa.tell(wa.cmd.OutOrStdout(), round, before, document); err != nil {
			return err
		}
		before = document.Findings
	}
	return nil
}

func (wa *watching) tell(w io.Writer, round int, before []explain.Finding, document explain.Diagnosis) error {
	if round == 0 && wa.format == "text" {
		return text.Diagnosis(w, document, styleOf(wa.cmd))
	}
	now := time.Now()
	for _, change := range explain.Changes(before, document.Findings) {
		if err := wa.one(w, now, change); err != nil {
			return err
		}
	}
	return nil
}

func (wa *watching) one(w io.Writer, now time.Time, change explain.Change) error {
	if wa.format == "text" {
		return text.Change(w, now, change, styleOf(wa.cmd))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Time time.Time `json:"time"`
		explain.Change
	}{now.UTC(), change})
}

// watchFlag is --watch: alone it goes on until an interrupt.
func watchFlag(cmd *cobra.Command) (watch *bool, times *int) {
	watch = cmd.Flags().Bool("watch", false, "diagnose again and again, and print what changed")
	times = cmd.Flags().Int("times", 0, "with --watch: end after so many `DIAGNOSES`")
	return watch, times
}

func checkWatch(cmd *cobra.Command, watch bool, times int, format string) error {
	given := cmd.Flags().Changed
	switch {
	case !watch && format == "jsonl":
		return usagef("-o jsonl is one change a line: it needs --watch")
	case !watch && given("times"):
		return usagef("--times counts the diagnoses of --watch")
	case !watch:
		return nil
	case given("bundle") || given("netstat"):
		return usagef("--watch looks at this host: leave it out with --bundle and --netstat")
	case format != "text" && format != "jsonl":
		return usagef("--watch prints text or jsonl: -o %s is one document", format)
	case times < 0:
		return usagef("--times may not be negative")
	}
	return nil
}
