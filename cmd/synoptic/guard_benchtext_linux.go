package main

import (
	"bufio"
	"fmt"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// writeBenchText prints both tables, and what to read in them.
func writeBenchText(w *bufio.Writer, r *bench.Report) error {
	fmt.Fprintf(w, "What a spoofed SYN costs\n\n")
	fmt.Fprintf(w, "  %-46s %6s  %13s  %s\n", "defence", "ns", "SYN/s, a core", "of kernel cookies")
	for i := range r.Costs {
		c := &r.Costs[i]
		if i > 0 && c.Frame != r.Costs[i-1].Frame {
			fmt.Fprintf(w, "\n  of a %s\n", c.Frame)
		}
		fmt.Fprintf(w, "  %-46s %6.0f  %13s  %s\n", costTitle(c), c.Net, grouped(c.PerCore()), shareOf(r.OfKernel(c)))
	}
	fmt.Fprintf(w, `
  Processor time of one thread for receiving, answering and dropping; making the
  frame (%.0f ns) is taken off. Medians of %d rounds in turns of %s frames, over a
  veth pair; no card and no driver.
`, r.Costs[0].Made, r.Size.Rounds, grouped(r.Size.Frames))
	fmt.Fprintf(w, "\nWhat genuine clients notice of %s SYN/s\n\n", grouped(r.Size.SYNs))
	writeServices(w, r.Services)
	fmt.Fprintf(w, `
  %s clients come at %d a second, whatever became of those before. First try:
  answered before a SYN would have gone again. First octet: from when the client
  was due till the server's octet came back. Options: connections whose
  timestamps, SACK, window scales, ECN and segment size are those of one without
  a flood.
`, grouped(r.Size.Clients), r.Size.Rate)
	if len(r.Peace) > 0 {
		fmt.Fprint(w, "\nThe same without a flood: what a defence harms by itself\n\n")
		writeServices(w, r.Peace)
	}
	if len(r.Crowd) > 0 {
		fmt.Fprintf(w, "\nA flash crowd of genuine clients, %s a second\n\n", grouped(r.Size.Crowd))
		writeServices(w, r.Crowd)
	}
	fmt.Fprintf(w, "\nLinux %s, %d processors, %.0f s.\n", r.Kernel, r.Processors, r.Took.Seconds())
	return nil
}

// costTitle names the layout where there are several.
func costTitle(c *bench.Cost) string {
	if c.ID == bench.Guard.ID && c.Frame == "SYN" {
		return c.Title + ", SYN of " + c.Layout
	}
	return c.Title
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

func writeServices(w *bufio.Writer, services []bench.Service) {
	fmt.Fprintf(w, "  %-36s %9s  %8s  %11s  %11s  %8s\n", "defence", "first try", "ever", "octet, p50", "p99", "options")
	for i := range services {
		s := &services[i]
		p50, p99 := "–", "–"
		if s.Ever > 0 {
			p50, p99 = fmt.Sprintf("%.2f ms", milliseconds(s.P50)), fmt.Sprintf("%.2f ms", milliseconds(s.P99))
		}
		fmt.Fprintf(w, "  %-36s %9s  %8s  %11s  %11s  %8s\n", s.Title, percent(s.FirstTry, s.Clients), percent(s.Ever, s.Clients), p50, p99, percent(s.SameKind, s.Clients))
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
