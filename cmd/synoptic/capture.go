package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/synoptic-net/synoptic/internal/capture"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/pcapfilter"
	"github.com/synoptic-net/synoptic/packet"
)

// captureFlags is what the flags of "capture" say.
type captureFlags struct {
	interfaces  []string
	write       string
	rotateSize  octets
	rotateCount int
	window      window
	count       uint64
	snap        uint32
	sample      uint32
	promiscuous bool
	comment     string
	notes       bool
}

// headersOf is how much of a packet is kept unless told otherwise: all headers
// that a state can be read from, through a tunnel too, and little of the text.
const headersOf = 256

func newCaptureCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "capture [FILTER]",
		Short: "Capture packets of this host: live lines, or a pcapng file",
		Long: `Captures packets of this host as they pass, behind a filter that the kernel
runs. Without -w it prints a line for each TCP segment. With -w it writes pcapng,
to a file or with "-" to standard output, for synoptic read, tcpdump and
Wireshark. It goes on until it is interrupted, or for as long or as many packets
as --for and --count say. In the end it tells how many packets there were, and
how many the kernel dropped because the program did not keep up.

FILTER is that of tcpdump: host, net, port, portrange and proto with src and dst;
tcp, udp, sctp, icmp, icmp6, ip, ip6, arp, rarp and ether; tcp[tcpflags] and the
like; and, or, not and parentheses. Quote it for the shell where it has brackets.

-i names an interface, and may be given again; "any", the default, is all of
them, those included that come later. Captured by name, an Ethernet interface
shows both hardware addresses; "any" shows the sender's and the interface.

Of each packet 256 octets are kept, which is all headers and little of the
content; --snaplen says how many, 0 being all. On a busy host --sample 100 keeps
each SYN, FIN, RST and ICMP error, and one in a hundred of all other packets.

What -w writes has comments, which Wireshark shows and finds: with each packet
that changes a state of its connection, that and what is odd about it; and from
the packet on at which it shows, each cause that synoptic read --diagnose would
name, which stands at the end of the file and on standard error too. With
--sample, or behind a FILTER that may leave packets of a connection out, there
are states only. They end where more than 50,000 packets come in a second, to
spare the host. --notes=false writes no comments.

With --rotate-size, -w FILE.pcapng writes FILE-0001.pcapng and on; the last
--rotate-count files stay. A capture holds what others wrote: only you may read
the files.

It needs the right CAP_NET_RAW. Interfaces are not made promiscuous unless
--promiscuous says so, and nothing is sent.`,
		Example: `  synoptic capture tcp port 443
  synoptic capture -i eth0 'tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0'
  synoptic capture -w incident.pcapng --for 30s host 192.0.2.7
  synoptic capture -w ring.pcapng --sample 100 --rotate-size 100MB --rotate-count 10
  synoptic capture -w - --for 10s | synoptic read -`,
	}
	flags := captureFlags{snap: headersOf}
	flags.register(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := flags.check(cmd); err != nil {
			return err
		}
		filter, err := parsePacketFilter(args)
		if err != nil {
			return err
		}
		return (&capturing{cmd: cmd, flags: &flags, filter: filter}).run()
	}
	return cmd
}

func (c *captureFlags) register(f *pflag.FlagSet) {
	f.StringSliceVarP(&c.interfaces, "interface", "i", nil, "capture on this `INTERFACE`, or \"any\" (default any)")
	f.StringVarP(&c.write, "write", "w", "", "write pcapng to `FILE`, - being standard output")
	f.Var(&sizeFlag{&c.rotateSize}, "rotate-size", "begin another file after so many octets: 100MB, 1GB")
	f.IntVar(&c.rotateCount, "rotate-count", 0, "keep the last `N` files of --rotate-size (default all)")
	f.Var(&sizelessWindow{&c.window}, "for", "how long to capture (default until interrupted)")
	f.Uint64Var(&c.count, "count", 0, "end after `N` packets")
	f.Uint32Var(&c.snap, "snaplen", headersOf, "keep `N` octets of each packet, 0 being all")
	f.Uint32Var(&c.sample, "sample", 0, "of what is no SYN, FIN, RST or ICMP error keep one in `N`")
	f.BoolVar(&c.promiscuous, "promiscuous", false, "also ask the interface for frames to other hosts")
	f.StringVar(&c.comment, "comment", "", "a `TEXT` to write at the beginning of each file")
	f.BoolVar(&c.notes, "notes", true, "with -w, comment on packets that change a state and on causes found; --notes=false writes none")
}

// sizelessWindow and sizeFlag are flags whose default is nothing.
type (
	sizelessWindow struct{ *window }
	sizeFlag       struct{ *octets }
)

func (sizelessWindow) String() string { return "" }
func (sizeFlag) String() string       { return "" }

// Type is the name of the value in the help.
func (sizeFlag) Type() string { return "SIZE" }

