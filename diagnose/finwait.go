package diagnose

import (
	"github.com/synoptic-net/synoptic/tcp"
)

// halfCloseHeld: our program finished sending and keeps the socket: FIN-WAIT-2
// with an owner has no timer and never ends by itself.
func halfCloseHeld(x *index) []Finding {
	groups, order := x.leaks(tcp.FinWait2)
	findings := make([]Finding, 0, len(order))
	for _, key := range order {
		x.claim(groups[key])
		findings = append(findings, x.heldFinding(key, groups[key]))
	}
	return findings
}

func (x *index) heldFinding(key leak, group []seen) Finding {
	grew := x.leakGrew(key, tcp.FinWait2)
	f := Finding{
		State: tcp.FinWait2, Severity: leakSeverity(len(group), grew), Count: len(group), Subject: x.subject(key.pid),
		Summary:   Say("half-close-held", x.who(key.pid), len(group)),
		RefutedBy: Say("half-close-held-refuted"),
		Fate:      Outlook{Text: Say("half-close-held-fate", x.who(key.pid)), Forever: true},
		Evidence: []Evidence{{
			Source: sockets, Fact: "outlived-window", Value: float64(len(group)), Unit: "sockets",
			Text: Say("outlived-unmoved", len(group)), Recheck: recheck("fin-wait-2", key.local.Port()),
		}},
		Excluded: []Exclusion{{"peer-not-closing", Say("still-owned")}},
		Remedies: []Remedy{
			{ID: "close-after-shutdown", Text: Say("remedy-close-after-shutdown"), Risk: Say("remedy-fix-close-risk")},
			x.restart(key.pid, Say("remedy-restart-risk")),
		},
	}
	if key.local.IsValid() {
		f.Subject.Local = key.local.String()
	} else {
		f.Subject.Peer = endpoint(key.target)
	}
	x.heldBy(&f, key.pid, group, "holds-descriptors")
	x.proxyRival(&f, key.pid, tcp.CloseWait, len(group))
	return f
}
