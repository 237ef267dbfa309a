package diagnose

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// peerNotClosing: our program is done and gone from these connections, the peer
// acknowledged our FIN and sends none of its own. The kernel forgets such
// orphans after tcp_fin_timeout: bounded here, a leak over there.
func peerNotClosing(x *index) []Finding {
	groups := map[netip.AddrPort][]seen{} // by far end when we dialled, by its address alone when we were dialled
	var total []seen
	for _, s := range x.byState[tcp.FinWait2] {
		if !orphanedHalf(s.now) || !s.outlived() || x.otherEnd(s.now) != nil {
			continue
		}
		at := x.farEnd(s.now)
		groups[at] = append(groups[at], s)
		total = append(total, s)
	}
	if len(total) < few {
		return nil // a client here and there takes its time
	}
	x.claim(total)
	return x.notClosingPeers(groups)
}

// orphanedHalf tells whether no program holds the socket any more: mostly a
// minisocket, a full socket while a long tcp_fin_timeout runs.
func orphanedHalf(s *host.Socket) bool {
	return s.Kind == host.TimeWaitKind || s.Inode == 0 && s.Timer == host.TimerKeepalive
}

// farEnd is what connections to one place have in common: the server that we
// dialled, or the host of the clients that dialled us.
func (x *index) farEnd(s *host.Socket) netip.AddrPort {
	if x.listenerOf(s.Local) != nil {
		return netip.AddrPortFrom(s.Remote.Addr(), 0)
	}
	return s.Remote
}

func (x *index) notClosingPeers(groups map[netip.AddrPort][]seen) []Finding {
	var findings []Finding
	var rest []seen
	var places []netip.AddrPort
	var hosts []netip.Addr
	for at := range groups {
		hosts = append(hosts, at.Addr())
	}
	x.peers(hosts)
	for at, group := range groups {
		if len(group) < few {
			rest, places = append(rest, group...), append(places, at)
			continue
		}
		findings = append(findings, x.halfOpenPeer(at, group))
	}
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Subject.Peer, b.Subject.Peer) })
	slices.SortFunc(rest, func(a, b seen) int { return a.at - b.at })
	switch len(places) {
	case 0:
		return findings
	case 1:
		return append(findings, x.halfOpenPeer(places[0], rest))
	default:
		return append(findings, x.halfOpenPeers(len(places), rest))
	}
}

// halfOpenPeer speaks of one far end.
func (x *index) halfOpenPeer(at netip.AddrPort, group []seen) Finding {
	f := x.orphanedHalves(group)
	f.Subject.Peer, f.Subject.Local = at.String(), x.cameInAt(group)
	check := "ss -tno state fin-wait-2 dst "
	if at.Port() == 0 {
		f.Subject.Peer = at.Addr().String()
		check += ssHost(at.Addr())
	} else {
		check += ssTarget(at)
	}
	f.Summary = Say("peer-not-closing", f.Subject.Peer, len(group))
	f.Evidence[0].Recheck = check
	p := x.peers([]netip.Addr{at.Addr()})[at.Addr()]
	switch {
	case p.unreachable():
		f.Open = append(f.Open, Exclusion{"peer-vanished", Say("gone-since")})
	case p.onLink():
		f.Evidence = append(f.Evidence, Evidence{
			Source: neighbours, Fact: "neighbour-answers", Value: 1, Unit: "entries",
			Text: Say("neighbour-answers", at.Addr().String()), Recheck: "ip neighbour show",
		})
		f.Excluded = append(f.Excluded, Exclusion{"peer-vanished", Say("neighbour-answers", at.Addr().String())})
	default:
		f.Excluded = append(f.Excluded, Exclusion{"peer-vanished", Say("acknowledged-our-fin")})
	}
	return f
}

// halfOpenPeers speaks of far ends with less than a few each.
func (x *index) halfOpenPeers(places int, group []seen) Finding {
	f := x.orphanedHalves(group)
	f.Subject.Local = x.cameInAt(group)
	f.Summary = Say("peers-not-closing", places, len(group))
	f.Excluded = append(f.Excluded, Exclusion{"peer-vanished", Say("acknowledged-our-fin")})
	return f
}

// orphanedHalves is what both kinds have in common. It is never more than a
// notice: the kernel ends each of them, and holds little for it.
func (x *index) orphanedHalves(group []seen) Finding {
	within, forever := x.stay(group)
	left := longest(group, func(s *host.Socket) time.Duration { return s.Expires })
	return Finding{
		State: tcp.FinWait2, Severity: Notice, Count: len(group),
		RefutedBy: Say("peer-not-closing-refuted"),
		Fate:      Outlook{Text: Say("peer-not-closing-fate", wholeSeconds(within)), Within: within, Forever: forever},
		Evidence: []Evidence{{
			Source: sockets, Fact: "orphans", Value: float64(len(group)), Unit: "sockets",
			Text: Say("half-orphans", len(group), wholeSeconds(left)), Recheck: "ss -tno state fin-wait-2",
		}},
		Excluded: []Exclusion{
			{"half-close-held", Say("no-owner-left")},
			{"fin-unacknowledged", Say("fin-was-acked")},
			{"proxied-culprit", Say("proxy-would-hold")},
		},
		Remedies: []Remedy{{ID: "close-over-there", Text: Say("remedy-close-over-there"), Risk: Say("remedy-fix-close-risk")}},
	}
}
