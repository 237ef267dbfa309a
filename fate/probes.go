package fate

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// inFlight is how many unanswered probes mean nothing: one may be on its way.
const inFlight = 1

// probing: the peer's window is shut (tcp_probe_timer). While it answers the
// probes of a program's socket, that goes on for ever; an orphan is given up
// once the wait between probes has grown to the longest.
func probing(s *host.Socket, l limits) Outlook {
	orphan := s.Inode == 0 && orphanState(s.State)
	switch {
	case orphan && l.probeWait(s, max(l.retries2, int(s.Info.Backoff))) >= l.rtoMax:
		return ends(OrphanRetries, l.orphanProbes(s))
	case orphan || s.Retransmits <= inFlight:
		return Outlook{Forever: true, Reason: WindowProbes}
	default:
		return ends(WindowProbes, l.probesLeft(s))
	}
}

// probeWait is the wait for the answer to a probe after so many doublings.
func (l limits) probeWait(s *host.Socket, doublings int) time.Duration {
	wait := max(s.Info.RTO, rtoMin)
	for range doublings {
		if wait >= l.rtoMax {
			break
		}
		wait *= 2
	}
	return min(wait, l.rtoMax)
}

// orphanProbes follows an orphan to the expiry at which its wait has grown to
// the longest. The caller knows that it gets there.
func (l limits) orphanProbes(s *host.Socket) time.Duration {
	left := max(0, s.Expires)
	for n := int(s.Info.Backoff); l.probeWait(s, n) < l.rtoMax; n++ {
		left += l.probeWait(s, n+1)
	}
	return left
}

// probesLeft: probes that stay unanswered are as many as tcp_retries2 says.
func (l limits) probesLeft(s *host.Socket) time.Duration {
	left := max(0, s.Expires)
	for n := int(s.Retransmits); n < l.retries2; n++ {
		doublings := int(s.Info.Backoff) + 1 + n - int(s.Retransmits)
		if !s.HasInfo {
			doublings = n + 1
		}
		left += l.probeWait(s, doublings)
	}
	return left
}
