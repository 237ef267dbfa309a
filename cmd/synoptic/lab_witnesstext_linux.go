package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/synoptic-net/synoptic/internal/lab/witness"
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
func writeWitnesses(w io.Writer, r *witness.Report) error {
	fmt.Fprint(w, "\nThree witnesses, at the end of the window:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "STATE\tSOCKETS\tEVENTS\tPACKETS\t")
	for _, c := range countsOfWitnesses(r) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", c.State, c.Sockets, c.Events, c.Packets)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(r.Differences) == 0 {
		fmt.Fprintln(w, "They agree about every connection.")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(w, "  %d in %s by sockets, %s by %s: %s (%s)\n", d.Count, d.Socket, strings.Join(d.Other, " or "), d.Witness, d.Reason, witness.Sentences[d.Reason])
	}
	return nil
}
