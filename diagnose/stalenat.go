package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// staleNAT: attempts that are sent again follow an entry of connection tracking
// from before a rule that translates, and newer ones to the same place get
// through translated. A rule may be for some users only: that of a sidecar proxy
// leaves out the proxy itself, whose attempts are untranslated for good.
func staleNAT(x *index) []Finding {
	if len(x.bundle.Conntrack) == 0 {
		return nil
	}
	entries := make(map[identity]*host.Tracked, len(x.bundle.Conntrack))
	for i := range x.bundle.Conntrack {
		t := &x.bundle.Conntrack[i]
		entries[identity{local: t.From, remote: t.To}] = t
	}
	through := x.translated(entries)
	groups := map[user][]seen{}
	var order []user
	for _, s := range x.byState[tcp.SynSent] {
		t := entries[identity{local: s.now.Local, remote: s.now.Remote}]
		if t == nil || t.Translated() || !t.Opening || s.now.Retransmits == 0 {
			continue
		}
		u := userOf(s.now)
		if through[u]+through[u.nameless()] == 0 {
			continue
		}
		if groups[u] == nil {
			order = append(order, u)
		}
		groups[u] = append(groups[u], s)
	}
	var findings []Finding
	for _, u := range order {
		x.claim(groups[u])
		findings = append(findings, x.staleFinding(groups[u], through[u], through[u.nameless()]))
	}
	return findings
}

// user is who dials a place. The kernel no longer tells it of a socket that its
// program has closed.
type user struct {
	to     netip.AddrPort
	id     uint32
	closed bool
}

func userOf(s *host.Socket) user { return user{s.Remote, s.UID, s.Inode == 0} }

func (u user) nameless() user { return user{to: u.to, closed: true} }

// translated counts the connections that were translated and answered, by who
// dialled.
func (x *index) translated(entries map[identity]*host.Tracked) map[user]int {
	through := map[user]int{}
	for _, list := range x.byState {
		for _, s := range list {
			if t := entries[identity{local: s.now.Local, remote: s.now.Remote}]; t != nil && t.Translated() && !t.Opening {
				u := userOf(s.now)
				if u.closed {
					u = u.nameless()
				}
				through[u]++
			}
		}
	}
	return through
}

// staleFinding: of the connections that got through, some are of the same user,
// or it is not known any more whose they were.
func (x *index) staleFinding(group []seen, same, nameless int) Finding {
	target, through := group[0].now.Remote, same+nameless
	pid := x.owner(group[0].now)
	within, _ := x.stay(group)
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("stale-nat", len(group), x.who(pid), target.String()),
		RefutedBy: Say("stale-nat-refuted"),
		Fate:      Outlook{Text: Say("target-filtered-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "syn-unanswered", Value: float64(len(group)), Unit: "sockets",
				Text: Say("stuck-attempts", len(group)), Recheck: "ss -tnpo state syn-sent dst " + ssHost(target.Addr()),
			},
			{
				Source: conntrack, Fact: "untranslated", Value: float64(len(group)), Unit: "entries",
				Text: Say("untranslated", len(group), through), Recheck: "conntrack -L -p tcp --orig-dst " + target.Addr().String(),
			},
		},
	}
	f.Subject.Peer = target.String()
	if same > 0 {
		f.out(Say("others-translated", same), "target-filtered", "target-dead", "synack-dropped-here")
	} else {
		f.open(Say("others-of-whom", nameless), "target-filtered", "target-dead", "synack-dropped-here")
	}
	f.Remedies = []Remedy{typed("forget-the-entries", Say("remedy-forget-entries"), Say("remedy-forget-entries-risk"), forgetEntries(group)...)}
	return f
}
