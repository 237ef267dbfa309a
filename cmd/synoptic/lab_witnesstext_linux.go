package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab/witness"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/tcp"
)

type witnessCounts struct {
	State   tcp.State `json:"state"`
	Sockets uint64    `json:"sockets"`
	Events  uint64    `json:"events"`
	Packets uint64    `json:"packets"`
}

type witnessDocument struct {
	States      []witnessCounts      `json:"states"`
	Differences []witness.Difference `json:"differences"`
	Unexplained int                  `json:"unexplained"`
}

func newWitnessDocument(r *witness.Report) *witnessDocument {
	if r == nil {
		return nil
	}
	return &witnessDocument{States: countsOfWitnesses(r), Differences: append([]witness.Difference{}, r.Differences...), Unexplained: r.Unexplained()}
}

// countsOfWitnesses are the states that one of them saw.
func countsOfWitnesses(r *witness.Report) []witnessCounts {
	list := []witnessCounts{}
	for _, s := range tcp.AllStates.States() {
		if c := (witnessCounts{s, r.Sockets[s], r.Events[s], r.Packets[s]}); c.Sockets+c.Events+c.Packets > 0 {
			list = append(list, c)
		}
	}
	return list
}

// unexplained says about which connections the witnesses differ for no known
// reason; nil when there are none.
func (r *labRun) unexplained() []string {
	if r.witnesses == nil || r.witnesses.Unexplained() == 0 {
		return nil
	}
	var list []string
	for _, d := range r.witnesses.Differences {
		if d.Reason == witness.Unexplained {
			list = append(list, fmt.Sprintf("%d in %s by sockets and in %s by %s, such as %v to %v", d.Count, d.Socket, strings.Join(d.Other, "|"), d.Witness, d.Example.Local, d.Example.Remote))
		}
	}
	return list
}

// writeWitnesses prints what each of the three saw, and why they differ.
func writeWitnesses(w io.Writer, r *witness.Report, l explain.Language) error {
	fmt.Fprintf(w, "\n%s\n", l.Say("witness-head"))
	rows := [][]string{{l.Say("head-state"), l.Say("witness-sockets"), l.Say("witness-events"), l.Say("witness-packets")}}
	for _, c := range countsOfWitnesses(r) {
		rows = append(rows, []string{c.State.String(), fmt.Sprint(c.Sockets), fmt.Sprint(c.Events), fmt.Sprint(c.Packets)})
	}
	writeRight(w, rows)
	if len(r.Differences) == 0 {
		fmt.Fprintln(w, l.Say("witness-agree"))
	}
	for _, d := range r.Differences {
		fmt.Fprintf(w, "  %s\n", l.Say("witness-differ", d.Count, d.Socket.String(), strings.Join(d.Other, l.Say("witness-or")), d.Witness, string(d.Reason), l.Phrase(witness.Sentences[d.Reason])))
	}
	return nil
}

// writeRight prints columns, each flush right.
func writeRight(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], lines.Width(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			fmt.Fprint(w, "  ", lines.PadLeft(cell, widths[i]))
		}
		fmt.Fprintln(w)
	}
}
