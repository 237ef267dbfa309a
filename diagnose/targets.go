package diagnose

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// attempts are the connections that one look or the other saw in SYN-SENT,
// towards one address.
type attempts struct {
	target netip.Addr
	now    []seen         // at the last look
	gone   []*host.Socket // at the first look only
}

// attemptsByHost groups what is being dialled, in the order of the last look.
func (x *index) attemptsByHost() []attempts {
	places := map[netip.Addr]int{}
	var list []attempts
	at := func(target netip.Addr) *attempts {
		place, known := places[target]
		if !known {
			place = len(list)
			places[target] = place
			list = append(list, attempts{target: target})
		}
		return &list[place]
	}
	for _, s := range x.byState[tcp.SynSent] {
		if !x.claimed[s.at] {
			group := at(s.now.Remote.Addr())
			group.now = append(group.now, s)
		}
	}
	for _, s := range x.gone[tcp.SynSent] {
		group := at(s.Remote.Addr())
		group.gone = append(group.gone, s)
	}
	return list
}

// targetDead: nobody answers at that address. On our own link the neighbour
// entry says so; behind a router an ICMP error does. Either ends each attempt
// soon, so it is a stream of attempts and seldom a pile.
func targetDead(x *index) []Finding {
	groups := x.attemptsByHost()
	hosts := make([]netip.Addr, len(groups))
	for i, g := range groups {
		hosts[i] = g.target
	}
	peers, targets := x.peers(hosts), x.dialled()
	standing := 0 // targets that are being dialled at the last look
	for _, g := range groups {
		standing += count(len(g.now) > 0)
	}
	var findings []Finding
	for _, g := range groups {
		p := peers[g.target]
		ended := len(g.now) == 0
		if ended && (len(groups)-standing >= manyTargets || !x.failing(g.target)) || targets[x.dialler(g.any())] >= manyTargets || p.lives(fresh) {
			continue
		}
		if p.unreachable() || x.unreachableByICMP(g, standing <= 1 && (standing == 1 || len(groups) == 1)) {
			x.claim(g.now)
			findings = append(findings, x.deadFinding(g, p))
		}
	}
	return findings
}

// unreachableByICMP: errors came in and attempts failed by them. When several
// hosts are dialled, it must be this one whose attempts ended within the window:
// those that are silently dropped do not. A router that waits for its own
// neighbour forgets some packets, and limits its errors, so not all of them end.
func (x *index) unreachableByICMP(g attempts, alone bool) bool {
	if x.rose("IcmpInDestUnreachs", "Icmp6InDestUnreachs") <= 0 || x.rose("TcpAttemptFails") <= 0 {
		return false
	}
	stayed := 0
	for _, s := range g.now {
		if s.outlived() {
			stayed++
		}
	}
	gone := len(g.gone)
	return alone || gone > 0 && stayed*3 <= gone+stayed
}

// any returns one of the sockets.
func (g *attempts) any() *host.Socket {
	if len(g.now) > 0 {
		return g.now[0].now
	}
	return g.gone[0]
}

// failing tells whether attempts that ended within the window ended by errors: the
// last look may fall between two of them.
func (x *index) failing(target netip.Addr) bool {
	if x.rose("IcmpInDestUnreachs", "Icmp6InDestUnreachs") < few || x.rose("TcpAttemptFails") < few {
		return false
	}
	if p := x.bundle.Packets; p != nil && p.Own {
		for i := range p.Servers {
			if p.Servers[i].Local.Addr() == target && p.Servers[i].Completed > 0 {
				return false
			}
		}
	}
	return true
}

