package track

import (
	"sync"

	"github.com/synoptic-net/synoptic/packet"
)

// Parallel follows the connections of one capture with several Trackers at the
// same time, for their sum: both directions of a connection belong to the same
// one, so that they share nothing. It lists no connections.
//
// Every Share reads the whole capture, and passes over the frames of the others
// after a look at their addresses, which costs less than handing anything from
// one processor to another.
//
//	p := track.NewParallel(config, 2)
//	var work sync.WaitGroup
//	for _, share := range p.Shares() {
//		work.Go(func() {
//			for reader := ...; share.Next(reader); { // each has its own reader
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
	part    packet.Part
	counts  packet.Reasons // of frames that no other share counts
	decoder packet.Decoder
	frames  [shareFrames]packet.Frame
	segment packet.Segment
}

// shareFrames are taken at once.
const shareFrames = batchSize

// NewParallel returns n shares, at least one, that divide the memory of the
// configuration.
func NewParallel(c Config, n int) *Parallel {
	c.List, c.Transitions, c.Efforts, c.Watch = false, false, false, nil
	c = c.complete()
	parts := max(n, 1)
	c.Memory /= parts
	p := &Parallel{}
	for i := range parts {
		p.shares = append(p.shares, &Share{tracker: New(c), part: c.part(i, parts)})
	}
	return p
}

// Shares returns the shares.
func (p *Parallel) Shares() []*Share { return p.shares }

// Next reads some frames and takes those of the share. It returns false at the
// end, after which Err of the reader says whether it was the true one.
func (s *Share) Next(r *packet.Reader) bool {
	for range batchSize / len(s.frames) {
		n, shown := r.NextOf(&s.part, s.frames[:])
		if n == 0 {
			return false
		}
		for i := range n {
			s.take(&s.frames[i], shown)
		}
	}
	return true
}

// take is given a frame of the part, if its flow was shown, or one of which only
// its decoder can tell.
func (s *Share) take(f *packet.Frame, shown bool) {
	reason := s.decoder.Decode(f, &s.segment)
	switch {
	case reason == packet.IsSegment:
		if !shown && !s.part.Has(s.segment.Tuple.Flow()) {
			return
		}
		s.tracker.Add(&s.segment)
	case !shown && s.part.Number > 0: // all shares are given such frames
		return
	}
	s.counts[reason]++
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
func (p *Parallel) Reasons() (sum packet.Reasons) {
	for _, s := range p.shares {
		for i, n := range s.counts {
			sum[i] += n
		}
	}
	return sum
}

// part divides connections by another hash than those of the tables.
func (c Config) part(number, of int) packet.Part {
	return packet.Part{Of: of, Number: number, Key: newKeyed(^c.Seed)[0]}
}
