package main

import (
	"bufio"
	"io"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/track"
)

// drawOne draws the one connection that the filter leaves. The capture is read
// again for its segments.
func (r *reading) drawOne(t *track.Tracker) error {
	var chosen *track.Conn
	found := 0
	r.each(t, func(_ uint64, c *track.Conn) bool {
		if found++; chosen == nil {
			one := *c
			chosen = &one
		}
		return true
	})
	switch {
	case found == 0:
		return usagef("no connection passes the filter")
	case found > 1:
		return usagef("%d connections pass the filter: narrow it until one is left (sport, dport, src, dst)", found)
	}
	ladder := explain.NewCaptureLadder(chosen)
	if err := captured(r.cmd, r.files, &laddered{chosen, ladder}); err != nil {
		return err
	}
	return buffered(r.cmd, func(w *bufio.Writer) error {
		if r.flags.format.value == "svg" {
			_, err := io.WriteString(w, ladder.Ladder.SVG())
			return err
		}
		return text.Ladder(w, ladder.Ladder, r.flags.format.value == "wide", styleOf(r.cmd))
	})
}

// laddered passes on the segments of one connection.
type laddered struct {
	of *track.Conn
	to *explain.CaptureLadder
}

// Add takes a segment of any connection.
func (l *laddered) Add(s *packet.Segment) {
	if s.Tuple == l.of.Tuple || s.Tuple == l.of.Tuple.Reverse() {
		l.to.Add(s)
	}
}
