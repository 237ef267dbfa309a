package track

import (
	"math/bits"

	"github.com/synoptic-net/synoptic/packet"
)

// Shard returns which of n Trackers a segment belongs to, 0 to n-1: the same for
// both directions of a connection. Trackers that share no connection need no
// locks; their summaries add up with Summary.Merge.
func (c Config) Shard(s *packet.Segment, n int) int {
	if n <= 1 {
		return 0
	}
	keys := newKeyed(^c.Seed)
	k := keyOf6(&s.Tuple, sideOf(&s.Tuple), zoneOf(s))
	high, _ := bits.Mul64(keys.of6(&k), uint64(n))
	return int(high)
}