func (x *index) deadFinding(g attempts, p *peer) Finding {
	pid := x.holder(g.any())
	target, gone := g.target.String(), len(g.gone)
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: max(len(g.now), 1), Subject: x.subject(pid),
		Summary:   Say("target-dead", x.who(pid), target),
		RefutedBy: Say("target-dead-refuted"),
		Fate:      Outlook{Text: Say("target-dead-fate"), Within: 4 * time.Second},
		Evidence: []Evidence{{
			Source: sockets, Fact: "attempts", Value: float64(len(g.now) + gone), Unit: "sockets",
			Text: Say("attempts-unanswered", len(g.now)+gone), Recheck: "ss -tnpo state syn-sent dst " + ssHost(g.target),
		}},
		Remedies: []Remedy{{ID: "check-the-address", Text: Say("remedy-check-address", target), Risk: Say("remedy-upstream-risk"), Apply: []string{"ip neighbour show " + target, "ip route get " + target}}},
	}
	f.Subject.Peer = target
	switch {
	case unresolved(p.neighbour):
		f.Evidence = append(f.Evidence, neighbourSilent(target, Say("neighbour-silent", target)))
	case p.unreachable():
		gateway := x.nextHop(g.target).String()
		f.Subject.Path = gateway
		f.Evidence = append(f.Evidence, neighbourSilent(gateway, Say("gateway-silent", gateway)))
	default:
		name := "IcmpInDestUnreachs"
		if g.target.Is6() {
			name = "Icmp6InDestUnreachs"
		}
		f.Evidence = append(f.Evidence, x.counted(name, "icmp-unreachable"))
	}
	f.Excluded = []Exclusion{
		{"target-filtered", Say("host-says-nothing", target)}, {"synack-dropped-here", Say("host-says-nothing", target)}, {"scanning", Say("few-targets")},
	}
	return f
}

func neighbourSilent(address string, text Message) Evidence {
	return Evidence{
		Source: neighbours, Fact: "neighbour-failed", Value: 1, Unit: "entries", Text: text, Recheck: "ip neighbour show " + address,
	}
}

// scanning: one program dials very many hosts or ports, and hardly anything
// answers.
func scanning(x *index) []Finding {
	byDialler, order := x.dialling()
	targets := x.dialled()
	var findings []Finding
	for _, who := range order {
		group, answered := byDialler[who], x.answered(who)
		if targets[who] < manyTargets || answered*4 > targets[who] || x.unanswered(group)*3 < len(group) {
			continue
		}
		x.claim(group)
		findings = append(findings, x.scanFinding(who, group, targets[who], answered))
	}
	return findings
}

// dialling groups what is being dialled by program. A socket that is closed
// before processes are read shows none: it goes to the busiest program of its
// user.
func (x *index) dialling() (groups map[[2]int][]seen, order [][2]int) {
	groups = map[[2]int][]seen{}
	nobody := map[uint32][]seen{}
	busiest := map[uint32][2]int{}
	for _, s := range x.byState[tcp.SynSent] {
		if x.claimed[s.at] {
			continue
		}
		who := x.dialler(s.now)
		if who[0] == 0 {
			nobody[s.now.UID] = append(nobody[s.now.UID], s)
			continue
		}
		if groups[who] == nil {
			order = append(order, who)
		}
		groups[who] = append(groups[who], s)
		if best, known := busiest[s.now.UID]; !known || len(groups[who]) > len(groups[best]) {
			busiest[s.now.UID] = who
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(nobody)) {
		who, known := busiest[uid]
		if !known {
			who = [2]int{0, int(uid)}
			order = append(order, who)
		}
		groups[who] = append(groups[who], nobody[uid]...)
	}
	return groups, order
}

// unanswered counts the attempts that are older than their first timeout.
func (x *index) unanswered(group []seen) (n int) {
	for _, s := range group {
		if s.now.Retransmits > 0 {
			n++
		}
	}
	return n
}

// answered counts the different targets that the program got through to.
func (x *index) answered(who [2]int) int {
	through := map[netip.AddrPort]bool{}
	for _, s := range x.byState[tcp.Established] {
		if _, incoming := x.listening.Of(s.now.Local); !incoming && x.dialler(s.now) == who {
			through[s.now.Remote] = true
		}
	}
	return len(through)
}

func (x *index) scanFinding(who [2]int, group []seen, targets, answered int) Finding {
	pid := who[0]
	addresses, ports := map[netip.Addr]bool{}, map[uint16]bool{}
	for _, s := range group {
		addresses[s.now.Remote.Addr()], ports[s.now.Remote.Port()] = true, true
	}
	within, _ := x.stay(group)
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("scanning", x.who(pid), len(addresses), len(ports)),
		RefutedBy: Say("scanning-refuted"),
		Fate:      Outlook{Text: Say("scanning-fate"), Within: within},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "targets", Value: float64(targets), Unit: "targets",
				Text: Say("scan-targets", targets, answered), Recheck: "ss -tnpo state syn-sent",
			},
			x.counted("TcpActiveOpens", "scan-rate"),
		},
		Excluded: []Exclusion{{"target-dead", Say("scan-many")}, {"target-filtered", Say("scan-many")}, {"synack-dropped-here", Say("scan-many")}},
		Remedies: []Remedy{{ID: "look-at-scanner", Text: Say("remedy-scanner", x.who(pid)), Risk: Say("remedy-scanner-risk")}},
	}
	if pid != 0 {
		f.Remedies[0].Apply = []string{"ls -l /proc/" + strconv.Itoa(pid) + "/exe", "tr '\\0' ' ' < /proc/" + strconv.Itoa(pid) + "/cmdline"}
	}
	f.Evidence = append(f.Evidence, x.oddProgram(pid)...)
	if x.rose("TcpActiveOpens") < targets/2 { // few in this window: they were dialled before
		f.Evidence = append(f.Evidence[:1], f.Evidence[2:]...)
	}
	return f
}

