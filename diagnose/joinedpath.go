package diagnose

import (
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// hairpins: our own SYN left, came back to us with an address of ours as its
// source, and the kernel drops such a packet. Where this host translates itself,
// as for a service of Kubernetes, no SYN leaves for the address that was dialled.
func hairpins(x *index) []Finding {
	groups := map[netip.AddrPort][]seen{}
	var order []netip.AddrPort
	for _, s := range x.byState[tcp.SynSent] {
		p := x.wire(s.now)
		if p == nil || x.claimed[s.at] || !p.Hairpin || p.Out.SYNs == 0 || s.now.Retransmits == 0 {
			continue
		}
		if groups[s.now.Remote] == nil {
			order = append(order, s.now.Remote)
		}
		groups[s.now.Remote] = append(groups[s.now.Remote], s)
	}
	var findings []Finding
	for _, target := range order {
		x.claim(groups[target])
		n := len(groups[target])
		findings = append(findings, x.hairpinFinding(target, groups[target],
			captured("own-syn-came-back", n, "connections", Say("own-syn-came-back", n), "synoptic capture 'tcp[tcpflags] & tcp-syn != 0'")))
	}
	return findings
}

func (x *index) hairpinFinding(target netip.AddrPort, group []seen, came Evidence) Finding {
	pid := x.owner(group[0].now)
	within, _ := x.stay(group)
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("hairpin", len(group), x.who(pid), target.String()),
		RefutedBy: Say("hairpin-refuted"),
		Fate:      Outlook{Text: Say("target-filtered-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "syn-unanswered", Value: float64(len(group)), Unit: "sockets",
				Text: Say("stuck-attempts", len(group)), Recheck: "ss -tnpo state syn-sent",
			},
			came,
		},
		Remedies: []Remedy{{ID: "snat-at-balancer", Text: Say("remedy-snat-balancer"), Risk: Say("remedy-snat-balancer-risk")}},
	}
	f.Subject.Peer = target.String()
	f.out(Say("own-syn-came-back", len(group)), "target-filtered", "target-dead", "synack-dropped-here")
	return f
}

// fewRetries is how often the segment at the front must have been sent again.
const fewRetries = 3

// byPeer groups sockets in ESTABLISHED by remote address, in the order of the
// last look.
func (x *index) byPeer(want func(seen, *evidence.PacketSocket) bool) (groups map[netip.Addr][]seen, order []netip.Addr) {
	groups = map[netip.Addr][]seen{}
	for _, s := range x.byState[tcp.Established] {
		p := x.wire(s.now)
		if p == nil || x.claimed[s.at] || !want(s, p) {
			continue
		}
		addr := s.now.Remote.Addr()
		if groups[addr] == nil {
			order = append(order, addr)
		}
		groups[addr] = append(groups[addr], s)
	}
	return groups, order
}

// joinedBlackHole: the peer is heard, and large segments are not acknowledged.
func joinedBlackHole(x *index) []Finding {
	groups, order := x.byPeer(func(s seen, p *evidence.PacketSocket) bool {
		return s.now.Retransmits >= fewRetries && s.outlived() && p.Out.FrontSent > 0 &&
			p.Out.Front > smallText && p.Out.Front > p.Out.Passed && heardSince(p) && p.In.ShutTimes == 0
	})
	var findings []Finding
	for _, addr := range order {
		x.claim(groups[addr])
		findings = append(findings, x.blackHoleFinding(addr, groups[addr]))
	}
	return findings
}

// heardSince tells whether the peer was heard behind our last text, and not only
// before: what was under way then has come within a timeout.
func heardSince(p *evidence.PacketSocket) bool {
	return p.In.ACKs > 0 && (p.Out.FreshAge == 0 || p.Out.FreshAge-p.In.Age >= ackPatience)
}

// smallText is what every path carries (RFC 1122 section 3.3.2), octets.
const smallText = 536

