package detect

import (
	"slices"
	"sort"
	"time"
)

// memory is how far back a series reaches: the time that a half-open connection
// stays while its queue is crowded, after two SYN-ACKs that were sent again, and a
// little more.
const memory = crowdedStay + time.Second

// series remembers what was counted, and when.
type series[T any] struct {
	times  []time.Duration
	values []T
}

func (s *series[T]) add(at time.Duration, v T) {
	s.times, s.values = append(s.times, at), append(s.values, v)
	old := s.index(at - memory)
	s.times, s.values = slices.Delete(s.times, 0, old), slices.Delete(s.values, 0, old)
}

// at is the value at a moment: what was counted last till then, or else first.
func (s *series[T]) at(t time.Duration) (v T) {
	if len(s.values) == 0 {
		return v
	}
	return s.values[s.index(t)]
}

func (s *series[T]) last() T { return s.at(1<<63 - 1) }

// index is that of the last value till a moment, or 0.
func (s *series[T]) index(t time.Duration) int {
	return max(sort.Search(len(s.times), func(i int) bool { return s.times[i] > t })-1, 0)
}

func (s *series[T]) reset() { s.times, s.values = nil, nil }

// grown is how much a counter rose; one that fell began anew.
func grown(from, to uint64) uint64 {
	if to < from {
		return 0
	}
	return to - from
}
