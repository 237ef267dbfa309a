package diagnose

import (
	"github.com/synoptic-net/synoptic/tcp"
)

// halfCloseHeld: our program finished sending and keeps the socket: FIN-WAIT-2
// with an owner has no timer and never ends by itself.
func halfCloseHeld(x *index) []Finding {
	groups := x.leaks(tcp.FinWait2)
	findings := make([]Finding, 0, len(groups))
	for _, g := range groups {
		x.claim(g.sockets)
		findings = append(findings, x.heldFinding(g))
	}
	return findings
}

func (x *index) heldFinding(g *held) Finding {
	f := Finding{
		State: tcp.FinWait2, Severity: leakSeverity(len(g.sockets), g.grew), Count: len(g.sockets), Subject: x.subject(g.pid),
		Summary:   Say("half-close-held", x.who(g.pid), len(g.sockets)),
		RefutedBy: Say("half-close-held-refuted"),
		Fate:      Outlook{Text: Say("half-close-held-fate", x.who(g.pid)), Forever: true},
		Evidence: []Evidence{{
			Source: sockets, Fact: "outlived-window", Value: float64(len(g.sockets)), Unit: "sockets",
			Text: Say("outlived-unmoved", len(g.sockets)), Recheck: recheck("fin-wait-2", g.local.Port()),
		}},
		Excluded: []Exclusion{{"peer-not-closing", Say("still-owned")}, {"fin-unacknowledged", Say("fin-was-acked")}},
		Remedies: []Remedy{
			{ID: "close-after-shutdown", Text: Say("remedy-close-after-shutdown"), Risk: Say("remedy-fix-close-risk")},
			x.restart(g.pid, Say("remedy-restart-risk")),
		},
	}
	g.about(&f.Subject)
	x.heldBy(&f, g.pid, g.sockets, "holds-descriptors")
	x.proxyRival(&f, g, tcp.CloseWait)
	return f
}
