package fate

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Case names a situation in which a socket can be in its state: with the same
// settings, the state alone does not decide how long it stays.
type Case string

// The cases.
const (
	Unanswered   Case = "unanswered"    // what was sent last is not acknowledged
	Crowded      Case = "crowded"       // the same, in a queue that is more than half full
	Orphan       Case = "orphan"        // no program holds the socket, and the FIN is not acknowledged
	Held         Case = "held"          // a program holds it, and the FIN is not acknowledged
	OrphanWaits  Case = "orphan-waits"  // no program holds it, and the peer has not closed
	HeldWaits    Case = "held-waits"    // a program holds it; nothing is under way
	Idle         Case = "idle"          // nothing is under way, and keepalive is off
	KeptAlive    Case = "kept-alive"    // nothing is under way, the peer is gone, and keepalive is on with the settings of the host
	WindowClosed Case = "window-closed" // the peer takes no data, and answers probes
	Waits        Case = "waits"         // 2 MSL
)

// Prospect is the fate of a socket whose stay begins in a Case.
type Prospect struct {
	Case    Case
	Outlook Outlook
}

// Cases returns the situations of a state with the fate of each, none for CLOSED
// and Unknown.
func (f Forecast) Cases(state tcp.State) []Prospect {
	var list []Prospect
	for _, c := range casesOf[state] {
		list = append(list, Prospect{c, f.prospect(state, c)})
	}
	return list
}

var casesOf = map[tcp.State][]Case{
	tcp.Listen:      {HeldWaits},
	tcp.SynSent:     {Unanswered},
	tcp.SynReceived: {Unanswered, Crowded},
	tcp.Established: {Idle, KeptAlive, Unanswered, WindowClosed},
	tcp.FinWait1:    {Orphan, Held},
	tcp.FinWait2:    {OrphanWaits, HeldWaits},
	tcp.CloseWait:   {HeldWaits},
	tcp.Closing:     {Orphan, Held},
	tcp.LastAck:     {Orphan, Held},
	tcp.TimeWait:    {Waits},
}

// timeWait is TCP_TIMEWAIT_LEN, which no setting changes.
const timeWait = time.Minute

func (f Forecast) prospect(state tcp.State, c Case) Outlook {
	held := host.Socket{State: state, Inode: 1}
	retransmitting := host.Socket{State: state, Timer: host.TimerRetransmit, Expires: rtoMin, Inode: 1}
	switch c {
	case Unanswered:
		if state != tcp.Established {
			retransmitting.Expires = rtoInit
		}
		return f.Of(&retransmitting)
	case Crowded:
		return ends(SynAckRetries, total(doubling(rtoInit, min(f.limits.synAckRetries, fewestSynAcks), f.limits.rtoMax)))
	case Orphan:
		retransmitting.Inode = 0
		return f.Of(&retransmitting)
	case Held:
		return f.Of(&retransmitting)
	case OrphanWaits:
		return ends(FinTimeout, f.limits.finTimeout)
	case KeptAlive:
		return ends(Keepalive, f.limits.keepaliveTime+time.Duration(f.limits.keepaliveProbes)*f.limits.keepaliveInterval)
	case WindowClosed:
		return f.Of(&host.Socket{State: state, Inode: 1, Timer: host.TimerProbe, Expires: rtoMin})
	case Waits:
		return ends(TimeWait, timeWait)
	default: // HeldWaits, Idle
		return f.Of(&held)
	}
}
