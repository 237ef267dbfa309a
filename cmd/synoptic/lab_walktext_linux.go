package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab/walk"
	"github.com/synoptic-net/synoptic/tcp"
)

// walkGroups are the parts of the table, with what the kernel keeps there.
var walkGroups = []struct {
	kind  host.Kind
	title string
}{
	{host.Full, "Full sockets"},
	{host.Request, "Half-open requests, which a listener keeps"},
	{host.TimeWaitKind, "Minisockets, which outlive the program"},
}

// writeWalkText prints the edges as a table, the ways of one edge together.
func writeWalkText(w *bufio.Writer, walked walk.Walk, took time.Duration) {
	for _, group := range walkGroups {
		fmt.Fprintf(w, "%s\n\n", group.title)
		last := ""
		for i := range walked.Edges {
			r := &walked.Edges[i]
			if r.Kind != group.kind {
				continue
			}
			edge := placeWord(r.From, r.Kind) + " → " + placeWord(r.To, r.Kind)
			if edge == last {
				edge = ""
			} else {
				last = edge
			}
			writeSigned(w, walkSign(r.Seen, r.Failed), edge, r.Way, r.Why)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "Our machine in conversation with Linux\n\n")
	for i := range walked.Roles {
		r := &walked.Roles[i]
		writeSigned(w, walkSign(r.Passed, !r.Passed), r.Name, r.About, r.Why)
	}
	fmt.Fprintf(w, "\n%s\n", walkSummary(walked, took))
}

// placeWord adds what stands for the state where that is not the group's own
// matter: a full FIN-WAIT-2 among minisockets.
func placeWord(p walk.Place, kind host.Kind) string {
	if kind == host.TimeWaitKind && p.State == tcp.FinWait2 {
		if p.Kind == host.Full {
			return "FIN-WAIT-2 (full)"
		}
		return "FIN-WAIT-2 (mini)"
	}
	return p.State.String()
}

func walkSign(seen, failed bool) string {
	switch {
	case failed:
		return "✗"
	case seen:
		return "✓"
	default:
		return "–"
	}
}

// writeSigned writes a line of the table, and below it why there is no tick.
func writeSigned(w *bufio.Writer, sign, first, second, why string) {
	const column = 38
	fmt.Fprintf(w, "%s %-*s %s\n", sign, column, first, second)
	if why != "" {
		fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(why, "\n", "; "))
	}
}

// walkSummary counts: edges, the ways over them, and who walked.
func walkSummary(walked walk.Walk, took time.Duration) string {
	edges := map[[2]walk.Place]bool{}
	seen, never, skipped, failed := 0, 0, 0, 0
	for i := range walked.Edges {
		switch r := &walked.Edges[i]; {
		case r.Failed:
			failed++
		case r.Seen:
			seen++
			edges[[2]walk.Place{r.From, r.To}] = true
		case r.Never != "":
			never++
		default:
			skipped++
		}
	}
	return fmt.Sprintf("%d edges seen in %d ways, each confirmed by sock_diag, as %s in %.1f s;\n%d that Linux does not take, %d not tried, %d failed",
		len(edges), seen, rights(), took.Seconds(), never, skipped, failed)
}
