package main

import (
	"bufio"
	"fmt"
	"net/netip"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/capture"
	"github.com/synoptic-net/synoptic/packet"
)

// liveLines prints a line for each TCP segment:
//
//	13:05:01.123456  out  eth0  192.0.2.1:40112 → 192.0.2.2:80  <SEQ=100><CTL=SYN>
//
// in the words of RFC 9293's figures. Columns grow with what they hold, so that
// lines below one another stay comparable.
type liveLines struct {
	out            *bufio.Writer
	source         *capture.Capture
	decoder        packet.Decoder
	segment        packet.Segment
	device, ends   int // widths
	segments, rest uint64
	cmd            *cobra.Command
}

func newLiveLines(cmd *cobra.Command, source *capture.Capture) *liveLines {
	return &liveLines{out: bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10), source: source, cmd: cmd}
}

func (l *liveLines) take(f *packet.Frame) error {
	s := &l.segment
	if l.decoder.Decode(f, s) != packet.IsSegment {
		l.rest++
		return nil
	}
	l.segments++
	t := &s.Tuple
	device := column(l.deviceOf(s), &l.device)
	ends := column(netip.AddrPortFrom(t.Source.Addr(), t.SourcePort).String()+" → "+netip.AddrPortFrom(t.Destination.Addr(), t.DestinationPort).String(), &l.ends)
	at := time.Unix(0, s.Time).Format("15:04:05.000000")
	_, err := fmt.Fprintf(l.out, "%s  %-3s  %s  %s  %v\n", at, passing[s.Direction], device, ends, s.TCP)
	return err
}

var passing = [...]string{packet.DirectionUnknown: "", packet.Inbound: "in", packet.Outbound: "out"}

// deviceOf names the interface; cooked frames know it by number.
func (l *liveLines) deviceOf(s *packet.Segment) string {
	if s.IfIndex == 0 {
		return l.source.Interfaces()[s.Interface].Name
	}
	if name := l.source.InterfaceName(s.IfIndex); name != "" {
		return name
	}
	return fmt.Sprintf("#%d", s.IfIndex)
}

// column pads a text to the widest so far.
func column(text string, width *int) string {
	*width = max(*width, utf8.RuneCountInString(text))
	return fmt.Sprintf("%-*s", *width, text)
}

func (l *liveLines) flush() error { return l.out.Flush() }

func (l *liveLines) finish() (string, error) {
	err := l.out.Flush()
	if l.rest > 0 && err == nil {
		notesOf(l.cmd).say("%s", languageOf(l.cmd).Say("capture-no-segment", l.rest))
	}
	return "", err
}
