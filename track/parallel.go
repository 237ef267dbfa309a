package track

import (
	"math/bits"
	"sync"

	"github.com/synoptic-net/synoptic/packet"
)

// Parallel follows the connections of one capture with several Trackers at the
// same time, for their sum: both directions of a connection belong to the same
// one, so that they share nothing. It lists no connections.
//
// Every Share is given every frame, and passes over those of the others after a
// look at their addresses, which costs less than handing anything from one
// processor to another.
//
//	p := track.NewParallel(config, 2)
//	var work sync.WaitGroup
//	for _, share := range p.Shares() {
//		work.Go(func() {
//			for reader := ...; reader.Next(&frame); { // each its own reader
//				share.Add(&frame)
//			}
//		})
//	}
//	work.Wait()
//	summary := p.Summary()
type Parallel struct {
	shares []*Share
	once   sync.Once
	sum    Summary
}

// Share is one of the Trackers of a Parallel, for one goroutine.
type Share struct {
	tracker *Tracker
	of      divided
	number  int            // among the shares, from 0
	own     packet.Decoder // frames known by a look at them
	any     packet.Decoder // frames that every Share decodes to know whose they are
	segment packet.Segment
}

// NewParallel returns n shares, at least one, that divide the memory of the
// configuration.
func NewParallel(c Config, n int) *Parallel {
	c.List, c.Transitions, c.Efforts = false, false, false
	of := c.divided(max(n, 1))
	c = c.complete()
	c.Memory /= of.parts
	p := &Parallel{}
	for i := range of.parts {
		p.shares = append(p.shares, &Share{tracker: New(c), of: of, number: i})
	}
	return p
}

// Shares returns the shares.
func (p *Parallel) Shares() []*Share { return p.shares }

// Add takes the next frame of the capture. It is not kept.
func (s *Share) Add(f *packet.Frame) {
	if s.of.parts == 1 {
		s.take(&s.own, f)
		return
	}
	flow, seen := f.Flow()
	switch {
	case !seen:
		if s.any.Decode(f, &s.segment) == packet.IsSegment && s.of.part(s.segment.Tuple.Flow()) == s.number {
			s.tracker.Add(&s.segment)
		}
	case s.of.part(flow) == s.number:
		s.take(&s.own, f)
	}
}

func (s *Share) take(d *packet.Decoder, f *packet.Frame) {
	if d.Decode(f, &s.segment) == packet.IsSegment {
		s.tracker.Add(&s.segment)
	}
}

// Summary returns the sum of what the shares were given. It is asked when all of
// them have had the whole capture.
func (p *Parallel) Summary() Summary {
	p.once.Do(func() {
		var last int64
		for _, s := range p.shares {
			s.tracker.Flush()
			last = max(last, s.tracker.totals.last)
		}
		for _, s := range p.shares {
			if s.tracker.totals.Segments > 0 {
				s.tracker.Expire(last) // the clock of the whole capture, not of this part
			}
			part := s.tracker.Summary()
			p.sum.Merge(&part)
		}
	})
	return p.sum
}

// Reasons returns how many frames came to which end, each frame once.
func (p *Parallel) Reasons() packet.Reasons {
	sum := p.shares[0].any.Counts
	for _, s := range p.shares {
		for i, n := range s.own.Counts {
			sum[i] += n
		}
	}
	return sum
}

// divided is a division of connections by their flow, as even as a hash is.
type divided struct {
	parts int
	key   uint64
}

func (c Config) divided(parts int) divided { return divided{parts, newKeyed(^c.Seed)[0]} }

func (d *divided) part(flow uint64) int {
	high, _ := bits.Mul64(mix(flow^d.key, d.key), uint64(d.parts))
	return int(high)
}
