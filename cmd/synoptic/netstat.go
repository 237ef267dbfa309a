package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/pasted"
	"github.com/synoptic-net/synoptic/tcp"
)

// readText reads pasted text from a file, or from standard input for "-", and
// notes what of it could not be read.
func readText(path string, stdin io.Reader, notes notes) (*pasted.Text, error) {
	name := path
	if path == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		stdin = file
	}
	text, err := pasted.Parse(stdin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if text.Damaged > 0 {
		notes.say("%s: %s, the first of them %s", name, counted(text.Damaged, "line", "lines", "could not be read"), text.Skipped[0])
	}
	if text.Cut > 0 {
		notes.say("%s: %s; netstat -W writes them whole", name, counted(text.Cut, "address", "addresses", "cut off by the tool"))
	}
	return text, nil
}

func counted(n int, one, many, fate string) string {
	if n == 1 {
		return "1 " + one + " " + fate
	}
	return fmt.Sprintf("%d %s %s", n, many, fate)
}

// bundleOfText makes evidence of a text. Nothing but the sockets is known.
func bundleOfText(text *pasted.Text, now time.Time) *evidence.Bundle {
	processes := text.Processes()
	b := &evidence.Bundle{
		Schema: evidence.Schema, Host: host.Identity{Name: "the pasted text"}, Start: now, End: now, Text: &evidence.Text{Tool: string(text.Tool), Counts: text.Counts},
		Snapshots:       []host.Snapshot{{Time: now, States: tcp.AllStates, Sockets: text.Sockets}},
		ProcessesBefore: processes, ProcessesAfter: processes,
		Sources: []evidence.Source{{Name: evidence.SourceSockets, OK: true, Why: "one moment, as a text (" + string(text.Tool) + ")"}},
	}
	for _, name := range []string{evidence.SourceCounters, evidence.SourceSettings, evidence.SourceRoutes, evidence.SourceNeighbours} {
		b.Sources = append(b.Sources, evidence.Source{Name: name, Why: "a text has none"})
	}
	named := evidence.Source{Name: evidence.SourceProcesses, OK: text.Knows.Owners}
	if !named.OK {
		named.Why = "the text names no programs"
	}
	b.Sources = append(b.Sources, named)
	return b
}

// text counts what a pasted text shows.
func (c *counting) text(path string, stdin io.Reader) error {
	text, err := readText(path, stdin, c.notes)
	switch {
	case err != nil:
		return err
	case c.by == "":
		c.counts = text.Counts
		return nil
	case !text.Knows.Addresses:
		return fmt.Errorf("the text only counts states: there is nothing to group by %s", c.by)
	case c.by == inventory.ByOwner && !text.Knows.Owners:
		return fmt.Errorf("the text names no programs: netstat -p, netstat -o and ss -p do")
	}
	owners := inventory.NewOwners(text.Processes(), !text.Knows.Inodes)
	c.group(text.Sockets, "", func() *inventory.Owners { return owners })
	return nil
}
