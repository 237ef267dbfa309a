package diagnose

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// eventBlocked: the kernel says that SYN-ACKs of a listener were dropped here, by
// a rule.
func eventBlocked(x *index) []Finding {
	tolls := x.blockedListeners()
	piles := map[*listener]halfOpen{}
	for _, g := range x.halfOpens() {
		if _, struck := x.tollsOf(g.requests, synackOut); x.told().Untold == 0 {
			g.requests = struck
		}
		piles[g.listener] = g
	}
	var findings []Finding
	for _, l := range x.sorted() {
		t := tolls[l]
		if t == nil || t.count < few {
			continue
		}
		g := piles[l]
		g.listener = l
		x.claim(g.requests)
		findings = append(findings, x.barredSYNACKs(g, t))
	}
	return findings
}

// blockedListeners adds up the SYN-ACKs that were dropped, by listener.
func (x *index) blockedListeners() map[*listener]*blockedClients {
	tolls := map[*listener]*blockedClients{}
	for i := range x.told().Places {
		p := &x.told().Places[i]
		l := x.listenerOf(p.Local)
		if l == nil || !synackOut(&p.Mishap) {
			continue
		}
		if tolls[l] == nil {
			tolls[l] = &blockedClients{}
		}
		tolls[l].add(p)
		tolls[l].one = p
		tolls[l].all++
		tolls[l].again += count(p.Count > 1)
	}
	return tolls
}

// blockedClients are those whose SYN-ACKs were dropped, and how many of them came
// again.
type blockedClients struct {
	toll
	one        *host.MishapAt // of them
	all, again int
}

func (x *index) barredSYNACKs(g halfOpen, t *blockedClients) Finding {
	f := x.halfOpenFinding(g, Critical)
	n, at, who := x.place(g)
	if n == 0 { // the last look fell between the end of the requests and the next SYNs
		n, f.Count, f.Evidence = t.all, t.all, nil
	}
	f.Summary, f.RefutedBy, f.Fate.Text = Say("synack-blocked", n, at, who), Say("synack-blocked-refuted"), Say("synack-blocked-fate")
	f.Evidence = append(f.Evidence, t.drops("synack-dropped"))
	if expired := x.rose("TcpExtTCPTimeouts"); expired > 0 && x.rose("TcpRetransSegs") == 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: counters, Fact: "TCPTimeouts", Value: float64(expired), Unit: "in window",
			Text: Say("timeouts-without-sending", expired), Recheck: "nstat -az TcpExtTCPTimeouts TcpRetransSegs TcpExtTCPSynRetrans",
		})
	}
	f.out(Say("synacks-never-left", t.count), "synack-lost-on-path", "asymmetric-return", "ack-lost", "handshake-withheld", "deferred-accept")
	if t.again*2 >= t.all {
		f.out(Say("clients-come-again", t.again), "syn-flood", "syn-flood-from-prefix")
	} else {
		f.open(Say("clients-came-once"), "syn-flood", "syn-flood-from-prefix")
	}
	f.Remedies = []Remedy{{
		ID: "allow-synack", Text: Say("remedy-allow-synack", at), Risk: Say("remedy-open-path-risk"),
		Apply: []string{"nft list ruleset", "iptables -vnL OUTPUT", "tc filter show"},
	}}
	x.blamed(&f, "allow-synack", "output", host.FilterPacket{From: t.one.Local, To: t.one.Remote, Flags: segmentSYN | segmentACK}, synacks(t.one.Local.Port()))
	return f
}

// eventAnswers: the answers to our SYNs come, and the kernel says why it drops
// them.
func eventAnswers(x *index) []Finding {
	groups := map[host.Mishap][]seen{}
	var order []host.Mishap
	for _, s := range x.byState[tcp.SynSent] {
		t := x.tollOf(s.now, synackIn)
		if t.count == 0 || s.now.Retransmits == 0 {
			continue
		}
		t.sort.State = tcp.SynSent // or none, as far as the segment had come
		if groups[t.sort] == nil {
			order = append(order, t.sort)
		}
		groups[t.sort] = append(groups[t.sort], s)
	}
	var findings []Finding
	for _, sort := range order {
		x.claim(groups[sort])
		findings = append(findings, x.barredAnswers(groups[sort]))
	}
	return findings
}

func (x *index) barredAnswers(group []seen) Finding {
	t, _ := x.tollsOf(group, synackIn)
	pid := x.owner(group[0].now)
	within, _ := x.stay(group)
	resent := 0
	for _, s := range group {
		resent += int(s.now.Retransmits)
	}
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("synack-dropped-here", len(group), x.who(pid)),
		RefutedBy: Say("synack-dropped-refuted"),
		Fate:      Outlook{Text: Say("target-filtered-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{{
			Source: sockets, Fact: "syn-unanswered", Value: float64(resent), Unit: "SYNs sent again",
			Text: Say("syn-unanswered", len(group), resent), Recheck: "ss -tnpo state syn-sent",
		}, t.drops("answers-dropped")},
		Remedies: []Remedy{{
			ID: "allow-synack-in", Text: Say("remedy-allow-synack-in"), Risk: Say("remedy-open-path-risk"), Apply: []string{"nft list ruleset", "iptables -vnL INPUT"},
		}},
	}
	if t.sort.Reason == host.DropReversePath {
		strict := x.strictInterfaces()
		f.Remedies = x.filterRemedies(strict, x.notTheWayOut(strict))
	} else {
		one := group[0].now
		x.blamed(&f, "allow-synack-in", "input", host.FilterPacket{From: one.Remote, To: one.Local, Flags: segmentSYN | segmentACK}, synacks(peerPort(group)))
	}
	f.out(Say("answers-came-and-went", t.count), "target-filtered", "target-dead", "hairpin-source-dropped")
	return f
}

