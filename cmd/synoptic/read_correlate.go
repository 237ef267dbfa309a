package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/capturefile"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/track/correlate"
)

// correlateHelp is the part of the help that tells of --correlate.
const correlateHelp = `--correlate A B joins two captures of the same connections that were made at two
points of their way. Addresses, ports and sequence numbers may have been changed
in between, the clocks may differ, and either capture may begin late. Of every
segment it says whether it arrived, was changed (and what), vanished between the
points, or was made in between, as the RST or the SYN,ACK of a middlebox is; or
that this is not known, and why. It prints the clocks, a table by direction, what
happens in between, and the connections with trouble. --ladder NUMBER draws one
of them with both points side by side.

With -o json it is one object: points, clock (offset_seconds is B minus A),
joined, alone, segments (counts by direction, kind and verdict), findings (topic,
from, to, count, connections, text) and connections. With -o jsonl it is one
connection a line, with all its segments: where each capture has it (packet,
time, ttl), its verdict (arrived, changed, vanished, made, unknown), why, changes.`

// correlation is one run of "read --correlate".
type correlation struct {
	cmd    *cobra.Command
	flags  *readFlags
	files  [2]string
	number int // of the connection that is drawn, 0 is the only one that the filter leaves
	filter *ssfilter.Filter
	given  bool
}

// runCorrelation reads "A B", "A B FILTER" or, with --ladder, "A B NUMBER".
func runCorrelation(cmd *cobra.Command, flags *readFlags, args []string) error {
	c := &correlation{cmd: cmd, flags: flags}
	if len(args) < 2 {
		return usagef("--correlate takes two captures of the same connections: synoptic read --correlate A.pcap B.pcap")
	}
	c.files = [2]string{args[0], args[1]}
	words := args[2:]
	if number, rest, ok := leadingNumber(words); ok && flags.ladder {
		c.number, words = number, rest
	}
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) > 0 && !beginsFilter(words[0]) {
		return usagef("--correlate takes two captures; %q is a third", words[0])
	}
	var err error
	if c.filter, err = parseFilter(words); err != nil {
		return err
	}
	c.given = len(words) > 0
	if err := c.check(); err != nil {
		return err
	}
	return c.run()
}

func leadingNumber(words []string) (number int, rest []string, ok bool) {
	if len(words) == 0 {
		return 0, words, false
	}
	number, err := strconv.Atoi(words[0])
	return number, words[1:], err == nil && number > 0
}

func (c *correlation) check() error {
	format := c.flags.format.value
	states, given := c.filter.States()
	switch {
	case c.files[0] == capturefile.Stdin && c.files[1] == capturefile.Stdin:
		return usagef("only one of the two captures can be standard input")
	case format == "svg" && !c.flags.ladder:
		return usagef("-o svg draws a ladder: say --ladder NUMBER")
	case c.flags.ladder && (format == "json" || format == "jsonl"):
		return usagef("-o %s has no ladder; -o jsonl has all segments of every connection", format)
	case c.flags.diagnose:
		return usagef("--diagnose judges captures one by one: leave out --correlate, which says itself what happens in between")
	case c.flags.transitions:
		return usagef("--transitions is of one capture: leave out --correlate")
	case c.given && given:
		return usagef("connections have no state between two captures (%v): filter by address and port", states)
	}
	return nil
}

func (c *correlation) run() error {
	to := correlate.New(correlate.Config{Memory: int(c.flags.memory)})
	for p, file := range c.files {
		if err := c.read(to, correlate.Point(p), file); err != nil {
			return err
		}
	}
	report := to.Correlate()
	if c.flags.ladder {
		return c.draw(report)
	}
	return buffered(c.cmd, func(w *bufio.Writer) error { return c.write(w, report) })
}

func (c *correlation) read(to *correlate.Correlator, p correlate.Point, path string) error {
	file, err := capturefile.Open(path, c.cmd.InOrStdin())
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := packet.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name, err)
	}
	show := progressOf(c.cmd, file)
	defer show(true)
	var (
		d packet.Decoder
		f packet.Frame
		s packet.Segment
	)
	for n := 0; r.Next(&f); n++ {
		to.Watch(p, &f)
		if d.Decode(&f, &s) == packet.IsSegment {
			to.Add(p, &s)
		}
		if n%shownEvery == 0 {
			show(false)
		}
	}
	return said(c.cmd, file, r, r.Err())
}

// passes asks the filter about both ends at both points.
func (c *correlation) passes(p *correlate.Pair) bool {
	if !c.given {
		return true
	}
	return slices.ContainsFunc(explain.CorrelatedEnds(p), func(t packet.Tuple) bool {
		originator := view(t.Source, t.SourcePort, t.Destination, t.DestinationPort)
		responder := view(t.Destination, t.DestinationPort, t.Source, t.SourcePort)
		return c.filter.Match(&originator) || c.filter.Match(&responder)
	})
}

func (c *correlation) write(w *bufio.Writer, report *correlate.Report) error {
	if c.flags.format.value == "jsonl" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		for i := range report.Pairs {
			if p := &report.Pairs[i]; c.passes(p) {
				if err := encoder.Encode(explain.NewCorrelated(i+1, report, p, true)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	document := explain.NewCorrelation(c.files, report, c.passes, documentLanguage(c.cmd, c.flags.format.value))
	if format := c.flags.format.value; format == "json" {
		return writeDocument(w, format, document)
	}
	return text.Correlation(w, &document, c.flags.connections || c.given, c.tables())
}

func (c *correlation) tables() text.Style {
	if c.flags.format.value == "wide" {
		style := styleOf(c.cmd)
		style.Width = 0
		return style
	}
	return tableStyle(c.cmd)
}

// draw draws the chosen connection.
func (c *correlation) draw(report *correlate.Report) error {
	chosen, err := c.choose(report)
	if err != nil {
		return err
	}
	ladder := explain.NewDoubleLadder(chosen, report, &report.Pairs[chosen-1], languageOf(c.cmd))
	return buffered(c.cmd, func(w *bufio.Writer) error {
		if c.flags.format.value == "svg" {
			_, err := io.WriteString(w, ladder.SVG())
			return err
		}
		return text.DoubleLadder(w, &ladder, styleOf(c.cmd))
	})
}

func (c *correlation) choose(report *correlate.Report) (number int, err error) {
	if c.number > 0 {
		if c.number > len(report.Pairs) {
			return 0, usagef("there is no connection %d, only %d", c.number, len(report.Pairs))
		}
		return c.number, nil
	}
	found := 0
	for i := range report.Pairs {
		if c.passes(&report.Pairs[i]) {
			number = i + 1
			found++
		}
	}
	switch found {
	case 0:
		return 0, usagef("no connection passes the filter")
	case 1:
		return number, nil
	default:
		return 0, usagef("%d connections pass: give the number of one (--ladder 3), or a filter that leaves one", found)
	}
}