func (x *index) blackHoleFinding(addr netip.Addr, group []seen) Finding {
	f := x.stuckFinding(addr, group)
	size, sent, heard := 0, 0, 0
	for _, s := range group {
		p := x.wire(s.now)
		if size == 0 || p.Out.Front < size {
			size = p.Out.Front
		}
		sent += p.Out.FrontSent
		heard += p.In.ACKs
	}
	f.Summary = Say("black-hole", len(group), addr.String(), size, x.who(f.Subject.PID))
	f.RefutedBy = Say("black-hole-refuted")
	f.Evidence = append(f.Evidence, captured("large-again", sent, "segments", Say("large-again-here", sent, size, heard), "synoptic capture 'tcp and host "+addr.String()+"'"))
	f.out(Say("peer-heard-meanwhile", heard), "peer-vanished", "established-dropped")
	f.out(Say("never-shut"), "peer-not-reading")
	f.Remedies = blackHoleRemedies()
	return f
}

// stuckFinding begins a finding on connections whose text is not acknowledged.
func (x *index) stuckFinding(addr netip.Addr, group []seen) Finding {
	within, forever := x.stay(group)
	retries := longest(group, func(s *host.Socket) time.Duration { return time.Duration(s.Retransmits) })
	f := Finding{
		State: tcp.Established, Severity: Warning, Count: len(group), Subject: x.subject(x.owner(group[0].now)),
		Fate: Outlook{Text: Say("peer-vanished-fate", wholeSeconds(within)), Within: within, Forever: forever},
		Evidence: []Evidence{{
			Source: sockets, Fact: "unanswered", Value: float64(retries), Unit: "retransmissions",
			Text: Say("unanswered", len(group), int(retries)), Recheck: "ss -tnoi state established dst " + ssHost(addr),
		}},
	}
	f.Subject.Peer = addr.String()
	return f
}

// establishedDropped is what packets settle, idle connections that were asked, and
// what sockets alone show.
func establishedDropped(x *index) []Finding {
	return slices.Concat(x.judged["established-dropped"], x.echoingIdle(), x.droppedBySockets())
}

// joinedDropped: nothing comes on these connections, and the peer is heard on
// others.
func joinedDropped(x *index) []Finding {
	groups, order := x.byPeer(func(s seen, p *evidence.PacketSocket) bool {
		return !x.claimed[s.at] && s.now.Unanswered() && x.silentThroughout(s) && p.Out.Asked > 0 && !p.In.Heard()
	})
	peers := x.peers(order)
	findings := x.flowsRefusedHere()
	for _, addr := range order {
		if group := groups[addr]; !x.claimed[group[0].at] && peers[addr].lives(quiet(group)) {
			x.claim(group)
			findings = append(findings, x.droppedFlows(addr, group, peers[addr]))
		}
	}
	return findings
}

func (x *index) droppedFlows(addr netip.Addr, group []seen, p *peer) Finding {
	f := x.stuckFinding(addr, group)
	asked, large := 0, true
	for _, s := range group {
		p := x.wire(s.now)
		asked += p.Out.Asked
		large = large && p.Out.Front > smallText
	}
	x.sentAgain(&f, group)
	f.Summary = Say("established-dropped", len(group), addr.String(), x.who(f.Subject.PID))
	f.RefutedBy = Say("peer-vanished-refuted")
	f.Evidence = append(f.Evidence, captured("no-answer", asked, "segments", Say("no-answer-here", asked), "synoptic capture 'tcp and host "+addr.String()+"'"))
	switch {
	case p.takesNew():
		f.Evidence = append(f.Evidence, p.dialledAnew())
		f.out(Say("new-connection-answered", p.connect.Remote.String()), "peer-vanished")
	case x.listenerOf(group[0].now.Local) != nil:
		f.open(Say("shared-address", addr.String()), "peer-vanished")
	default:
		f.out(Say("host-heard-meanwhile"), "peer-vanished")
	}
	f.out(Say("never-shut"), "peer-not-reading")
	if large && !small(group) {
		f.open(Say("only-full-segments"), "path-mtu-black-hole")
	} else {
		f.out(Say("small-segments-lost"), "path-mtu-black-hole")
	}
	f.Remedies = x.droppedRemedies(group)
	return f
}

func (x *index) droppedRemedies(group []seen) []Remedy {
	return []Remedy{
		{ID: "find-the-rule", Text: Say("remedy-find-rule"), Risk: Say("remedy-look-risk"), Apply: []string{"nft list ruleset", "conntrack -L"}},
		typed("kill-dead-sockets", Say("remedy-kill-dropped"), Say("remedy-kill-dead-risk"), x.endSockets(group)...),
	}
}
