package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// staleNAT: attempts that are sent again follow an entry of connection tracking
// from before a rule that translates, and newer ones to the same place get
// through translated.
func staleNAT(x *index) []Finding {
	entries := make(map[identity]*host.Tracked, len(x.bundle.Conntrack))
	through := map[netip.AddrPort]int{} // translated connections that were answered, by where they were meant to go
	for i := range x.bundle.Conntrack {
		t := &x.bundle.Conntrack[i]
		entries[identity{local: t.From, remote: t.To}] = t
		if t.Translated() && !t.Opening {
			through[t.To]++
		}
	}
	groups := map[netip.AddrPort][]seen{}
	var order []netip.AddrPort
	for _, s := range x.byState[tcp.SynSent] {
		t := entries[identity{local: s.now.Local, remote: s.now.Remote}]
		if t == nil || t.Translated() || !t.Opening || s.now.Retransmits == 0 || through[s.now.Remote] == 0 {
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
		findings = append(findings, x.staleFinding(target, groups[target], through[target]))
	}
	return findings
}

func (x *index) staleFinding(target netip.AddrPort, group []seen, through int) Finding {
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
	f.out(Say("others-translated", through), "target-filtered", "target-dead", "synack-dropped-here")
	f.Remedies = []Remedy{{ID: "forget-the-entries", Text: Say("remedy-forget-entries"), Risk: Say("remedy-forget-entries-risk"), Apply: forgetCommands(group)}}
	return f
}

// forgetCommands delete exactly these entries, the first few of them.
func forgetCommands(group []seen) []string {
	var commands []string
	for _, s := range group[:min(len(group), 8)] {
		l, r := s.now.Local, s.now.Remote
		commands = append(commands, "conntrack -D -p tcp --orig-src "+l.Addr().String()+" --orig-dst "+r.Addr().String()+" --sport "+portText(l)+" --dport "+portText(r))
	}
	return commands
}
