package track

import "github.com/synoptic-net/synoptic/tcp"

// holes remembers where octets were missing, so that text which comes late is
// told from text that was captured before. The memory is fixed: of more holes than
// it has room for the latest are kept, and text in a forgotten one counts as
// captured before.
type holes struct {
	buckets [holeBuckets][holesEach]hole
}

// The sizes: 48 KiB in all.
const (
	holeBuckets = 1 << 9
	holesEach   = 4
)

// hole is a range of octets of one end, from up to but not including to.
type hole struct {
	end      uint64 // hash of the connection, with the side of the sender
	time     int64  // when it showed, ns since 1970
	from, to tcp.Seq
}

// lateBy is how long text may be missing and still be out of order: no end sends
// it again as soon, but for those on one link. Wireshark takes 3 ms too, where it
// does not know the round trip.
const lateBy = 3_000_000 // ns

func endOf(s *slot) uint64 { return s.hash<<1 ^ uint64(s.side)<<63 ^ uint64(s.side) }

// open notes that the octets before a segment are missing.
func (h *holes) open(s *slot, from tcp.Seq) {
	end := endOf(s)
	b := &h.buckets[end>>1%holeBuckets]
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
	*oldest = hole{end: end, time: s.time, from: from, to: s.seq}
}

// fill tells what text is that lies before the latest: it fills a hole, or not.
func (h *holes) fill(s *slot) (odd Anomalies) {
	end := endOf(s)
	b := &h.buckets[end>>1%holeBuckets]
	for i := range b {
		g := &b[i]
		if g.end != end || g.from == g.to || !s.seq.Less(g.to) || !g.from.Less(s.observed.end()) {
			continue
		}
		odd = GapFilled
		if apart := s.time - g.time; -lateBy <= apart && apart <= lateBy {
			odd = OutOfOrder
		}
		g.shrink(s.seq, s.observed.end())
	}
	return odd
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

// late corrects what was found odd about text by what is known of the holes
// before it. next is what the end had sent when the segment came.
func (h *holes) late(s *slot, next tcp.Seq, odd Anomalies) Anomalies {
	if s.data == 0 {
		return odd
	}
	if odd&Gap != 0 {
		h.open(s, next)
	}
	if odd&TextAgain != 0 {
		if found := h.fill(s); found != 0 {
			odd = odd&^(TextAgain|SpuriousRetransmission) | found
			if odd.Has(OutOfOrder | FastRetransmission) {
				odd ^= OutOfOrder | GapFilled
			}
		}
	}
	return odd
}
