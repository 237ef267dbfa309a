package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/pasted"
	"github.com/synoptic-net/synoptic/tcp"
)

// readText reads pasted text from a file, or from standard input for "-", and
// notes what of it could not be read.
func readText(path string, stdin io.Reader, notes io.Writer) (*pasted.Text, error) {
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
		fmt.Fprintf(notes, "synoptic: %s: %s, the first of them %s\n", name, counted(text.Damaged, "line", "could not be read"), text.Skipped[0])
	}
	if text.Cut > 0 {
		fmt.Fprintf(notes, "synoptic: %s: %s; netstat -W writes them whole\n", name, counted(text.Cut, "address", "cut off by the tool"))
	}
	return text, nil
}

func counted(n int, what, fate string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s %s", what, fate)
	}
	return fmt.Sprintf("%d %ss %s", n, what, fate)
}

// bundleOfText makes evidence of a text. Nothing but the sockets is known.
func bundleOfText(text *pasted.Text, now time.Time) *evidence.Bundle {
	sockets, processes := ownersOfText(text)
	b := &evidence.Bundle{
		Schema: evidence.Schema, Start: now, End: now, Text: &evidence.Text{Tool: string(text.Tool), Counts: text.Counts},
		Snapshots:       []host.Snapshot{{Time: now, States: tcp.AllStates, Sockets: sockets}},
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

// firstMade is where inode numbers begin that the text did not tell.
const firstMade = 1 << 31

// ownersOfText joins sockets and programs by inode, as elsewhere. Where the text
// gives none a number is made up.
func ownersOfText(text *pasted.Text) ([]host.Socket, host.Processes) {
	sockets := slices.Clone(text.Sockets)
	var found host.Processes
	known := map[int]bool{}
	for _, o := range text.Owners {
		s := &sockets[o.Socket]
		if s.Inode == 0 {
			s.Inode = firstMade + uint32(o.Socket)
		}
		found.Owners = append(found.Owners, host.Owner{Inode: s.Inode, PID: o.PID, FD: o.FD})
		if !known[o.PID] {
			known[o.PID] = true
			found.List = append(found.List, host.Process{PID: o.PID, Name: o.Name})
		}
	}
	slices.SortFunc(found.Owners, func(a, b host.Owner) int { return int(a.Inode) - int(b.Inode) })
	return sockets, found
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
	sockets, processes := ownersOfText(text)
	c.group(sockets, "", func() *inventory.Owners { return inventory.NewOwners(processes, !text.Knows.Inodes) })
	return nil
}
