package tcp

import "time"

// stamps holds what an end knows of the timestamps option (RFC 7323). The
// clock of its own stamps ticks once a millisecond.
type stamps struct {
	origin   uint32        // TSval at time 0
	agreed   bool          // both ends sent the option on their SYN
	recent   Timestamp     // TS.Recent
	recentAt time.Duration // when it was taken
	lastACK  Seq           // Last.ACK.sent
}

// outdated is the age at which TS.Recent says nothing any more, because the
// peer's clock may have wrapped (RFC 7323 section 5.5).
const outdated = 24 * 24 * time.Hour

func (s *stamps) clock(now time.Duration) uint32 {
	return s.origin + uint32(now/time.Millisecond)
}

// begin is called with the peer's SYN.
func (s *stamps) begin(offered bool, peers Timestamp, now time.Duration) {
	s.agreed = offered && peers.Present
	s.recent, s.recentAt = Timestamp{}, now
	if s.agreed {
		s.recent = peers
	}
}

// recentNow returns TS.Recent, or its absence if it is outdated.
func (s *stamps) recentNow(now time.Duration) Timestamp {
	if now-s.recentAt > outdated {
		return Timestamp{}
	}
	return s.recent
}

// old tells whether a segment fails PAWS (RFC 7323 section 5.3, R1). RST is
// exempt; a SYN is judged by the table, which knows RFC 6191.
func (s *stamps) old(seg Segment, now time.Duration) bool {
	return !seg.Flags.Any(RST|SYN) && s.recentNow(now).Newer(seg.Timestamp)
}

// learn takes TSval over as TS.Recent from a segment in the window that reaches
// to Last.ACK.sent (RFC 7323 section 4.3, R3 of section 5.3).
func (s *stamps) learn(seg Segment, f Facts, now time.Duration) {
	if !s.agreed || !seg.Timestamp.Present || !f.Has(InWindow) || f&(HasRST|HasSYN) != 0 {
		return
	}
	if !s.recentNow(now).Newer(seg.Timestamp) && seg.Seq.LessEqual(s.lastACK) {
		s.recent, s.recentAt = seg.Timestamp, now
	}
}
