package main

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/capturefile"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/packet"
)

// sink takes segments; a track.Tracker is one.
type sink interface{ Add(s *packet.Segment) }

// capturedCounts is what a reading found besides segments.
type capturedCounts struct {
	packets uint64
	reasons packet.Reasons
}

// captured reads files one after the other as one capture. What is damaged is
// noted and skipped; a file that cannot be read at all is an error.
func captured(cmd *cobra.Command, files []string, to sink) (seen capturedCounts, err error) {
	for _, path := range files {
		if err := capturedFile(cmd, path, to, &seen); err != nil {
			return seen, err
		}
	}
	return seen, nil
}

// shownEvery is after how many packets progress is told.
const shownEvery = 1 << 18

func capturedFile(cmd *cobra.Command, path string, to sink, seen *capturedCounts) error {
	file, err := capturefile.Open(path, cmd.InOrStdin())
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := packet.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name, err)
	}
	show := progressOf(cmd, file)
	defer show(true)
	var (
		d packet.Decoder
		f packet.Frame
		s packet.Segment
		n uint64
	)
	first := seen.packets
	for ; r.Next(&f); n++ {
		f.Number += first // several files are one capture
		if d.Decode(&f, &s) == packet.IsSegment {
			to.Add(&s)
		}
		if n%shownEvery == 0 {
			show(false)
		}
	}
	seen.packets += n
	for i, count := range d.Counts {
		seen.reasons[i] += count
	}
	return said(cmd, file, r, r.Err())
}

// said tells what was damaged. A capture that ends in the middle of a packet is
// what an interrupted tcpdump leaves: what was read counts.
func said(cmd *cobra.Command, file *capturefile.File, r *packet.Reader, err error) error {
	damage := r.Damage()
	for i, n := range damage {
		if kind := packet.Damage(i); n > 0 && kind != packet.CutEnd {
			notef(cmd, "%s: %d times %s; the rest was read", file.Name, n, kind)
		}
	}
	var cut *packet.CutError
	if errors.As(err, &cut) {
		notef(cmd, "%s: %v", file.Name, cut)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name, err)
	}
	return nil
}

// progressOf returns a function that shows on a terminal how far a file has been
// read, and wipes that in the end.
func progressOf(cmd *cobra.Command, file *capturefile.File) func(over bool) {
	errs := cmd.ErrOrStderr()
	if !isTerminal(errs) {
		return func(bool) {}
	}
	return func(over bool) {
		switch {
		case over:
			fmt.Fprint(errs, wipeLine)
		case file.Size > 0:
			fmt.Fprintf(errs, wipeLine+"reading %s, %d %% ", file.Name, file.Taken()*100/file.Size)
		default:
			fmt.Fprintf(errs, wipeLine+"reading %s, %d MB ", file.Name, file.Taken()>>20)
		}
	}
}

func notef(cmd *cobra.Command, format string, args ...any) {
	fmt.Fprintf(cmd.ErrOrStderr(), "synoptic: "+format+"\n", args...)
}

// view is an end of a connection as a filter sees it.
func view(local packet.Address, localPort uint16, remote packet.Address, remotePort uint16) ssfilter.Endpoint {
	return ssfilter.Endpoint{
		Local: netip.AddrPortFrom(local.Addr(), localPort), Remote: netip.AddrPortFrom(remote.Addr(), remotePort),
	}
}

// randomSeed keeps captures from being made so that their connections collide.
func randomSeed() uint64 {
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	return binary.LittleEndian.Uint64(seed[:])
}

// octets is a flag that takes a size of memory.
type octets int64

var octetUnits = []struct {
	suffix string
	size   int64
}{{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"b", 1}}

// Set reads "64MB".
func (o *octets) Set(text string) error {
	word, unit := strings.ToLower(strings.TrimSpace(text)), int64(1)
	for _, u := range octetUnits {
		if rest, ok := strings.CutSuffix(word, u.suffix); ok {
			word, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/unit {
		return errors.New("give a size such as 64MB or 1GB")
	}
	*o = octets(n * unit)
	return nil
}

func (o *octets) String() string { return strconv.FormatInt(int64(*o)>>20, 10) + "MB" }

// Type is the name of the value in the help.
func (o *octets) Type() string { return "MEMORY" }
