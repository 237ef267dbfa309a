package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// churn is what one listener, or the connections to one destination, leave in
// TIME-WAIT because this side closes first.
type churn struct {
	at      netip.AddrPort // our listener, or the destination when dialled
	dialled bool
	entered []seen // came into TIME-WAIT in the window
	brief   int    // of them, those that were opened in the window too
	sources map[netip.Addr]bool
}

// activeCloseChurn: short connections, closed by this side, so fast that what
// waits in TIME-WAIT comes near a limit.
func activeCloseChurn(x *index) []Finding {
	var findings []Finding
	for _, c := range x.churns() {
		share, ports := x.pressure(c)
		if share < 0.1 || c.brief*2 < len(c.entered) || x.runsOut(c) || !ports && x.rose("TcpExtTCPTimeWaitOverflow") > 0 {
			continue // slower, or longer, or past the limit: then that is the finding
		}
		x.claim(c.entered)
		findings = append(findings, x.churnFinding(c))
	}
	return findings
}

// churns groups what entered TIME-WAIT in the window, in the order of the dump.
func (x *index) churns() []*churn {
	r, _ := x.portRange()
	type key struct {
		at      netip.AddrPort
		dialled bool
	}
	groups := map[key]*churn{}
	var order []*churn
	for _, s := range x.byState[tcp.TimeWait] {
		if s.before != nil && s.before.State == tcp.TimeWait {
			continue
		}
		k := key{s.now.Remote, true}
		if !x.dialledFrom(s.now, r) {
			k = key{x.tookIn(s.now), false}
		}
		c := groups[k]
		if c == nil {
			c = &churn{at: k.at, dialled: k.dialled, sources: map[netip.Addr]bool{}}
			groups[k], order = c, append(order, c)
		}
		c.entered = append(c.entered, s)
		c.sources[s.now.Local.Addr()] = true
		if s.before == nil {
			c.brief++
		}
	}
	return order
}

// tookIn is the listener of a connection, or its own local address when that
// is gone.
func (x *index) tookIn(s *host.Socket) netip.AddrPort {
	if l := x.listenerOf(s.Local); l != nil {
		return l.at
	}
	return s.Local
}

// rate is how many connections a second entered TIME-WAIT. What entered more
// than a minute ago is gone.
func (x *index) rate(c *churn) float64 {
	return float64(len(c.entered)) / min(x.span, timeWaitLength).Seconds()
}

// pressure is the share of its nearest limit that the churn comes to hold if
// it goes on at this rate: the local ports towards the destination, or the
// table of all that is in TIME-WAIT. ports tells which.
func (x *index) pressure(c *churn) (share float64, ports bool) {
	if most, ok := x.setting(timeWaitLimit); ok && most > 0 {
		share = x.rate(c) * timeWaitLength.Seconds() / float64(most)
	}
	if r, ok := x.portRange(); ok && c.dialled {
		held := timeWaitLength
		if x.reuses(c.at.Addr()) {
			held = x.reuseDelay()
		}
		if of := x.rate(c) * held.Seconds() / float64(r.size*len(c.sources)); of >= share {
			return of, true
		}
	}
	return share, false
}

// runsOut tells whether the ports are used up already.
func (x *index) runsOut(c *churn) bool {
	for _, u := range x.crowdedWays() {
		if c.dialled && u.target == c.at && u.mostlyWaiting() {
			return true
		}
	}
	return false
}

