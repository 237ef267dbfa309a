package track

import "github.com/synoptic-net/synoptic/tcp"

// holes remembers where octets were missing, so that text which comes late is
// told from text that was captured before. The memory is fixed: of more holes than
// it has room for the latest are kept, and text in a forgotten one counts as
// captured before.
type holes struct {
	buckets [holeBuckets][holesEach]hole
}

// The sizes: 64 KiB in all.
const (
	holeBuckets = 1 << 9
	holesEach   = 4
)

// hole is a range of octets of one end, from up to but not including to.
type hole struct {
	end      uint64 // hash of the connection, with the side of the sender
	time     int64  // when it showed, ns since 1970
	from, to tcp.Seq
	stamp    uint32 // TSval of the segment of that end which showed it, 0 without one
}

// lateBy is how long text without timestamps may be missing and still be out of
// order: no end sends it again as soon, but for those on one link. Wireshark takes
// 3 ms too, where it does not know the round trip.
const lateBy = 3_000_000 // ns

// filledBy tells text that was sent before what showed the hole from text that was
// sent again later: no end sends again within a tick of its timestamps, but for
// those on one link.
func (g *hole) filledBy(s *slot) Anomalies {
	apart := s.time - g.time
	stamped := s.stamp != 0 && g.stamp != 0
	switch {
	case stamped && tcp.Seq(g.stamp).Less(tcp.Seq(s.stamp)):
		return GapFilled
	case stamped, -lateBy <= apart && apart <= lateBy:
		return OutOfOrder
	default:
		return GapFilled
	}
}

// endOf names an end: that of the sender, or the other one.
func (s *slot) endOf(sender bool) uint64 {
	side := uint64(s.side & 1)
	if !sender {
		side ^= 1
	}
	return s.hash<<1 | side
}

// open notes that octets are missing.
func (h *holes) open(g hole) {
	b := &h.buckets[(g.end>>1)%holeBuckets]
	oldest := &b[0]
	for i := range b {
		if b[i].from == b[i].to {
			oldest = &b[i]
			break
		}
		if b[i].time < oldest.time {
			oldest = &b[i]
		}
	}
	*oldest = g
}

// fill tells what text is that lies before the latest: it fills a hole, or not.
func (h *holes) fill(s *slot) (odd Anomalies) {
	end := s.endOf(true)
	b := &h.buckets[(end>>1)%holeBuckets]
	for i := range b {
		g := &b[i]
		if g.end != end || g.from == g.to || !s.seq.Less(g.to) || !g.from.Less(s.observed.end()) {
			continue
		}
		odd = g.filledBy(s)
		g.shrink(s.seq, s.observed.end())
	}
	return odd
}

// forget drops what is known of the connection of a segment.
func (h *holes) forget(s *slot) {
	b := &h.buckets[s.hash%holeBuckets]
	for i := range b {
		if b[i].end>>1 == s.hash&^(1<<63) {
			b[i] = hole{}
		}
	}
}

// shrink takes a range out of the hole. What lies behind a range in its middle is
// forgotten.
func (g *hole) shrink(from, to tcp.Seq) {
	switch {
	case g.from.Less(from):
		g.to = from
	case to.Less(g.to):
		g.from = to
	default:
		*g = hole{}
	}
}

// judge opens the holes that a segment shows, and corrects what was found odd
// about text by what is known of the holes before it. next is what its sender and
// the other end had sent when it came.
func (h *holes) judge(s *slot, next [2]tcp.Seq, odd Anomalies) Anomalies {
	if odd&Gap != 0 {
		h.open(hole{end: s.endOf(true), time: s.time, from: next[0], to: s.seq, stamp: s.stamp})
	}
	if odd&AckUnseen != 0 {
		h.open(hole{end: s.endOf(false), time: s.time, from: next[1], to: s.ack})
	}
	if odd&(TextAgain|FINAgain) == 0 {
		return odd
	}
	found := h.fill(s)
	if found == 0 {
		return odd
	}
	if odd.Has(FastRetransmission) && s.stamp == 0 {
		found = GapFilled
	}
	if found == OutOfOrder {
		odd &^= FastRetransmission
	}
	return odd&^(TextAgain|FINAgain|SpuriousRetransmission) | found
}
