package main

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/capturefile"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/packet"
)

// sink takes segments; a track.Tracker is one.
type sink interface{ Add(s *packet.Segment) }

// decoding puts a decoder in front of a sink. Numbers of frames go on where those
// of the file before ended: several files are one capture.
type decoding struct {
	to      sink
	reader  *packet.Reader
	before  uint64 // packets of the readers before
	decoder packet.Decoder
	frame   packet.Frame
	segment packet.Segment
}

// Next takes the next frame.
func (d *decoding) Next(r *packet.Reader) bool {
	if r != d.reader {
		if d.reader != nil {
			d.before += d.reader.Packets()
		}
		d.reader = r
	}
	if !r.Next(&d.frame) {
		return false
	}
	d.frame.Number += d.before
	if d.decoder.Decode(&d.frame, &d.segment) == packet.IsSegment {
		d.to.Add(&d.segment)
	}
	return true
}

// captured reads files one after the other as one capture. What is damaged is
// noted and skipped; a file that cannot be read at all is an error.
func captured(cmd *cobra.Command, files []string, to sink) error {
	_, err := framed(cmd, files, []follower{&decoding{to: to}})
	return err
}

// follower reads some packets, and tells whether there were any; a track.Share is
// one.
type follower interface{ Next(r *packet.Reader) bool }

// framed reads files as captured does, for several that read all packets, each at
// its own pace, and returns how many there are.
func framed(cmd *cobra.Command, files []string, to []follower) (packets uint64, err error) {
	for _, path := range files {
		n, err := framedFile(cmd, path, to)
		if err != nil {
			return packets, err
		}
		packets += n
	}
	return packets, nil
}

func framedFile(cmd *cobra.Command, path string, to []follower) (uint64, error) {
	file, err := capturefile.Open(path, cmd.InOrStdin())
	if err != nil {
		return 0, err
	}
	defer file.Close()
	show := progressOf(cmd, file)
	defer show(true)
	var r *packet.Reader
	if len(to) == 1 {
		r, err = feed(file, to[0], show)
	} else {
		r, err = feedAll(file, to, show)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file.Name, err)
	}
	return r.Packets(), said(cmd, file, r, r.Err())
}

// feedAll returns what the first one read, which is what all of them did.
func feedAll(file *capturefile.File, to []follower, show func(over bool)) (r *packet.Reader, err error) {
	var work sync.WaitGroup
	for i, source := range capturefile.Relayed(file, len(to)) {
		work.Go(func() {
			defer source.Close()
			if i == 0 {
				r, err = feed(source, to[i], show)
			} else {
				_, _ = feed(source, to[i], func(bool) {})
			}
		})
	}
	work.Wait()
	return r, err
}

// shownEvery is after how many packets progress is told.
const shownEvery = 1 << 18

// feed reads a capture to its end.
func feed(source io.Reader, to follower, show func(over bool)) (*packet.Reader, error) {
	r, err := packet.NewReader(source)
	if err != nil {
		return nil, err
	}
	for next := uint64(0); to.Next(r); {
		if r.Packets() >= next {
			show(false)
			next += shownEvery
		}
	}
	return r, nil
}

// said tells what was damaged. A capture that ends in the middle of a packet is
// what an interrupted tcpdump leaves: what was read counts.
func said(cmd *cobra.Command, file *capturefile.File, r *packet.Reader, err error) error {
	damage := r.Damage()
	for i, n := range damage {
		if kind := packet.Damage(i); n > 0 && kind != packet.CutEnd {
			notesOf(cmd).say("%s: %d times %s; the rest was read", file.Name, n, kind)
		}
	}
	var cut *packet.CutError
	if errors.As(err, &cut) {
		notesOf(cmd).say("%s: %v", file.Name, cut)
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
	errs, l := cmd.ErrOrStderr(), languageOf(cmd)
	if !isTerminal(errs) {
		return func(bool) {}
	}
	return func(over bool) {
		switch {
		case over:
			fmt.Fprint(errs, wipeLine)
		case file.Size > 0:
			fmt.Fprint(errs, wipeLine+l.Say("read-progress", file.Name, file.Taken()*100/file.Size))
		default:
			fmt.Fprint(errs, wipeLine+l.Say("read-progress-mb", file.Name, file.Taken()>>20))
		}
	}
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
