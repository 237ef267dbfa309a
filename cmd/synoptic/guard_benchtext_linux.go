package main

import (
	"bufio"
	"fmt"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// benchWidth is that of running text between the tables.
const benchWidth = 78

// measuring says what is measured now.
func measuring(defence string, lang explain.Language) string {
	if defence == "" {
		return lang.Say("bench-now-cost")
	}
	return lang.Say("bench-now", lang.Say("defence-"+defence))
}

// writeBenchText prints the tables, and what to read in them.
func writeBenchText(w *bufio.Writer, r *bench.Report, lang explain.Language) error {
	writeCosts(w, r, lang)
	fmt.Fprintf(w, "\n%s\n\n", lang.Say("bench-flood", grouped(r.Size.SYNs)))
	writeServices(w, r.Services, lang)
	writeIndented(w, lang.Say("bench-flood-how", grouped(r.Size.Clients), fmt.Sprint(r.Size.Rate)))
	if len(r.IPv6) > 0 {
		fmt.Fprintf(w, "\n%s\n\n", lang.Say("bench-flood6", grouped(r.Size.SYNs6)))
		writeServices(w, r.IPv6, lang)
	}
	if busy := r.Slowest(); busy > 0 {
		writeIndented(w, lang.Say("bench-busy", grouped(busy)))
	}
	if len(r.Peace) > 0 {
		fmt.Fprintf(w, "\n%s\n\n", lang.Say("bench-peace"))
		writeServices(w, r.Peace, lang)
	}
	if len(r.Crowd) > 0 {
		fmt.Fprintf(w, "\n%s\n\n", lang.Say("bench-crowd", grouped(r.Size.Crowd)))
		writeServices(w, r.Crowd, lang)
	}
	fmt.Fprintf(w, "\n%s\n", lang.Say("bench-host", r.Kernel, fmt.Sprint(r.Processors), fmt.Sprintf("%.0f", r.Took.Seconds())))
	return nil
}

// frameLabels are the labels of the words of documents for kinds of frames.
var frameLabels = map[string]string{"SYN": "bench-frame-syn", "SYN over IPv6": "bench-frame-syn6", "forged ACK": "bench-frame-ack"}

// writeCosts prints what a SYN costs with each defence.
func writeCosts(w *bufio.Writer, r *bench.Report, lang explain.Language) {
	fmt.Fprintf(w, "%s\n\n", lang.Say("bench-costs"))
	row := func(title, ns, core, share string) {
		fmt.Fprintf(w, "  %s %s  %s  %s\n", lines.Pad(title, 46), lines.PadLeft(ns, 8), lines.PadLeft(core, 12), share)
	}
	row(lang.Say("bench-defence"), lang.Say("bench-ns"), lang.Say("bench-core"), lang.Say("bench-share"))
	for i := range r.Costs {
		c := &r.Costs[i]
		if i > 0 && c.Frame != r.Costs[i-1].Frame {
			fmt.Fprintf(w, "\n  %s\n", lang.Say("bench-of", lang.Say(frameLabels[c.Frame])))
		}
		row(costTitle(c, lang), fmt.Sprintf("%.0f", c.Net), grouped(c.PerCore()), shareOf(r.OfKernel(c)))
	}
	writeIndented(w, lang.Say("bench-cost-how", fmt.Sprintf("%.0f", r.Costs[0].Made), fmt.Sprint(r.Size.Rounds), grouped(r.Size.Frames)))
}

// writeIndented prints a paragraph behind an empty line.
func writeIndented(w *bufio.Writer, text string) {
	fmt.Fprintln(w)
	for _, line := range lines.Wrap(text, benchWidth-2) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// costTitle names the layout where there are several.
func costTitle(c *bench.Cost, lang explain.Language) string {
	title := lang.Say("defence-" + c.ID)
	if c.ID == bench.Guard.ID && c.Frame == "SYN" {
		return lang.Say("bench-layout", title, c.Layout)
	}
	return title
}

// shareOf is "1/15.6", the way the bars are said.
func shareOf(share float64) string {
	switch {
	case share <= 0:
		return "–"
	case share < 0.95:
		return fmt.Sprintf("1/%.1f", 1/share)
	}
	return fmt.Sprintf("%.1f", share)
}

func writeServices(w *bufio.Writer, services []bench.Service, lang explain.Language) {
	row := func(title string, cells ...string) {
		fmt.Fprintf(w, "  %s", lines.Pad(title, 33))
		for i, cell := range cells {
			fmt.Fprintf(w, "  %s", lines.PadLeft(cell, []int{8, 9, 8, 10, 10, 8}[i]))
		}
		fmt.Fprintln(w)
	}
	row(lang.Say("bench-defence"), "SYN/s", lang.Say("bench-first-try"), lang.Say("bench-ever"), lang.Say("bench-octet"), "p99", lang.Say("bench-options"))
	for i := range services {
		s := &services[i]
		flood, p50, p99 := "–", "–", "–"
		if s.SYNs > 0 {
			flood = grouped(s.SYNs)
		}
		if s.FellShort() {
			flood += "*"
		}
		if s.Ever > 0 {
			p50, p99 = fmt.Sprintf("%.2f ms", milliseconds(s.P50)), fmt.Sprintf("%.2f ms", milliseconds(s.P99))
		}
		row(lang.Say("defence-"+s.ID), flood, percent(s.FirstTry, s.Clients), percent(s.Ever, s.Clients), p50, p99, percent(s.SameKind, s.Clients))
	}
}

func percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	if part == whole {
		return "100 %"
	}
	return fmt.Sprintf("%.2f %%", float64(part)*100/float64(whole))
}

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
