package track

import (
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// between returns a packet between two hosts as it is captured; the client has
// a port of its own for each seed.
func between(seed uint64, from int, p tcp.Packet) packet.Segment {
	s := packet.Segment{IPVersion: 4, TTL: 64, TCP: p.Segment}
	s.Tuple = packet.Tuple{
		Source: packet.Address4(0x0a000001), Destination: packet.Address4(0x0a000002),
		SourcePort: 40000 + uint16(seed), DestinationPort: 443,
	}
	if from == 1 {
		s.Tuple = s.Tuple.Reverse()
	}
	return s
}

// sentAs is a captured segment and the order in which it was sent.
type sentAs struct {
	seq    tcp.Seq
	number int
}

// TestLateText: text that was missing is out of order if it was sent before the
// segment that showed the gap, and fills the gap if it was sent again later. With
// timestamps that is never wrong; without, only the time of capture can tell.
func TestLateText(t *testing.T) {
	var right, wrong [2]int // without and with timestamps
	for seed := range uint64(400) {
		n, tr := newTapped(t, seed), New(Config{})
		var seen [2][]sentAs
		n.copy = func(from, number int, at time.Duration, p tcp.Packet) {
			s := between(seed, from, p)
			s.Time, s.ID = int64(at), uint32(n.captured&0x7fff+1)
			odd := tr.oddOf(&s)
			shown := slices.IndexFunc(seen[from], func(o sentAs) bool { return p.Segment.Seq.Less(o.seq) })
			if odd&(OutOfOrder|GapFilled) != 0 && shown >= 0 {
				sentLater := number > seen[from][shown].number
				count := &right
				if sentLater != odd.Has(GapFilled) {
					count = &wrong
				}
				count[index(p.Segment.Timestamp.Present)]++
			}
			seen[from] = append(seen[from], sentAs{p.Segment.Seq, number})
		}
		n.run()
	}
	t.Logf("without timestamps %d right, %d wrong; with them %d and %d", right[0], wrong[0], right[1], wrong[1])
	if wrong[1] != 0 || right[1] < 100 {
		t.Error("with timestamps every one must be right")
	}
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
