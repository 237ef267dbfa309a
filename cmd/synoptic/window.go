package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/explain"
)

const defaultWindow = 5 * time.Second

// window is the flag --for: a duration, a bare number being seconds.
type window time.Duration

func (w *window) String() string { return time.Duration(*w).String() }

// Type is the name of the value in the help.
func (w *window) Type() string { return "TIME" }

// Set reads a time; 0 is one look.
func (w *window) Set(word string) error {
	d, err := time.ParseDuration(word)
	if _, bare := strconv.ParseFloat(word, 64); bare == nil {
		d, err = time.ParseDuration(word + "s")
	}
	if err != nil || d < 0 {
		return errors.New("it must be a time like 5s or 1m30s")
	}
	*w = window(d)
	return nil
}

func addWindowFlag(cmd *cobra.Command) *window {
	w := window(defaultWindow)
	cmd.Flags().Var(&w, "for", "how long to look")
	return &w
}

// grace is how long further interrupts are taken for the first one: timeout(1)
// sends each signal twice.
const grace = time.Second

// collectSooner is how much the heap may grow before it is collected, in percent
// of what is alive: on a host with 100,000 sockets it saves an eighth of the
// memory and costs no time that could be measured. GOGC goes before it.
const collectSooner = 70

// look collects the evidence of a window that begins now, and asks peers after it
// unless probe is nil.
func look(cmd *cobra.Command, window time.Duration, probe func([]evidence.Probe)) (bundle *evidence.Bundle, err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectSooner)
	}
	err = watched(cmd, window, func(ctx context.Context, progress func(time.Duration)) (err error) {
		bundle, err = collect.Run(ctx, collect.Options{Window: window, Progress: progress, Probe: probe})
		return err
	})
	return bundle, err
}

// watched runs what looks for a window. An interrupt ends the window early, and
// what was seen until then still counts; another one, after the grace, ends the
// program. Progress tells a person how long it will take.
func watched(cmd *cobra.Command, window time.Duration, run func(ctx context.Context, progress func(time.Duration)) error) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	uninterrupted := context.AfterFunc(ctx, func() { time.AfterFunc(grace, stop) })
	defer func() {
		if uninterrupted() {
			stop()
		}
	}()
	var progress func(time.Duration)
	if errs := cmd.ErrOrStderr(); isTerminal(errs) {
		progress = func(elapsed time.Duration) { showProgress(errs, window-elapsed, languageOf(cmd)) }
		progress(0)
		defer fmt.Fprint(errs, wipeLine)
	}
	return run(ctx, progress)
}

const wipeLine = "\r\x1b[K"

// showProgress tells a person how long it will take.
func showProgress(w io.Writer, left time.Duration, l explain.Language) {
	fmt.Fprint(w, wipeLine+l.Say("window-left", fmt.Sprintf("%.0f", math.Ceil(max(left.Seconds(), 0)))))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}
