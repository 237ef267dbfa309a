package fate

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// givesUp is how long a socket goes on sending again. The kernel does not count
// sendings: at each expiry of the timer it compares the time since the first
// one that was sent again with what a connection with the least timeout would
// need for so many (retransmits_timed_out). So a slow path gets fewer of them,
// and the stay ends at the first expiry beyond that time.
func (l limits) givesUp(s *host.Socket, retries int) time.Duration {
	if !s.HasInfo || s.Info.RTO <= 0 {
		return remaining(s, int(s.Retransmits), l.backoff(retries)) // as if its timeout were the least one
	}
	allowed := total(l.backoff(retries))
	wait, elapsed := l.running(s)
	left := max(0, s.Expires)
	for s.Retransmits == 0 && elapsed == 0 || late(elapsed) < allowed {
		wait = min(2*wait, l.rtoMax)
		elapsed += wait
		left += wait
	}
	return left
}

// running returns the wait that the timer measures now, and the time since the
// first sending again at which it will expire.
func (l limits) running(s *host.Socket) (wait, elapsed time.Duration) {
	wait = min(max(s.Info.RTO>>s.Info.Backoff, rtoMin), l.rtoMax)
	for range s.Retransmits {
		wait = min(2*wait, l.rtoMax)
		elapsed += wait
	}
	return wait, elapsed
}

// late allows for timers that never expire early and mostly a little late:
// 1 to 3 parts in a hundred as measured.
func late(d time.Duration) time.Duration { return d + d/64 }

func total(waits []time.Duration) (sum time.Duration) {
	for _, w := range waits {
		sum += w
	}
	return sum
}
