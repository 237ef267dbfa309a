package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func newStatesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "states",
		Short: "How many sockets are in each TCP state, now",
		Long: `Counts the TCP sockets of this network namespace, IPv4 and IPv6, by state.
Half-open connections count as SYN-RECEIVED, although netstat and ss hide some.`,
		Example: `  synoptic states
  synoptic states --by process
  netstat -ant | synoptic states --netstat -`,
		Args: noArguments,
	}
	by := newChoice("", append(inventory.Ways(), "")...)
	cmd.Flags().Var(by, "by", "count by `WORD`: listener, process, peer, port, netns")
	complete(cmd, "by", inventory.Ways())
	everywhere := cmd.Flags().Bool("all-netns", false, "every network namespace of this host")
	pasted := cmd.Flags().String("netstat", "", "count in `FILE`, the output of netstat, ss or /proc/net/tcp of any system; - is standard input")
	way := addSourceFlag(cmd)
	format := addOutputFlag(cmd, "text", "json", "jsonl", "csv", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *pasted != "" && *everywhere {
			return usagef("--netstat reads a text and --all-netns this host: leave one of them out")
		}
		c := &counting{ctx: cmd.Context(), notes: notesOf(cmd), by: inventory.By(by.value), reader: collect.NewReader(collect.Way(way.value))}
		defer c.reader.Close()
		var err error
		switch {
		case *pasted != "":
			c.pasted = true
			err = c.text(*pasted, cmd.InOrStdin())
		case *everywhere:
			err = eachNamespace(c.notes, c.namespace)
		default:
			identity, _ := kernel.Host.Identity() // an unknown namespace is shown empty
			err = c.namespace(identity.NetNS)
		}
		if err != nil {
			return err
		}
		noteMissing(c.notes, c.reader, way)
		return buffered(cmd, func(w *bufio.Writer) error { return c.write(w, format.value, styleOf(cmd)) })
	}
	return cmd
}

// counting counts sockets by state, and by what else is asked for.
type counting struct {
	ctx    context.Context
	notes  notes
	by     inventory.By
	reader *collect.Reader
	pasted bool // counted in a text, not in the kernel
	counts tcp.Counts
	groups []inventory.Group
}

// namespace counts in the network namespace of the calling thread. Without
// groups, and by listener, nothing but sums need leave the kernel.
func (c *counting) namespace(netns string) error {
	switch c.by {
	case "", inventory.ByNetNS:
		counts, result, err := c.reader.Count(c.ctx)
		noteInterrupted(c.notes, result)
		if c.add(counts); c.by != "" && counts.Total() > 0 {
			c.merge(inventory.Group{Key: netns, Counts: counts})
		}
		return err
	case inventory.ByListener:
		if listeners, dialled, ok := c.reader.CountByListener(); ok {
			c.take(inventory.ListenerGroups(listeners, dialled))
			return nil
		}
	}
	shot, err := c.reader.Snapshot(c.ctx, sockdiag.Options{})
	if err != nil {
		return err
	}
	c.group(shot.Sockets, netns, c.owners)
	return nil
}

func (c *counting) owners() *inventory.Owners { return readOwners(nil) }

func (c *counting) group(sockets []host.Socket, netns string, owners func() *inventory.Owners) {
	var holders *inventory.Owners
	if c.by == inventory.ByOwner {
		holders = owners()
	}
	grouping := inventory.NewGrouping(c.by, sockets, holders)
	grouping.Add(sockets, netns)
	c.take(grouping.Groups())
}

func (c *counting) take(groups []inventory.Group) {
	for _, g := range groups {
		c.merge(g)
		c.add(g.Counts)
	}
}

func (c *counting) add(counts tcp.Counts) {
	for state, n := range counts {
		c.counts[state] += n
	}
}

// merge adds a group of one namespace to that of the same key in others.
func (c *counting) merge(g inventory.Group) {
	for i := range c.groups {
		if c.groups[i].Key == g.Key {
			for state, n := range g.Counts {
				c.groups[i].Counts[state] += n
			}
			return
		}
	}
	c.groups = append(c.groups, g)
}

// noteInterrupted says that the kernel could not keep its table still.
func noteInterrupted(notes notes, result sockdiag.Result) {
	if result.Interrupted {
		notes.say("the table changed while it was read: some sockets may be missing or doubled")
	}
}

type groupDocument struct {
	Key    string         `json:"key"`
	States explain.States `json:"states"`
}

func (c *counting) write(w *bufio.Writer, format string, style text.Style) error {
	switch format {
	case "jsonl":
		return c.writeLines(w)
	case "csv":
		return c.writeCSV(w)
	case "json", "yaml":
		document := struct {
			States  explain.States    `json:"states"`
			Groups  *[]groupDocument  `json:"groups,omitempty"`
			Sources []evidence.Source `json:"sources,omitempty"`
		}{States: explain.States(c.counts)}
		if !c.pasted {
			document.Sources = c.reader.Sources()
		}
		if c.by != "" {
			document.Groups = &[]groupDocument{}
			for _, g := range c.groups {
				*document.Groups = append(*document.Groups, groupDocument{g.Key, explain.States(g.Counts)})
			}
		}
		return writeDocument(w, format, document)
	}
	if c.by == "" {
		return text.States(w, c.counts, style)
	}
	return text.Groups(w, string(c.by), c.groups, style)
}

// writeLines writes a state a line, or a group a line.
func (c *counting) writeLines(w *bufio.Writer) error {
	encoder := json.NewEncoder(w)
	if c.by != "" {
		for _, g := range c.groups {
			if err := encoder.Encode(groupDocument{g.Key, explain.States(g.Counts)}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, s := range tcp.States() {
		err := encoder.Encode(struct {
			State tcp.State `json:"state"`
			Count uint64    `json:"count"`
		}{s, c.counts[s]})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *counting) writeCSV(w *bufio.Writer) error {
	out := csv.NewWriter(w)
	rows := c.groups
	title := []string{"state", "count"}
	if c.by != "" {
		title = []string{string(c.by), "state", "count"}
	} else {
		rows = []inventory.Group{{Counts: c.counts}}
	}
	_ = out.Write(title) // csv.Writer keeps the first error for Error
	for _, g := range rows {
		for _, s := range tcp.States() {
			row := []string{g.Key, s.String(), strconv.FormatUint(g.Counts[s], 10)}
			_ = out.Write(row[3-len(title):])
		}
	}
	out.Flush()
	return out.Error()
}
