package main

import (
	"bufio"
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/tcp"
)

// sumUp lets the kernel add up until the time is over.
func (t *tracing) sumUp(ctx context.Context, cmd *cobra.Command, netns uint32) error {
	summary, err := live.OpenSummary(live.Options{NetNS: netns, Filter: t.filter, Mishaps: t.mishaps})
	if err != nil {
		return explainTrace(err)
	}
	defer summary.Close()
	for _, blind := range summary.Blind {
		notesOf(cmd).say("%v", blind)
	}
	<-ctx.Done()
	took := time.Since(t.started)
	tallies, err := summary.Read()
	if err != nil {
		return err
	}
	mishaps, err := summary.Mishaps()
	if err != nil {
		return err
	}
	return buffered(cmd, func(w *bufio.Writer) error {
		switch t.format {
		case "svg":
			_, err := io.WriteString(w, explain.DiagramSVG(explain.WithRates(rates(tallies, took)), explain.WithLanguage(languageOf(cmd))))
			return err
		case "json":
			return writeDocument(w, "json", summaryDocument(tallies, mishaps, took))
		}
		if err := text.Summary(w, summaryRows(tallies), took, tableStyle(cmd)); err != nil || t.mishaps == nil {
			return err
		}
		return text.Mishaps(w, mishaps, took, tableStyle(cmd))
	})
}

func rates(tallies []live.Tally, took time.Duration) map[tcp.Edge]float64 {
	all := map[tcp.Edge]float64{}
	for i := range tallies {
		all[tallies[i].Edge] = float64(tallies[i].Count) / took.Seconds()
	}
	return all
}

type tallyDocument struct {
	From   tcp.State `json:"from"`
	To     tcp.State `json:"to"`
	Count  uint64    `json:"count"`
	Rate   float64   `json:"per_second"`
	Median *float64  `json:"median_seconds_in_from"` // null: no time is known
	P99    *float64  `json:"p99_seconds_in_from"`
}

type mishapDocument struct {
	host.MishapCount
	Rate float64 `json:"per_second"`
}

func summaryDocument(tallies []live.Tally, mishaps []host.MishapCount, took time.Duration) any {
	var wrong []mishapDocument
	for _, m := range mishaps {
		wrong = append(wrong, mishapDocument{m, float64(m.Count) / took.Seconds()})
	}
	list := make([]tallyDocument, len(tallies))
	for i, t := range tallies {
		list[i] = tallyDocument{From: t.From, To: t.To, Count: t.Count, Rate: float64(t.Count) / took.Seconds()}
		if t.HasTimes {
			median, p99 := t.Median.Seconds(), t.P99.Seconds()
			list[i].Median, list[i].P99 = &median, &p99
		}
	}
	return struct {
		Seconds     float64          `json:"seconds"`
		Transitions []tallyDocument  `json:"transitions"`
		Mishaps     []mishapDocument `json:"mishaps,omitempty"`
	}{took.Round(time.Millisecond).Seconds(), list, wrong}
}

func summaryRows(tallies []live.Tally) []text.SummaryRow {
	rows := make([]text.SummaryRow, len(tallies))
	for i, t := range tallies {
		rows[i] = text.SummaryRow{Edge: t.Edge, Count: t.Count, Median: t.Median, P99: t.P99, HasTimes: t.HasTimes}
	}
	return rows
}
