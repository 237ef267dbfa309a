package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// manyTargets is how many different destinations of one program look like a
// scan rather than like a filtered port.
const manyTargets = 20

// targetFiltered: SYNs to one port of a living host stay unanswered.
func targetFiltered(x *index) []Finding {
	groups := map[netip.AddrPort][]seen{}
	var order []netip.AddrPort
	for _, s := range x.byState[tcp.SynSent] {
		if s.now.Retransmits == 0 || x.claimed[s.at] {
			continue // younger than its first timeout: not a pile
		}
		if groups[s.now.Remote] == nil {
			order = append(order, s.now.Remote)
		}
		groups[s.now.Remote] = append(groups[s.now.Remote], s)
	}
	hosts := make([]netip.Addr, len(order))
	for i, target := range order {
		hosts[i] = target.Addr()
	}
	peers, targets := x.peers(hosts), x.dialled()
	var findings []Finding
	for _, target := range order {
		p := peers[target.Addr()]
		if p.deadEnd() || x.answersDropped(groups[target]) || targets[x.dialler(groups[target][0].now)] >= manyTargets || x.overloadedHere(target) {
			continue
		}
		x.claim(groups[target])
		findings = append(findings, x.filteredFinding(target, groups[target], p))
	}
	return findings
}

// deadEnd tells whether the link layer says that nobody is there.
func (p *peer) deadEnd() bool { return p.unreachable() && !p.lives(fresh) }

// dialled counts the different targets of each program that dials, and of each
// user: a socket that is closed before processes are read shows no program.
func (x *index) dialled() map[[2]int]int {
	type attempt struct {
		who    [2]int
		target netip.AddrPort
	}
	known := map[attempt]bool{}
	targets := map[[2]int]int{}
	count := func(who [2]int, target netip.AddrPort) {
		if a := (attempt{who, target}); !known[a] {
			known[a] = true
			targets[who]++
		}
	}
	for _, s := range x.byState[tcp.SynSent] {
		user := [2]int{0, int(s.now.UID)}
		count(user, s.now.Remote)
		if who := x.dialler(s.now); who != user {
			count(who, s.now.Remote)
		}
	}
	return targets
}

// dialler tells programs apart by process or, where none is visible, by user.
func (x *index) dialler(s *host.Socket) [2]int {
	if pid := x.owner(s); pid != 0 {
		return [2]int{pid, -1}
	}
	return [2]int{0, int(s.UID)}
}

// overloadedHere tells whether the target is a listener of this host whose
// accept queue is full, which drops SYNs too.
func (x *index) overloadedHere(target netip.AddrPort) bool {
	if !x.ours(target.Addr()) {
		return false
	}
	l := x.listenerOf(target)
	return l != nil && l.length() > 0 && l.length() >= l.limit()
}

func (x *index) filteredFinding(target netip.AddrPort, group []seen, p *peer) Finding {
	pid := x.owner(group[0].now)
	within, _ := x.stay(group)
	resent := 0
	for _, s := range group {
		resent += int(s.now.Retransmits)
	}
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("target-filtered", x.who(pid), target.String(), len(group)),
		RefutedBy: Say("target-filtered-refuted"),
		Fate:      Outlook{Text: Say("target-filtered-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{{
			Source: sockets, Fact: "syn-unanswered", Value: float64(resent), Unit: "SYNs sent again",
			Text: Say("syn-unanswered", len(group), resent), Recheck: "ss -tnpo state syn-sent dst " + ssTarget(target),
		}},
		Remedies: []Remedy{
			{ID: "open-the-path", Text: Say("remedy-open-path", target.String()), Risk: Say("remedy-open-path-risk")},
			{ID: "fail-sooner", Text: Say("remedy-fail-sooner"), Risk: Say("remedy-fail-sooner-risk")},
		},
	}
	f.Subject.Peer = target.String()
	if refused := x.rose("TcpExtTCPRetransFail"); refused > 0 {
		f.Summary = Say("target-filtered-own-output", x.who(pid), target.String(), len(group))
		f.Evidence = append(f.Evidence, x.counted("TcpExtTCPRetransFail", "syn-cannot-leave"))
	}
	x.filteredRivals(&f, target, group, p)
	return f
}

func (x *index) filteredRivals(f *Finding, target netip.AddrPort, group []seen, p *peer) {
	x.targetAlive(f, target, p)
	x.synackArrives(f, group)
	x.targetOverloaded(f, target)
	x.staleNAT(f, p)
	f.Excluded = append(f.Excluded, Exclusion{"scanning", Say("few-targets")})
}