func (f *captureFlags) check(cmd *cobra.Command) error {
	switch {
	case f.write == "-" && isTerminal(cmd.OutOrStdout()):
		return usagef("a capture is no text for a terminal; name a FILE or redirect standard output")
	case f.rotateSize > 0 && (f.write == "" || f.write == "-"):
		return usagef("--rotate-size writes several files: name them with -w FILE")
	case f.rotateCount < 0 || f.rotateCount > 0 && f.rotateSize == 0:
		return usagef("--rotate-count is how many files of --rotate-size stay: say both")
	case f.rotateSize > 0 && f.rotateSize < 1<<16:
		return usagef("--rotate-size is 64KB at least")
	case f.comment != "" && f.write == "":
		return usagef("--comment is written into a file: name one with -w")
	case f.snap > pcapfilter.MaxSnap:
		return usagef("--snaplen is at most %d", pcapfilter.MaxSnap)
	}
	return nil
}

// parsePacketFilter reads a filter of tcpdump. The error shows where it is wrong.
func parsePacketFilter(args []string) (*pcapfilter.Filter, error) {
	var services map[string]uint16
	filter, err := pcapfilter.Parse(strings.Join(args, " "), pcapfilter.Names{
		Service: func(name string) (uint16, bool) {
			if services == nil {
				services = kernel.Host.Services()
			}
			port, ok := services[name]
			return port, ok
		},
		Host: addressesOf,
	})
	var wrong *pcapfilter.SyntaxError
	if errors.As(err, &wrong) {
		return nil, usagef("%s\n  %s", wrong.Error(), strings.ReplaceAll(wrong.Caret(), "\n", "\n  "))
	}
	return filter, err
}

// capturing is one run of "capture".
type capturing struct {
	cmd    *cobra.Command
	flags  *captureFlags
	filter *pcapfilter.Filter
	source *capture.Capture
	sink   captureSink
	notes  *captureNotes // nil where none are written
	taken  uint64
	due    int64 // when what was written must be shown, by the packets' time
}

// captureSink takes packets.
type captureSink interface {
	take(*packet.Frame) error
	flush() error
	// finish ends the output and says where it is, "" for nowhere.
	finish() (where string, err error)
}

// errEnough ends a capture that has what it was told to take.
var errEnough = errors.New("enough")

func (c *capturing) run() error {
	// Before anything is written: who sees the file may interrupt at once.
	ctx, stop := signal.NotifyContext(c.cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second interrupt ends the program where it stands, as in a full pipe.
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, stop) })
	var err error
	c.source, err = capture.Open(capture.Config{
		Interfaces: c.flags.interfaces, Filter: c.filter, Snap: c.flags.snap, Sample: c.flags.sample, Promiscuous: c.flags.promiscuous,
		Idle: func() error { return c.sink.flush() },
	})
	var lacking *pcapfilter.LinkError
	if errors.As(err, &lacking) {
		return usagef("%v", err)
	}
	if err != nil {
		return err
	}
	defer c.source.Close()
	if c.sink, err = c.newSink(); err != nil {
		return err
	}
	if c.flags.window > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.flags.window))
		defer cancel()
	}
	return c.follow(ctx)
}

// follow captures until the context ends, and ends the output.
func (c *capturing) follow(ctx context.Context) error {
	begun := time.Now()
	err := c.source.Each(ctx, c.take)
	if errors.Is(err, errEnough) {
		err = nil
	}
	where, ended := c.sink.finish()
	if err == nil {
		err = ended
	}
	if !brokenPipe(err) {
		c.report(time.Since(begun), where)
		for _, cause := range c.notes.found() {
			notesOf(c.cmd).say("%s", cause)
		}
	}
	return err
}

func (c *capturing) newSink() (captureSink, error) {
	if c.flags.write == "" {
		return newLiveLines(c.cmd, c.source), nil
	}
	if c.flags.notes {
		c.notes = newCaptureNotes(c.flags.sample < 2 && c.filter.Symmetric(), languageOf(c.cmd))
	}
	return newCaptureFiles(c)
}

// shownAfter is how long a packet may wait to be shown while others come.
const shownAfter = int64(100 * time.Millisecond)

func (c *capturing) take(f *packet.Frame) error {
	if c.notes != nil {
		f.Comment = c.notes.of(f)
	}
	if err := c.sink.take(f); err != nil {
		return err
	}
	c.taken++
	if c.flags.count > 0 && c.taken >= c.flags.count {
		return errEnough
	}
	if f.Time >= c.due {
		c.due = f.Time + shownAfter
		return c.sink.flush()
	}
	return nil
}

// report tells in one line what was captured and what was lost.
func (c *capturing) report(took time.Duration, where string) {
	var dropped, freezes uint64
	names := make([]string, 0, 1)
	for i, about := range c.source.Interfaces() {
		names = append(names, about.Name)
		if counts, err := c.source.Counts(i); err == nil {
			dropped, freezes = dropped+counts.Dropped, freezes+counts.Freezes
		}
	}
	l := languageOf(c.cmd)
	lost := l.Say("capture-none-lost")
	if dropped > 0 {
		lost = l.Say("capture-lost", dropped, freezes)
	}
	about := l.Say("capture-taken", c.taken, strings.Join(names, ", "), fmt.Sprintf("%.1f", took.Seconds()), lost)
	if where != "" {
		about = l.Say("capture-written", about, l.Phrase(where))
	}
	notesOf(c.cmd).say("%s", about)
}
