package remedy

import (
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/host"
)

// Check is the fact that must change for a plan to have helped. The zero Check is
// that the finding is gone.
type Check struct {
	Counters []string // none of these rises any more; empty: the finding must be gone
	Slower   bool     // it is enough that they rise half as fast
}

// Gone tells whether the finding itself must be gone.
func (c Check) Gone() bool { return len(c.Counters) == 0 }

// checks are of remedies after which the finding may rightly stay: a flood goes
// on when cookies carry the service through it.
var checks = map[string]Check{
	"enable-syn-cookies":   {Counters: []string{"TcpExtTCPReqQFullDrop"}},
	"drop-the-prefix":      {Counters: []string{"TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies"}},
	"fewer-synack-retries": {Counters: []string{"TcpExtTCPSynRetrans"}, Slower: true},
	"raise-somaxconn":      {Counters: []string{"TcpExtListenOverflows"}},
	"more-time-wait":       {Counters: []string{"TcpExtTCPTimeWaitOverflow"}},
	"loose-filter":         {Counters: []string{"TcpExtIPReversePathFilter"}},
	"larger-conntrack":     {Counters: []string{"conntrack.drop", "conntrack.early_drop"}},
	"raise-orphan-limit":   {Counters: []string{"TcpExtTCPAbortOnMemory"}},
	"more-neighbours":      {Counters: []string{"arp_cache.table_fulls", "ndisc_cache.table_fulls"}},
}

// needsRestart are remedies that a program feels when it calls listen() again.
var needsRestart = map[string]bool{"raise-somaxconn": true}

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
	now := find(p, after)
	if now == nil && seen(p, after) {
		return Helped
	}
	was := find(p, before)
	outcome := p.measured(before, after, was, now)
	if outcome == NoHelp && p.Restart {
		return NotYet
	}
	return outcome
}

// measured judges while the finding is still there.
func (p Plan) measured(before, after diagnose.Report, was, now *diagnose.Finding) Outcome {
	if now == nil {
		return Unknown
	}
	if p.Check.Gone() {
		if was != nil && now.Count < was.Count {
			return NotYet
		}
		return NoHelp
	}
	rate, known := p.Check.rate(after)
	past, _ := p.Check.rate(before)
	switch {
	case !known:
		return Unknown
	case rate == 0, p.Check.Slower && rate*2 <= past:
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

// seen tells whether the report could have said so: its cause was assessed.
func seen(p Plan, r diagnose.Report) bool {
	for _, n := range r.NotAssessed {
		if n.Cause == p.Cause {
			return false
		}
	}
	return r.Bundle != nil
}