// targetAlive settles target-dead: something else of that host was heard.
func (x *index) targetAlive(f *Finding, target netip.AddrPort, p *peer) {
	const rival = "target-dead"
	address := target.Addr().String()
	if p.lives(fresh) {
		f.Evidence = append(f.Evidence, Evidence{
			Source: sockets, Fact: "host-lives", Value: p.heard.Seconds(), Unit: "seconds ago",
			Text: Say("host-heard", address), Recheck: "ss -tni dst " + ssHost(target.Addr()),
		})
	}
	if p.onLink() {
		f.Evidence = append(f.Evidence, Evidence{
			Source: neighbours, Fact: "neighbour-reachable", Value: 1, Unit: "entries",
			Text: Say("neighbour-reachable", address), Recheck: "ip neighbour show " + address,
		})
	}
	if p.lives(fresh) || p.onLink() {
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("host-lives", address)})
		return
	}
	if e, ok := p.echoed(); ok {
		f.Evidence = append(f.Evidence, e)
	}
	if p.echoes() {
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("echo-came-back")})
		return
	}
	f.Open = append(f.Open, Exclusion{rival, Say("host-unheard", address)})
	f.Summary = Say("target-silent", f.Summary.Args...)
}

// synackArrives settles synack-dropped-here: what the IP layer received and
// did not hand on, this host dropped (netfilter input, rp_filter). XDP and tc
// drop before anything is counted.
func (x *index) synackArrives(f *Finding, group []seen) {
	const rival = "synack-dropped-here"
	resent := x.rose("TcpExtTCPSynRetrans")
	dropped := x.droppedInbound(group[0].now.Remote.Addr().Is4())
	switch {
	case resent == 0:
		f.Open = append(f.Open, Exclusion{rival, Say("no-syn-in-window")})
	case dropped*4 >= min(resent, len(group)):
		f.Open = append(f.Open, Exclusion{rival, Say("inbound-dropped", dropped)})
	default:
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("nothing-dropped")})
		f.Evidence = append(f.Evidence, Evidence{
			Source: counters, Fact: "inbound-dropped", Value: float64(dropped), Unit: "in window",
			Text: Say("no-inbound-drops", resent), Recheck: "nstat -az IpInReceives IpInDelivers",
		})
	}
}

// droppedInbound counts packets of the family that arrived and reached neither
// a protocol nor another interface, for no reason that has a counter of its
// own. Multicast and broadcast that nobody wanted look the same, so all of it is
// taken off: the number may be too small, never too large.
func (x *index) droppedInbound(v4 bool) int {
	if v4 {
		return max(0, x.rose("IpInReceives")-x.rose(
			"IpInDelivers", "IpForwDatagrams", "IpInHdrErrors", "IpInAddrErrors", "IpInUnknownProtos",
			"IpExtInMcastPkts", "IpExtInBcastPkts", "IpReasmReqds")+x.rose("IpReasmOKs"))
	}
	return max(0, x.rose("Ip6InReceives")-x.rose(
		"Ip6InDelivers", "Ip6OutForwDatagrams", "Ip6InHdrErrors", "Ip6InAddrErrors", "Ip6InUnknownProtos",
		"Ip6InMcastPkts", "Ip6ReasmReqds")+x.rose("Ip6ReasmOKs"))
}

// targetOverloaded: a listener with a full accept queue drops SYNs as well,
// but now and then one gets through.
func (x *index) targetOverloaded(f *Finding, target netip.AddrPort) {
	const rival = "target-overloaded"
	if through := x.gotThrough()[target]; through > 0 {
		f.Open = append(f.Open, Exclusion{rival, Say("some-got-through", through)})
		return
	}
	f.Excluded = append(f.Excluded, Exclusion{rival, Say("none-got-through")})
}

// gotThrough counts the connections that came up in the window, by target.
func (x *index) gotThrough() map[netip.AddrPort]int {
	if x.through == nil {
		x.through = map[netip.AddrPort]int{}
		for _, s := range x.byState[tcp.Established] {
			if s.before == nil && x.looks > 1 || s.before != nil && s.before.State == tcp.SynSent {
				x.through[s.now.Remote]++
			}
		}
	}
	return x.through
}

// staleNAT settles stale-nat-entry without the table itself: an empty table
// holds no stale entry, and an attempt whose target answers on our own link
// goes through no router's table.
func (x *index) staleNAT(f *Finding, p *peer) {
	const rival = "stale-nat-entry"
	entries, known := x.setting("net.netfilter.nf_conntrack_count")
	switch {
	case !known || entries == 0:
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("no-conntrack")})
	case p.onLink():
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("target-on-link")})
	default:
		f.Open = append(f.Open, Exclusion{rival, Say("conntrack-unread")})
	}
}

// longest returns the longest of the durations that key picks.
func longest(list []seen, key func(*host.Socket) time.Duration) (most time.Duration) {
	for _, s := range list {
		most = max(most, key(s.now))
	}
	return most
}
