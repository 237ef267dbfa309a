// Package fate foretells when a socket leaves its state if nothing else
// happens: nobody sends, nobody closes, nobody answers. It reads the timer that
// the kernel says is running and the settings that govern it.
package fate

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Reason names what ends the stay.
type Reason string

// The reasons.
const (
	SynRetries    Reason = "syn-retries"    // tcp_syn_retries, tcp_syn_linear_timeouts
	SynAckRetries Reason = "synack-retries" // tcp_synack_retries, and fewer while the queue is more than half full
	DataRetries   Reason = "data-retries"   // tcp_retries2
	OrphanRetries Reason = "orphan-retries" // tcp_orphan_retries
	Keepalive     Reason = "keepalive"      // tcp_keepalive_probes, tcp_keepalive_intvl
	FinTimeout    Reason = "fin-timeout"    // tcp_fin_timeout
	TimeWait      Reason = "time-wait"      // TCP_TIMEWAIT_LEN
	WindowProbes  Reason = "window-probes"  // the peer keeps its window shut; tcp_retries2 when it no longer answers probes
	Program       Reason = "program"        // only a program's call ends it
	Nothing       Reason = "nothing"        // an idle connection: no timer would ever notice that the peer is gone
)

// Outlook is the end of a stay that can be foretold.
type Outlook struct {
	Next    tcp.State     // where the socket goes, Unknown when that is not settled
	Within  time.Duration // the longest that it stays from now on; 0 when Forever
	Forever bool          // no timer ends it: only the program or the peer can
	Reason  Reason
}

// Of foretells one socket. Settings that are missing or make no sense count as
// the kernel's defaults.
func Of(s *host.Socket, settings host.Settings) Outlook {
	return NewForecast(settings).Of(s)
}

// Forecast foretells many sockets of one host.
type Forecast struct {
	limits   limits
	together map[connection]time.Duration // see Among
}

// NewForecast reads the settings once.
func NewForecast(settings host.Settings) Forecast { return Forecast{limits: limitsOf(settings)} }

// Of foretells one socket.
func (f Forecast) Of(s *host.Socket) Outlook {
	limits := f.limits
	switch {
	case s.Timer == host.TimerTimeWait:
		return minisocket(s)
	case s.State == tcp.SynSent:
		return ends(SynRetries, remaining(s, int(s.Retransmits), limits.synSchedule()))
	case s.State == tcp.SynReceived:
		return ends(SynAckRetries, f.halfOpen(s))
	case s.Timer == host.TimerRetransmit:
		return retransmitting(s, limits)
	case s.Timer == host.TimerProbe:
		return probing(s, limits)
	case s.Timer == host.TimerKeepalive:
		return keepalive(s, limits)
	default:
		return untimed(s.State)
	}
}

// halfOpen is by the queue when that is known, else as if it were not crowded.
func (f Forecast) halfOpen(s *host.Socket) time.Duration {
	if within, ok := f.together[connection{s.Local, s.Remote}]; ok && s.Kind == host.Request {
		return within
	}
	return remaining(s, expiries(s), f.limits.synAckSchedule())
}

func ends(reason Reason, within time.Duration) Outlook {
	return Outlook{Next: tcp.Closed, Within: max(0, within), Reason: reason}
}

// minisocket: TIME-WAIT, or FIN-WAIT-2 of an orphan (tcp_time_wait).
func minisocket(s *host.Socket) Outlook {
	if s.State == tcp.FinWait2 {
		return ends(FinTimeout, s.Expires)
	}
	return ends(TimeWait, s.Expires)
}

// retransmitting: what was sent, data or FIN, is not acknowledged
// (tcp_write_timeout). An orphan is given up sooner.
func retransmitting(s *host.Socket, l limits) Outlook {
	if s.Inode == 0 && orphanState(s.State) {
		return ends(OrphanRetries, l.givesUp(s, l.orphanRetries))
	}
	return ends(DataRetries, l.givesUp(s, l.retries2))
}

// orphanState tells whether a socket without an inode was closed by its
// program; before that, it was never accepted.
func orphanState(state tcp.State) bool { return afterClose.Has(state) }

const afterClose = tcp.StateSet(1<<tcp.FinWait1 | 1<<tcp.Closing | 1<<tcp.LastAck)

// keepalive: after the first unanswered probe the rest follow at their
// interval (tcp_keepalive_timer). Until then the peer may well be there. On an
// orphan in FIN-WAIT-2 the same timer waits out a long tcp_fin_timeout.
func keepalive(s *host.Socket, l limits) Outlook {
	switch {
	case s.State == tcp.FinWait2 && s.Inode == 0:
		return ends(FinTimeout, s.Expires)
	case s.Retransmits == 0:
		return untimed(s.State)
	default:
		left := max(0, l.keepaliveProbes-int(s.Retransmits))
		return ends(Keepalive, s.Expires+time.Duration(left)*l.keepaliveInterval)
	}
}

// untimed: no timer runs that would end it.
func untimed(state tcp.State) Outlook {
	if state == tcp.Established {
		return Outlook{Forever: true, Reason: Nothing}
	}
	return Outlook{Forever: true, Reason: Program}
}