// synackDroppedHere: SYNs are sent again, and about as many packets arrive and
// are dropped by this host before TCP sees them.
func synackDroppedHere(x *index) []Finding {
	findings := x.judged["synack-dropped-here"]
	for _, family := range []bool{true, false} {
		var group []seen
		for _, s := range x.byState[tcp.SynSent] {
			if !x.claimed[s.at] && s.now.Retransmits > 0 && s.now.Remote.Addr().Is4() == family {
				group = append(group, s)
			}
		}
		if len(group) > 0 && x.answersDropped(group) {
			x.claim(group)
			findings = append(findings, x.droppedFinding(group))
		}
	}
	return findings
}

// answersDropped compares what was dropped with the SYNs that were sent again:
// each would have brought one answer.
func (x *index) answersDropped(group []seen) bool {
	resent := x.rose("TcpExtTCPSynRetrans")
	if x.ownOutput() || resent < few {
		return false
	}
	dropped := x.droppedInbound(group[0].now.Remote.Addr().Is4())
	return max(dropped, x.rose("TcpExtIPReversePathFilter"))*4 >= resent*3
}

// ownOutput: the SYNs do not even leave.
func (x *index) ownOutput() bool { return x.rose("TcpExtTCPRetransFail") > 0 }

func (x *index) droppedFinding(group []seen) Finding {
	pid := x.owner(group[0].now)
	within, _ := x.stay(group)
	resent, dropped, filtered := x.rose("TcpExtTCPSynRetrans"), x.droppedInbound(group[0].now.Remote.Addr().Is4()), x.rose("TcpExtIPReversePathFilter")
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("synack-dropped-here", len(group), x.who(pid)),
		RefutedBy: Say("synack-dropped-refuted"),
		Fate:      Outlook{Text: Say("target-filtered-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{{
			Source: sockets, Fact: "syn-unanswered", Value: float64(resent), Unit: "SYNs sent again",
			Text: Say("syn-unanswered", len(group), resent), Recheck: "ss -tnpo state syn-sent",
		}},
	}
	if filtered*4 >= resent*3 {
		f.Evidence = append(f.Evidence, x.counted("TcpExtIPReversePathFilter", "rp-filtered"))
		strict := x.strictInterfaces()
		f.Remedies = x.filterRemedies(strict, x.notTheWayOut(strict))
		f.Excluded = append(f.Excluded, Exclusion{"hairpin-source-dropped", Say("rp-filter-counts")})
	} else {
		f.Evidence = append(f.Evidence, Evidence{
			Source: counters, Fact: "inbound-dropped", Value: float64(dropped), Unit: "in window",
			Text: Say("answers-dropped", dropped, resent), Recheck: "nstat -az IpInReceives IpInDelivers",
		})
		f.Remedies = []Remedy{{ID: "allow-synack-in", Text: Say("remedy-allow-synack-in"), Risk: Say("remedy-open-path-risk"), Apply: []string{"nft list ruleset", "iptables -vnL INPUT"}}}
		one := group[0].now
		x.blamed(&f, "allow-synack-in", "input", host.FilterPacket{From: one.Remote, To: one.Local, Flags: segmentSYN | segmentACK}, synacks(peerPort(group)))
		x.hairpin(&f, group)
	}
	f.Excluded = append(f.Excluded, Exclusion{"target-filtered", Say("answers-arrive", resent)}, Exclusion{"target-dead", Say("answers-arrive", resent)})
	return f
}

