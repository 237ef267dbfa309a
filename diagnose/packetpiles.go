package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// packetPiles is what captures show and do not explain: attempts that nobody
// answers, ends that wait for an acknowledgment of their FIN, and ends whose
// program does not close. Each is a question for the host that it is at.
func packetPiles(x *index) []Finding {
	var findings []Finding
	for i := range x.servers() {
		s := &x.servers()[i]
		if s.Unanswered.Count >= few {
			findings = append(findings, unansweredPile(s))
		}
		for _, state := range tcp.States() {
			if n := overstayed(s, state); n >= few {
				findings = append(findings, standingPile(s, state, n))
			}
		}
	}
	return findings
}

// overstayed counts the ends in a state that they should have left.
func overstayed(s *evidence.PacketServer, state tcp.State) int {
	n := int(s.Server.Stuck[state] + s.Clients.Stuck[state])
	if state == tcp.CloseWait {
		n += s.Server.Standing + s.Clients.Standing
	}
	return n
}

func unansweredPile(s *evidence.PacketServer) Finding {
	g := &s.Unanswered
	f := serverFinding(s, g, tcp.SynSent, worry(s))
	f.Summary = Say("packet-unanswered", g.Count, s.Local.String())
	f.RefutedBy = Say("packet-pile-refuted")
	f.Fate = Outlook{Text: Say("packet-unanswered-fate")}
	f.Evidence = []Evidence{captured("syn-unanswered", g.Count, "connections", Say("syn-unanswered", g.Count, g.Again), readAgain(s, "syn-sent"))}
	look := Say("look-at-the-end")
	if s.Completed > 0 {
		f.out(Say("some-got-through", s.Completed), "target-dead")
	} else {
		f.open(look, "target-dead")
	}
	f.open(look, "target-filtered", "accept-stalled", "syn-queue-too-small", "synack-blocked-here", "no-return-route", "return-path-filtered")
	return f
}

func standingPile(s *evidence.PacketServer, state tcp.State, n int) Finding {
	f := Finding{
		State: state, Severity: Notice, Count: n, Subject: Subject{Local: s.Local.String()},
		Summary:   Say("packet-pile", n, s.Local.String(), state.String()),
		RefutedBy: Say("packet-pile-refuted"),
		Fate:      Outlook{Text: Say("packet-pile-fate")},
		Evidence:  []Evidence{captured("pile", n, "connections", Say("pile-stands", n, state.String()), readAgain(s, kebab(state)))},
	}
	for _, row := range Catalogue() {
		if row.States.Has(state) && row.Cause != "unexplained" && row.HasRule() {
			f.open(Say("look-at-the-end"), row.Cause)
		}
	}
	return f
}
