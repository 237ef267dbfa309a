package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/capturefile"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/track"
)

// readFlags is what the flags of "read" say.
type readFlags struct {
	connections bool
	transitions bool
	ladder      bool
	diagnose    bool
	correlate   bool
	memory      octets
	format      *choice
}

func newReadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "read FILE... [FILTER]",
		Short: "The states of both ends of every connection in capture files",
		Long: `Reads captures (pcap and pcapng, also compressed by gzip, zstd or bzip2; - is
standard input) and rebuilds the states of both ends of every connection, as far
as the packets show them. A state with a question mark is the likely one of
several that fit.

Without flags it prints a summary. Connections are listed on a filter, which is
that of "sockets" and ss and looks at either end, with --connections, or with
-o jsonl. --ladder draws one of them, segment by segment.

--diagnose says what the captures show to be wrong, with the evidence and what
was ruled out. What only a host knows, its queues and programs, it does not judge.
States are then those of the end that the capture is near, else of the server.
FILE in the commands that it gives stands for the capture.

` + correlateHelp,
		Example: `  synoptic read capture.pcap
  synoptic read capture.pcapng.gz --connections
  synoptic read capture.pcap state time-wait dport = :443
  synoptic read capture.pcap -o jsonl --transitions
  synoptic read capture.pcap --ladder dst 192.0.2.7 sport = :40112
  synoptic read capture.pcap --diagnose -o json
  tcpdump -w - 'tcp port 80' | synoptic read -
  synoptic read --correlate client.pcap server.pcap
  synoptic read --correlate client.pcap server.pcap --ladder 3`,
	}
	flags := readFlags{memory: 256 << 20}
	cmd.Flags().BoolVar(&flags.connections, "connections", false, "list the connections")
	cmd.Flags().BoolVar(&flags.transitions, "transitions", false, "with each change of state that the packets show (JSON)")
	cmd.Flags().BoolVar(&flags.ladder, "ladder", false, "draw the one connection that the filter leaves, or the only one")
	cmd.Flags().BoolVar(&flags.diagnose, "diagnose", false, "why do connections fail or hang? Causes, evidence and remedies")
	cmd.Flags().BoolVar(&flags.correlate, "correlate", false, "join two captures of the same connections, made at two points")
	cmd.Flags().Var(&flags.memory, "memory", "follow connections in this much `MEMORY` at most: 64MB, 1GB")
	flags.format = addOutputFlag(cmd, "text", "wide", "json", "jsonl", "svg")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if flags.correlate {
			return runCorrelation(cmd, &flags, args)
		}
		files, words := splitFiles(args, cmd.ArgsLenAtDash())
		if len(files) == 0 {
			return usagef("name a capture file, or - for standard input")
		}
		r := &reading{cmd: cmd, flags: &flags, files: files, filtered: len(words) > 0}
		var err error
		if r.filter, err = parseFilter(words); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		return r.run()
	}
	return cmd
}

// splitFiles tells the files from the filter behind them: the filter begins at
// "--", or at the first word of its language that is no file.
func splitFiles(args []string, dash int) (files, filter []string) {
	if dash >= 0 {
		return args[:dash], args[dash:]
	}
	for i, arg := range args {
		if _, err := os.Stat(arg); err != nil && arg != capturefile.Stdin && beginsFilter(arg) {
			return args[:i], args[i:]
		}
	}
	return args, nil
}

var filterWords = []string{"state", "exclude", "src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound", "not"}

// beginsFilter tells whether a filter can begin like this; in one argument it
// may be whole.
func beginsFilter(arg string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(arg), " ")
	return slices.Contains(filterWords, strings.ToLower(word)) || strings.HasPrefix(arg, "(") || strings.HasPrefix(arg, "!")
}

// reading is one run of "read".
type reading struct {
	cmd      *cobra.Command
	flags    *readFlags
	files    []string
	filter   *ssfilter.Filter
	filtered bool
}