// eventHairpins: our own SYNs came back, and were dropped because their source is
// ours.
func eventHairpins(x *index) []Finding {
	came := map[netip.AddrPort]*toll{} // by the source
	for i := range x.told().Places {
		p := &x.told().Places[i]
		if p.Kind != host.Dropped || p.Reason != host.DropLocalSource || p.Segment != "SYN" {
			continue
		}
		if came[p.Remote] == nil {
			came[p.Remote] = &toll{}
		}
		came[p.Remote].add(p)
	}
	groups, tolls := map[netip.AddrPort][]seen{}, map[netip.AddrPort]*toll{}
	var order []netip.AddrPort
	for _, s := range x.byState[tcp.SynSent] {
		t := came[s.now.Local]
		if t == nil || s.now.Retransmits == 0 {
			continue
		}
		if tolls[s.now.Remote] == nil {
			order, tolls[s.now.Remote] = append(order, s.now.Remote), &toll{sort: t.sort}
		}
		tolls[s.now.Remote].count += t.count
		groups[s.now.Remote] = append(groups[s.now.Remote], s)
	}
	var findings []Finding
	for _, target := range order {
		x.claim(groups[target])
		findings = append(findings, x.hairpinFinding(target, groups[target], tolls[target].drops("own-syn-dropped")))
	}
	return findings
}

// eventACKs: the clients' ACKs come, and do not reach TCP.
func eventACKs(x *index) []Finding {
	var findings []Finding
	for _, g := range x.halfOpens() {
		t, struck := x.tollsOf(g.requests, ackIn)
		if len(struck) < few {
			continue
		}
		x.claim(struck)
		g.requests = struck
		findings = append(findings, x.barredACKs(g, &t))
	}
	return findings
}

func (x *index) barredACKs(g halfOpen, t *toll) Finding {
	f := x.halfOpenFinding(g, Critical)
	n, at, who := x.place(g)
	f.Summary, f.RefutedBy, f.Fate.Text = Say("ack-dropped-here", n, at, who), Say("ack-dropped-refuted"), Say("ack-dropped-fate")
	f.Evidence = append(f.Evidence, t.drops("ack-dropped"))
	f.out(Say("acks-came-and-went", t.count),
		"handshake-withheld", "syn-flood", "syn-flood-from-prefix", "synack-lost-on-path", "asymmetric-return", "deferred-accept", "accept-stalled", "accept-backlog-too-small")
	f.Remedies = []Remedy{allowACKs(at)}
	x.blamedACKs(&f, g.requests[0].now)
	return f
}

// blamedACKs names the rule that refuses the ACKs of such a half-open connection.
func (x *index) blamedACKs(f *Finding, one *host.Socket) {
	asks := fmt.Sprintf("tcp dport %d tcp flags ack", one.Local.Port())
	x.blamed(f, "allow-ack-in", "input", host.FilterPacket{From: one.Remote, To: one.Local, Flags: segmentACK}, asks)
}

func allowACKs(at string) Remedy {
	return Remedy{
		ID: "allow-ack-in", Text: Say("remedy-allow-ack-in", at), Risk: Say("remedy-open-path-risk"),
		Apply: []string{"nft list ruleset", "iptables -vnL INPUT", "tc filter show ingress"},
	}
}

// eventDropped: segments of connections that are stuck are dropped by a rule of
// this very host, on the way in or out.
func eventDropped(x *index) []Finding {
	groups := map[netip.Addr][]seen{}
	var order []netip.Addr
	for _, s := range x.byState[tcp.Established] {
		if !s.now.Unanswered() || !x.silentThroughout(s) || x.tollOf(s.now, barred).count == 0 {
			continue
		}
		addr := s.now.Remote.Addr()
		if groups[addr] == nil {
			order = append(order, addr)
		}
		groups[addr] = append(groups[addr], s)
	}
	var findings []Finding
	for _, addr := range order {
		x.claim(groups[addr])
		findings = append(findings, x.barredFlows(addr, groups[addr]))
	}
	return findings
}

func (x *index) barredFlows(addr netip.Addr, group []seen) Finding {
	t, _ := x.tollsOf(group, barred)
	f := x.stuckFinding(addr, group)
	f.Summary = Say("established-dropped-here", len(group), addr.String(), x.who(f.Subject.PID))
	f.RefutedBy = Say("peer-vanished-refuted")
	f.Evidence = append(f.Evidence, t.drops("flow-dropped"))
	f.out(Say("dropped-by-this-host", t.count), "peer-vanished", "peer-not-reading", "path-mtu-black-hole")
	f.Remedies = []Remedy{{ID: "find-the-rule", Text: Say("remedy-find-rule-here"), Risk: Say("remedy-look-risk"), Apply: []string{"nft list ruleset", "iptables -vnL"}}}
	way := "input"
	if t.sort.Outgoing {
		way = "output"
	}
	x.blamedFlows(&f, way, group)
	return f
}