// hairpin: through a balancer our own SYN may come back to us and be dropped,
// which looks the same in counters. It needs a listener of ours to be chosen.
func (x *index) hairpin(f *Finding, group []seen) {
	const rival = "hairpin-source-dropped"
	came := 0
	for _, s := range group {
		if p := x.wire(s.now); p != nil && p.In.SYNs > 0 {
			came++
		}
	}
	switch {
	case came*2 >= len(group):
		f.Evidence = append(f.Evidence, captured("synacks-came", came, "connections", Say("synacks-came", came), "synoptic capture 'tcp[tcpflags] & tcp-syn != 0'"))
		f.out(Say("synacks-came", came), rival)
		return
	case len(x.listeners) == 0:
		f.out(Say("no-listener-here"), rival)
		return
	}
	f.Open = append(f.Open, Exclusion{rival, Say("packets-would-tell")})
}

// targetOverloadedHere: the target is a listener of this host whose accept queue
// is full, so that it drops our SYNs.
func targetOverloadedHere(x *index) []Finding {
	groups := map[*listener][]seen{}
	for _, s := range x.byState[tcp.SynSent] {
		if s.now.Retransmits > 0 && !x.claimed[s.at] && x.overloadedHere(s.now.Remote) {
			l := x.listenerOf(s.now.Remote)
			groups[l] = append(groups[l], s)
		}
	}
	var findings []Finding
	for _, l := range x.sorted() {
		if group := groups[l]; len(group) > 0 {
			x.claim(group)
			findings = append(findings, x.overloadFinding(l, group))
		}
	}
	return findings
}

func (x *index) overloadFinding(l *listener, group []seen) Finding {
	pid := x.owner(group[0].now)
	within, _ := x.stay(group)
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("target-overloaded", len(group), x.who(pid), l.at.String(), x.who(x.listenerPID(l))),
		RefutedBy: Say("target-overloaded-refuted"),
		Fate:      Outlook{Text: Say("target-filtered-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{
			{
				Source: sourceListeners, Fact: "accept-queue-length", Value: float64(l.length()), Unit: "connections",
				Text: Say("accept-queue", l.length(), l.limit()), Recheck: "ss -ltnp '( sport = :" + strconv.Itoa(int(l.at.Port())) + " )'",
			},
		},
		Excluded: []Exclusion{{"target-filtered", Say("listener-is-here", l.at.String())}, {"target-dead", Say("listener-is-here", l.at.String())}},
		Remedies: []Remedy{{ID: "see-the-listener", Text: Say("remedy-see-listener", l.at.String()), Risk: Say("remedy-upstream-risk")}},
	}
	if overflows := x.rose("TcpExtListenOverflows"); overflows > 0 {
		f.Evidence = append(f.Evidence, x.counted("TcpExtListenOverflows", "overflows"))
	}
	f.Subject.Local = l.at.String()
	return f
}
