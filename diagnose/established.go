package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// peerVanished: what was sent, or asked by keepalive or a probe, stays unanswered,
// and nothing else is heard from that peer.
func peerVanished(x *index) []Finding {
	groups := map[netip.Addr][]seen{}
	var order []netip.Addr
	for _, s := range x.byState[tcp.Established] {
		if x.claimed[s.at] || !s.now.Unanswered() || !x.silentThroughout(s) {
			continue
		}
		addr := s.now.Remote.Addr()
		if groups[addr] == nil {
			order = append(order, addr)
		}
		groups[addr] = append(groups[addr], s)
	}
	peers := x.peers(order)
	var findings []Finding
	var lone []netip.Addr // few sockets, and the link layer says nothing
	for _, addr := range order {
		group, p := groups[addr], peers[addr]
		if p.lives(quiet(group)) {
			continue // the peer answers others: something drops these
		}
		x.claim(group)
		if len(group) < few && !p.gone() {
			lone = append(lone, addr)
			continue
		}
		findings = append(findings, x.vanishedFinding(addr, group, p))
	}
	findings = append(findings, x.loneFindings(lone, groups, peers)...)
	return append(findings, x.deadIdle()...)
}

// loneFindings: a server on the Internet always has clients that went out of
// reach. Many with a socket or two each are one finding, and no alarm.
func (x *index) loneFindings(lone []netip.Addr, groups map[netip.Addr][]seen, peers map[netip.Addr]*peer) []Finding {
	var findings []Finding
	var all []seen
	for _, addr := range lone {
		findings = append(findings, x.vanishedFinding(addr, groups[addr], peers[addr]))
		all = append(all, groups[addr]...)
	}
	if len(findings) < few {
		return findings
	}
	f := x.vanishedFinding(lone[0], all, peers[lone[0]])
	f.Severity, f.Subject.Peer = Notice, ""
	f.Summary = Say("peers-vanished", len(lone), len(all))
	f.Remedies = f.Remedies[1:] // killing by address is for one peer
	for i := range f.Evidence {
		f.Evidence[i].Recheck = "ss -tnoi state established"
	}
	f.Open[0].Because = Say("try-new-connections")
	return []Finding{f}
}

// silentThroughout tells whether nothing was heard on the socket in the whole
// window: a client on a bad link misses a second now and then.
func (x *index) silentThroughout(s seen) bool {
	if x.looks > 1 && !s.outlived() {
		return false
	}
	return !s.now.HasInfo || s.now.Info.LastAckRecv >= x.span*9/10
}

// quiet is how long the most recently heard socket of the group has been
// without a segment: half of it, so that its own last one is no sign of life.
func quiet(group []seen) time.Duration {
	least := time.Duration(-1)
	for _, s := range group {
		if s.now.HasInfo && (least < 0 || s.now.Info.LastAckRecv < least) {
			least = s.now.Info.LastAckRecv
		}
	}
	return max(least, 0) / 2
}

func (x *index) vanishedFinding(addr netip.Addr, group []seen, p *peer) Finding {
	pid := x.owner(group[0].now)
	within, forever := x.stay(group)
	silent := longest(group, func(s *host.Socket) time.Duration { return s.Info.LastAckRecv })
	retries := longest(group, func(s *host.Socket) time.Duration { return time.Duration(s.Retransmits) })
	f := Finding{
		State: tcp.Established, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("peer-vanished", addr.String(), len(group), x.who(pid)),
		RefutedBy: Say("peer-vanished-refuted"),
		Fate:      Outlook{Text: Say("peer-vanished-fate", wholeSeconds(within)), Within: within, Forever: forever},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "unanswered", Value: float64(retries), Unit: "retransmissions",
				Text: Say("unanswered", len(group), int(retries)), Recheck: "ss -tnoi state established dst " + ssHost(addr),
			},
			{
				Source: sockets, Fact: "silence", Value: silent.Seconds(), Unit: "seconds",
				Text: Say("silence", wholeSeconds(silent)), Recheck: "ss -tnoi state established dst " + ssHost(addr),
			},
		},
		Remedies: x.vanishedRemedies(group),
	}
	f.Subject.Peer = addr.String()
	x.sentAgain(&f, group)
	x.endedUnanswered(&f, addr)
	x.vanishedRivals(&f, addr, group, p)
	return f
}

func (x *index) vanishedRivals(f *Finding, addr netip.Addr, group []seen, p *peer) {
	f.Excluded = append(f.Excluded, Exclusion{"peer-not-reading", Say("window-open")})
	if p.unreachable() {
		f.Evidence = append(f.Evidence, Evidence{
			Source: neighbours, Fact: "neighbour-failed", Value: 1, Unit: "entries",
			Text: Say("neighbour-failed", addr.String()), Recheck: "ip neighbour show",
		})
		f.Excluded = append(f.Excluded, Exclusion{"established-dropped", Say("link-layer-silent")}, Exclusion{"path-mtu-black-hole", Say("link-layer-silent")})
		return
	}
	if p.refusesNew() {
		f.Evidence = append(f.Evidence, p.dialledAnew())
		f.out(Say("new-connection-unanswered", p.connect.Remote.String()), "established-dropped", "path-mtu-black-hole")
		return
	}
	if e, ok := p.echoed(); ok {
		f.Evidence = append(f.Evidence, e)
	}
	f.Open = append(f.Open, Exclusion{"established-dropped", Say("try-new-connection", addr.String())})
	if small(group) {
		f.Excluded = append(f.Excluded, Exclusion{"path-mtu-black-hole", Say("small-segments-lost")})
	} else {
		f.Open = append(f.Open, Exclusion{"path-mtu-black-hole", Say("only-full-segments")})
	}
}

// small tells whether some socket waits for the acknowledgement of less than a
// full segment: size cannot be why that was lost.
func small(group []seen) bool {
	for _, s := range group {
		if s.now.Timer == host.TimerKeepalive || s.now.HasInfo && s.now.SendQueue > 0 && s.now.SendQueue < s.now.Info.SendMSS {
			return true
		}
	}
	return false
}

func (x *index) vanishedRemedies(group []seen) []Remedy {
	return []Remedy{
		typed("kill-dead-sockets", Say("remedy-kill-dead"), Say("remedy-kill-dead-risk"), x.endSockets(group)...),
		{ID: "notice-sooner", Text: Say("remedy-user-timeout"), Risk: Say("remedy-user-timeout-risk")},
	}
}
