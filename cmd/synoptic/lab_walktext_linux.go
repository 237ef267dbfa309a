package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/walk"
	"github.com/synoptic-net/synoptic/tcp"
)

// walkGroups are the parts of the table, with what the kernel keeps there.
var walkGroups = []struct {
	kind  host.Kind
	title string // a label
}{
	{host.Full, "walk-full"},
	{host.Request, "walk-requests"},
	{host.TimeWaitKind, "walk-minisockets"},
}

// writeWalkText prints the edges as a table, the ways of one edge together.
func writeWalkText(w *bufio.Writer, walked walk.Walk, took time.Duration, l explain.Language) {
	for _, group := range walkGroups {
		fmt.Fprintf(w, "%s\n\n", l.Say(group.title))
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
	fmt.Fprintf(w, "%s\n\n", l.Say("walk-duel"))
	for i := range walked.Roles {
		r := &walked.Roles[i]
		writeSigned(w, walkSign(r.Passed, !r.Passed), r.Name, r.About, r.Why)
	}
	fmt.Fprintf(w, "\n%s\n", walkSummary(walked, took, l))
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
func walkSummary(walked walk.Walk, took time.Duration, l explain.Language) string {
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
	return l.Say("walk-sum", len(edges), seen, rights(l), fmt.Sprintf("%.1f", took.Seconds()), never, skipped, failed)
}
