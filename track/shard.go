package track

import "github.com/synoptic-net/synoptic/packet"

// Shard returns which of n Trackers a segment belongs to, 0 to n-1: the same for
// both directions of a connection. Trackers that share no connection need no
// locks; their summaries add up with Summary.Merge.
func (c Config) Shard(s *packet.Segment, n int) int {
	if n <= 1 {
		return 0
	}
	p := c.part(0, n)
	return p.NumberOf(s.Tuple.Flow())
}