func (r *reading) check() error {
	format := r.flags.format.value
	switch {
	case r.flags.diagnose && (r.filtered || r.flags.connections || r.flags.transitions || r.flags.ladder):
		return usagef("--diagnose looks at the captures as a whole: leave the filter, --connections, --transitions and --ladder out")
	case r.flags.diagnose && format != "text" && format != "json":
		return usagef("--diagnose prints text or json: -o %s does not go with it", format)
	case format == "svg" && !r.flags.ladder:
		return usagef("-o svg draws a ladder: say --ladder, and a filter that leaves one connection")
	case r.flags.ladder && (format == "json" || format == "jsonl"):
		return usagef("-o %s has no ladder; --transitions tells the same to machines", format)
	case r.flags.ladder && slices.Contains(r.files, capturefile.Stdin):
		return usagef("--ladder reads the capture twice, and standard input can be read once: save it to a file")
	case r.flags.transitions && (format == "text" || format == "wide"):
		return usagef("--transitions is for machines: say -o jsonl, or draw a connection with --ladder")
	}
	return nil
}

// lists tells whether connections are wanted, and not their sum.
func (r *reading) lists() bool {
	return r.filtered || r.flags.connections || r.flags.transitions || r.flags.ladder || r.flags.format.value == "jsonl"
}

func (r *reading) run() error {
	switch {
	case r.flags.diagnose:
		return r.diagnose()
	case !r.lists():
		return r.summarize()
	}
	t := track.New(r.config())
	if err := captured(r.cmd, r.files, t); err != nil {
		return err
	}
	if r.flags.ladder {
		return r.drawOne(t)
	}
	return buffered(r.cmd, func(w *bufio.Writer) error { return r.list(w, t) })
}

func (r *reading) config() track.Config {
	return track.Config{Memory: int(r.flags.memory), List: r.lists(), Transitions: r.flags.transitions, Seed: randomSeed()}
}

// mostTrackers work at once: more would mostly read what others track.
const mostTrackers = 8

// summarize counts with as many Trackers as there are processors.
func (r *reading) summarize() error {
	t := track.NewParallel(r.config(), min(runtime.GOMAXPROCS(0), mostTrackers))
	var shares []follower
	for _, s := range t.Shares() {
		shares = append(shares, s)
	}
	packets, err := framed(r.cmd, r.files, shares)
	if err != nil {
		return err
	}
	summary, reasons := t.Summary(), t.Reasons()
	document := explain.NewReading(r.files, packets, &summary, &reasons)
	return buffered(r.cmd, func(w *bufio.Writer) error {
		if format := r.flags.format.value; format == "json" {
			return writeDocument(w, format, document)
		}
		return text.Reading(w, &document, styleOf(r.cmd))
	})
}

// list writes the connections that the filter leaves.
func (r *reading) list(w *bufio.Writer, t *track.Tracker) error {
	var list []explain.Connection
	var err error
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	r.each(t, func(number uint64, c *track.Conn) bool {
		d := explain.NewConnection(number, c)
		if r.flags.format.value == "jsonl" {
			err = encoder.Encode(d)
			return err == nil
		}
		list = append(list, d)
		return true
	})
	if err == nil {
		switch format := r.flags.format.value; format {
		case "jsonl":
		case "json":
			err = writeDocument(w, format, map[string]any{"connections": append([]explain.Connection{}, list...)})
		default:
			err = text.Connections(w, list, format == "wide", tableStyle(r.cmd))
		}
	}
	if left := t.Unlisted(); err == nil && left > 0 {
		notesOf(r.cmd).say("%d more connections have no record for want of memory: give more with --memory", left)
	}
	return err
}

// each calls visit for every listed connection of which an end passes the filter.
func (r *reading) each(t *track.Tracker, visit func(number uint64, c *track.Conn) bool) {
	number := uint64(0)
	t.Each(func(c *track.Conn) bool {
		number++
		if !r.passes(c) {
			return true
		}
		return visit(number, c)
	})
}

// passes asks the filter about both ends: what is local to one is remote to the
// other.
func (r *reading) passes(c *track.Conn) bool {
	if !r.filtered {
		return true
	}
	states, given := r.filter.States()
	tuple := &c.Tuple
	for _, e := range [...]struct {
		end  *track.End
		view ssfilter.Endpoint
	}{
		{&c.Originator, view(tuple.Source, tuple.SourcePort, tuple.Destination, tuple.DestinationPort)},
		{&c.Responder, view(tuple.Destination, tuple.DestinationPort, tuple.Source, tuple.SourcePort)},
	} {
		e.view.State = e.end.State
		if (!given || states.Has(e.end.State)) && r.filter.Match(&e.view) {
			return true
		}
	}
	return false
}
