package remedy

import (
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Check is the fact that must change for a plan to have helped. The zero Check is
// that the finding is gone.
type Check struct {
	Counters []string // none of these rises any more
	Rises    string   // counter that begins to rise, "" when none does
	Retries  int      // no half-open connection has more SYN-ACKs behind it than so many, where it is not 0
}

// Gone tells whether the finding itself must be gone.
func (c Check) Gone() bool { return len(c.Counters) == 0 && c.Retries == 0 && c.Rises == "" }

// checks are of remedies after which the finding may rightly stay: a flood goes
// on when cookies carry the service through it.
var checks = map[string]Check{
	"enable-syn-cookies":   {Counters: []string{"TcpExtTCPReqQFullDrop"}},
	"drop-the-prefix":      {Counters: []string{"TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies"}},
	"fewer-synack-retries": {Retries: 2},
	"raise-syn-backlog":    {Counters: []string{"TcpExtListenDrops", "TcpExtTCPReqQFullDrop"}},
	"reuse-time-wait":      {Rises: "TcpExtTWRecycled"},
	"raise-somaxconn":      {Counters: []string{"TcpExtListenOverflows"}},
	"more-time-wait":       {Counters: []string{"TcpExtTCPTimeWaitOverflow"}},
	"loose-filter":         {Counters: []string{"TcpExtIPReversePathFilter"}},
	"larger-conntrack":     {Counters: []string{"conntrack.drop", "conntrack.early_drop"}},
	"raise-orphan-limit":   {Counters: []string{"TcpExtTCPAbortOnMemory"}},
	"more-neighbours":      {Counters: []string{"arp_cache.table_fulls", "ndisc_cache.table_fulls"}},
}

// needsRestart are remedies that a program feels when it calls listen() again.
var needsRestart = map[string]bool{"raise-somaxconn": true}

// forTheNext are remedies that the connections of now do not feel.
var forTheNext = map[string]bool{"reserve-port": true}

// checkOf finds the check of a remedy. An id may go on with the name of an
// interface.
func checkOf(id string) Check {
	for name, c := range checks {
		if id == name || strings.HasPrefix(id, name+"-") {
			return c
		}
	}
	return Check{}
}

// Outcome says what another look showed.
type Outcome string

// The outcomes.
const (
	Helped  Outcome = "helped"
	NotYet  Outcome = "not-yet" // it is less than it was, or the program must be restarted first
	NoHelp  Outcome = "no"
	Unknown Outcome = "unknown" // what would show it could not be read
)

// Outcome compares the look before with one after the plan was carried out.
func (p Plan) Outcome(before, after diagnose.Report) Outcome {
	was, now := find(p, before), find(p, after)
	var o Outcome
	switch {
	case now == nil && !assessed(p, after):
		return Unknown
	case now == nil && p.Check.Gone() && remains(p, was, before, after):
		return NotYet
	case now == nil:
		return Helped
	case p.Check.Gone():
		o = lessThan(was, now)
	case p.Check.Retries > 0:
		o = p.Check.retries(after)
	case p.Check.Rises != "":
		o = risen(p.Check.Rises, after)
	default:
		o = p.Check.counters(before, after)
	}
	if o == NoHelp && (p.Restart || forTheNext[p.Remedy]) {
		return NotYet
	}
	return o
}

// transient are the states through which a healthy connection passes in less than
// one retransmission timeout.
var transient = tcp.SetOf(tcp.SynSent, tcp.SynReceived, tcp.FinWait1, tcp.Closing, tcp.LastAck)

// remains tells whether sockets of a transient state are still there although the
// finding is not: nothing moved in the window by which it would be known.
func remains(p Plan, was *diagnose.Finding, before, after diagnose.Report) bool {
	if was == nil || !transient.Has(p.State) {
		return false
	}
	return after.States[p.State]+uint64(was.Count/2) >= before.States[p.State]
}

// lessThan judges a finding that is still there.
func lessThan(was, now *diagnose.Finding) Outcome {
	if was != nil && now.Count < was.Count {
		return NotYet
	}
	return NoHelp
}

// retries looks at the half-open connections. Those that were there before the
// change go at their next timer.
func (c Check) retries(after diagnose.Report) Outcome {
	last := after.Bundle.Last()
	if last == nil {
		return Unknown
	}
	for i := range last.Sockets {
		if s := &last.Sockets[i]; s.State == tcp.SynReceived && s.Retransmits > uint8(c.Retries) {
			return NotYet
		}
	}
	return Helped
}

// risen looks whether a counter moved. It may not have had to.
func risen(counter string, after diagnose.Report) Outcome {
	switch rate, known := (Check{Counters: []string{counter}}).rate(after); {
	case !known:
		return Unknown
	case rate > 0:
		return Helped
	default:
		return NotYet
	}
}

// counters compares how fast they rise.
func (c Check) counters(before, after diagnose.Report) Outcome {
	rate, known := c.rate(after)
	past, _ := c.rate(before)
	switch {
	case !known:
		return Unknown
	case rate == 0:
		return Helped
	case rate < past:
		return NotYet
	default:
		return NoHelp
	}
}

// rate is how fast the counters of the check rise, in events a second. A counter
// that is not there counts nothing.
func (c Check) rate(r diagnose.Report) (perSecond float64, known bool) {
	if r.Bundle == nil || r.Bundle.Window() <= 0 {
		return 0, false
	}
	var sum int64
	for _, name := range c.Counters {
		if moved, ok := host.Delta(r.Bundle.CountersBefore, r.Bundle.CountersAfter, name); ok {
			sum, known = sum+max(moved, 0), true
		}
	}
	return float64(sum) / r.Bundle.Window().Seconds(), known
}

func find(p Plan, r diagnose.Report) *diagnose.Finding {
	for i := range r.Findings {
		if p.Same(&r.Findings[i]) {
			return &r.Findings[i]
		}
	}
	return nil
}

// assessed tells whether the report could have said so.
func assessed(p Plan, r diagnose.Report) bool {
	for _, n := range r.NotAssessed {
		if n.Cause == p.Cause {
			return false
		}
	}
	return r.Bundle != nil
}
