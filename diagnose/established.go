package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// peerVanished: what was sent, or asked by keepalive, stays unanswered, and
// nothing else is heard from that peer.
func peerVanished(x *index) []Finding {
	groups := map[netip.Addr][]seen{}
	var order []netip.Addr
	for _, s := range x.byState[tcp.Established] {
		if !unanswered(s.now) {
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
	for _, addr := range order {
		group, p := groups[addr], peers[addr]
		if p.lives(quiet(group)) {
			continue // the peer answers others: something drops these
		}
		x.claim(group)
		findings = append(findings, x.vanishedFinding(addr, group, p))
	}
	return findings
}

// unanswered tells whether the socket asked more than once and got nothing. A
// closed window is an answer: its probes are acknowledged.
func unanswered(s *host.Socket) bool {
	switch s.Timer {
	case host.TimerRetransmit:
		return s.Retransmits >= 2 || s.HasInfo && s.Info.Backoff >= 2
	case host.TimerKeepalive:
		return s.Retransmits >= 1
	default:
		return false
	}
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
				Text: Say("unanswered", len(group), int(retries)), Recheck: "ss -tnoi state established dst " + addr.String(),
			},
			{
				Source: sockets, Fact: "silence", Value: silent.Seconds(), Unit: "seconds",
				Text: Say("silence", wholeSeconds(silent)), Recheck: "ss -tnoi state established dst " + addr.String(),
			},
		},
		Remedies: x.vanishedRemedies(addr),
	}
	f.Subject.Peer = addr.String()
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

func (x *index) vanishedRemedies(addr netip.Addr) []Remedy {
	return []Remedy{
		{
			ID: "kill-dead-sockets", Text: Say("remedy-kill-dead"), Risk: Say("remedy-kill-dead-risk"),
			Apply: []string{"ss -K state established dst " + addr.String()},
		},
		{ID: "notice-sooner", Text: Say("remedy-user-timeout"), Risk: Say("remedy-user-timeout-risk")},
	}
}