func (x *index) churnFinding(c *churn) Finding {
	pid, pooled := x.churner(c), x.pool(c)
	within, _ := x.stay(c.entered)
	perSecond := int(x.rate(c) + 0.5)
	check := "ss -tnoH state time-wait dst " + ssTarget(c.at) + " | wc -l"
	if !c.dialled {
		check = recheck("time-wait", c.at.Port())
	}
	f := Finding{
		State: tcp.TimeWait, Severity: x.churnSeverity(c), Count: len(c.entered), Subject: x.subject(pid),
		Summary:   x.churnSummary(c, pid, pooled, perSecond),
		RefutedBy: Say("churn-refuted"),
		Fate:      Outlook{Text: x.churnFate(c), Within: within},
		Evidence: []Evidence{
			{Source: sockets, Fact: "entered-time-wait", Value: float64(len(c.entered)), Unit: "in window", Text: Say("entered-time-wait", len(c.entered), perSecond), Recheck: check},
			{Source: sockets, Fact: "short-lived", Value: float64(c.brief), Unit: "sockets", Text: Say("short-lived", c.brief, len(c.entered), int(x.window.Seconds()+0.5)), Recheck: check},
		},
		Remedies: x.churnRemedies(c, pooled),
	}
	if x.rose("TcpExtTW") > 0 {
		f.Evidence = append(f.Evidence, x.counted("TcpExtTW", "tw-counted"))
	}
	if c.dialled {
		f.Subject.Peer = c.at.String()
	} else {
		f.Subject.Local = c.at.String()
	}
	x.churnRivals(&f, c)
	return f
}

// churner is the program that closes first.
func (x *index) churner(c *churn) int {
	if c.dialled {
		return x.dialsTo(nil, c.at)
	}
	if l := x.listeners[c.at]; l != nil {
		return x.listenerPID(l)
	}
	return 0
}

// pool counts the connections to the same place that last: few of them beside
// much churn are those that a pool keeps, the rest are those that it throws
// away.
func (x *index) pool(c *churn) (lasting int) {
	if !c.dialled {
		return 0
	}
	for _, s := range x.byState[tcp.Established] {
		if s.now.Remote == c.at && s.outlived() {
			lasting++
		}
	}
	if lasting*10 > len(c.entered) {
		return 0
	}
	return lasting
}

// churnSeverity: local ports that run out within a minute are felt; a server
// that closes first loses nothing but keep-alive.
func (x *index) churnSeverity(c *churn) Severity {
	if share, ports := x.pressure(c); ports && share >= 1 {
		return Warning
	}
	return Notice
}

func (x *index) churnSummary(c *churn, pid, pooled, perSecond int) Message {
	switch {
	case pooled > 0:
		return Say("churn-pool", x.whoDials(pid), pooled, c.at.String(), perSecond)
	case c.dialled:
		return Say("churn-out", x.whoDials(pid), perSecond, c.at.String())
	default:
		return Say("churn-in", x.whoDials(pid), perSecond, c.at.String())
	}
}

// churnFate says how near the limit comes if it goes on.
func (x *index) churnFate(c *churn) Message {
	share, ports := x.pressure(c)
	percent := int(share * 100)
	switch {
	case ports && share >= 1:
		return Say("churn-fate-ports-out", c.at.String(), wholeSeconds(max(time.Second, time.Duration(float64(timeWaitLength)/share)-x.window)))
	case ports:
		return Say("churn-fate-ports", c.at.String(), percent)
	case share >= 1:
		return Say("churn-fate-table-full", x.bundle.Settings[timeWaitLimit])
	default:
		return Say("churn-fate-table", percent)
	}
}

func (x *index) churnRivals(f *Finding, c *churn) {
	out := func(cause Cause, because Message) { f.Excluded = append(f.Excluded, Exclusion{cause, because}) }
	if c.dialled {
		out("time-wait-port-exhaustion", Say("ports-left", c.at.String()))
		out("scanning", Say("one-target", c.at.String()))
	} else {
		out("time-wait-port-exhaustion", Say("server-port-shared"))
	}
	if x.bundle.Has(counters) && x.rose("TcpExtTCPTimeWaitOverflow") <= 0 {
		out("time-wait-overflow", Say("none-cut-short"))
	}
	out("bind-blocked", Say("churn-goes-on"))
}

func (x *index) churnRemedies(c *churn, pooled int) []Remedy {
	switch {
	case pooled > 0:
		return append([]Remedy{{ID: "larger-pool", Text: Say("remedy-larger-pool", pooled), Risk: Say("remedy-larger-pool-risk")}}, x.reuseRemedies()[1:]...)
	case c.dialled:
		return x.reuseRemedies()
	default:
		return []Remedy{
			{ID: "keep-connections", Text: Say("remedy-server-keep-alive"), Risk: Say("remedy-keep-alive-risk")},
			{ID: "let-client-close", Text: Say("remedy-client-closes"), Risk: Say("remedy-client-closes-risk")},
		}
	}
}
