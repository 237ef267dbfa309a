package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// flooding tells whether most clients of a server send one SYN and nothing more:
// those that live send it again, or complete their handshake. A SYN without an
// answer tells nothing while it is young.
func flooding(s *evidence.PacketServer) bool {
	g := &s.Once
	telling := s.OnceAnswered + g.Count - s.OnceYoung - s.OnceWaited
	return telling >= fewHalfOpen && g.Count > s.Completed && (s.Again.Count+s.Unanswered.Count+s.Acked.Count)*10 < g.Count
}

// scattered tells whether the sources are all over the place, as in
// halfOpen.spread.
func scattered(g *evidence.PacketGroup) bool {
	return g.Networks >= 16 && g.Addresses*10 >= g.Count*9 && g.Most*8 <= g.Count
}

// packetFlood: SYNs from very many sources, each sent once, never completed.
func packetFlood(x *index) []Finding {
	var findings []Finding
	for i := range x.servers() {
		s := &x.servers()[i]
		if !flooding(s) || !scattered(&s.Once) {
			continue
		}
		f := x.capturedFlood(s)
		f.Summary = Say("packet-flood", s.Once.Count, s.Local.String())
		f.RefutedBy = Say("syn-flood-refuted")
		f.Evidence = append(f.Evidence, captured("source-networks", s.Once.Networks, "networks",
			Say("source-networks", s.Once.Networks, s.Once.Count), readAgain(s, "syn-recv")))
		f.out(Say("sources-spread", s.Once.Networks, s.Once.Count), "syn-flood-from-prefix", "handshake-withheld")
		f.out(Say("sources-forged", s.Once.Networks, s.Once.Count), "ack-lost")
		findings = append(findings, f)
	}
	return findings
}

// packetPrefixFlood: the same from one small network or one host.
func packetPrefixFlood(x *index) []Finding {
	var findings []Finding
	for i := range x.servers() {
		s := &x.servers()[i]
		g := &s.Once
		if !flooding(s) || scattered(g) || g.Share*10 < g.Count*9 {
			continue
		}
		f := x.capturedFlood(s)
		prefix := g.Prefix.String()
		f.Summary = Say("packet-prefix-flood", g.Count, s.Local.String(), prefix)
		f.RefutedBy = Say("prefix-flood-refuted")
		f.Subject.Peer = prefix
		f.Evidence = append(f.Evidence, captured("sources", g.Addresses, "addresses",
			Say("one-network", g.Share, g.Count, prefix, g.Addresses), readAgain(s, "syn-recv")))
		f.out(Say("sources-narrow", prefix), "syn-flood")
		if rate := float64(g.Count) / max(x.window.Seconds(), 1); rate >= busyRate {
			f.out(Say("rate-of-no-clients", int(rate)), "ack-lost", "handshake-withheld")
		} else {
			f.open(Say("client-end-tells"), "ack-lost", "handshake-withheld")
		}
		f.Remedies = append(f.Remedies, dropPrefix(g.Prefix))
		findings = append(findings, f)
	}
	return findings
}

// capturedFlood is what both floods have in common.
func (x *index) capturedFlood(s *evidence.PacketServer) Finding {
	g := &s.Once
	f := serverFinding(s, g, tcp.SynReceived, Warning)
	f.Fate = Outlook{Text: Say("packet-flood-fate")}
	percent := s.Completed * 100 / max(s.Attempts, 1)
	f.Evidence = []Evidence{
		captured("one-syn", g.Count, "connections", Say("one-syn", g.Count, s.OnceAnswered), readAgain(s, "syn-recv")),
		{
			Source: packets, Fact: "handshake-completion", Value: float64(s.Completed) / float64(max(s.Attempts, 1)), Unit: "ratio",
			Text: Say("completion", percent), Recheck: "synoptic read FILE",
		},
	}
	if waited := g.Count - s.OnceYoung; waited*2 >= g.Count {
		f.out(Say("none-again", waited), "synack-lost-on-path", "asymmetric-return")
	} else {
		f.open(Say("capture-too-short"), "synack-lost-on-path", "asymmetric-return")
	}
	f.out(Say("not-completing", percent), "syn-queue-too-small")
	f.out(Say("no-ack-captured"), "deferred-accept")
	if s.OnceAnswered > 0 {
		f.out(Say("synacks-captured", s.OnceAnswered), "synack-blocked-here")
	} else {
		f.open(Say("no-synack-captured"), "synack-blocked-here")
	}
	f.Remedies = []Remedy{
		{ID: "look-at-server", Text: Say("remedy-look-at-server"), Risk: Say("remedy-look-risk"), Apply: []string{"synoptic diagnose"}},
		{ID: "filter-upstream", Text: Say("remedy-upstream"), Risk: Say("remedy-upstream-risk")},
	}
	return f
}
