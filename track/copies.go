package track

import (
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// copies remembers the latest segments, so that a packet that was captured twice
// is known again: by a mirror port, on the interface any, on a bridge and on its
// port, before a router and behind it. The memory is fixed, whatever comes in: a
// segment whose place was taken by another one before it comes again is not known.
type copies struct {
	seen [copiesKept]taken
}

// copiesKept makes the table 64 KiB: small enough to stay in the cache.
const copiesKept = 1 << 12

// taken is a segment that was captured.
type taken struct {
	print uint64 // fingerprint of all that a retransmission would change
	time  int64  // ns since 1970
}

// The low bits of a fingerprint, which choose its place in the table, are replaced
// by the place of capture.
const placeBits uint64 = copiesKept - 1

// How long after a packet its copy may be captured. A sender gives each packet
// another identification (RFC 6864 section 4.1), so with one nothing but a copy is
// the same. Without one, as in IPv6 or where the field is zero, a retransmission
// can be equal in everything, and comes as soon as the other end can ask for it.
const (
	copyOfID    = 5 * time.Millisecond
	copyOfPlace = time.Millisecond       // at another place, without an identification
	copyOfSame  = 100 * time.Microsecond // at the same place, without an identification
)

// again tells whether a segment is the copy of one that was captured, and
// remembers it if not.
func (c *copies) again(p *packet.Segment, hash uint64, side int) bool {
	print, place := printOf(p, hash, side), uint64(0)
	if p.ID == 0 {
		place = placeOf(p)
	}
	t := &c.seen[print%copiesKept]
	if (t.print^print)&^placeBits == 0 && t.near(p, place) {
		return true
	}
	*t = taken{print&^placeBits | place, p.Time}
	return false
}

// near tells whether a segment with the same fingerprint comes soon enough.
func (t *taken) near(p *packet.Segment, place uint64) bool {
	apart := time.Duration(max(p.Time-t.time, t.time-p.Time))
	switch {
	case apart < 0 || apart > copyOfID:
		return false
	case p.ID != 0:
		return true
	case t.print&placeBits != place:
		return apart <= copyOfPlace
	}
	// Equal acknowledgments and resets are often sent one behind the other.
	fills := p.TCP.Data != 0 || p.TCP.Flags&(tcp.SYN|tcp.FIN) != 0
	return fills && p.TCP.Flags&tcp.RST == 0 && apart <= copyOfSame
}

// printOf folds a segment and its connection to 64 bits. The hop limit is no part
// of it: a router between two places of capture changes it.
func printOf(p *packet.Segment, hash uint64, side int) uint64 {
	numbers := uint64(p.TCP.Seq)<<32 | uint64(p.TCP.Ack)
	rest := uint64(p.ID)<<32 ^ uint64(p.TCP.Data)<<46 ^ uint64(uint16(p.TCP.Window))<<16 | uint64(p.TCP.Flags)<<8 | uint64(side)
	if p.TCP.Timestamp.Present || p.Options.Blocks != 0 {
		rest ^= toldBy(p) * 0x9e3779b97f4a7c15
	}
	return mix(hash^numbers, rest)
}

// toldBy folds the timestamps and the first SACK block.
func toldBy(p *packet.Segment) uint64 {
	told := uint64(p.TCP.Timestamp.Value)<<32 | uint64(p.Options.Echo)
	if p.Options.Blocks != 0 {
		b := &p.Options.SACK[0]
		told += uint64(b.Right)<<32 | uint64(b.Left)
	}
	return told
}

// placeOf tells places of capture apart, as far as the capture says.
func placeOf(p *packet.Segment) uint64 {
	return (uint64(p.IfIndex)<<5 ^ uint64(p.Interface)<<8 ^ uint64(p.TTL)<<2 ^ uint64(p.Direction)) & placeBits
}

// twice takes a segment that was captured before: its connection, if there is one
// and it is listed, is told so.
func (t *Tracker) twice(s *slot) {
	t.totals.count(CapturedTwice)
	var c core
	if s.is4 {
		c = lookup(&t.four, &s.four, s.hash)
	} else {
		c = lookup(&t.six, &s.six, s.hash)
	}
	if c.cold != 0 {
		t.records[c.cold-1].odd |= CapturedTwice
		if t.config.Efforts {
			t.efforts[c.cold-1][s.side&1].copied(s)
		}
	}
}
