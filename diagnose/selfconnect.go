package diagnose

import (
	"net/netip"
	"strconv"

	"github.com/synoptic-net/synoptic/tcp"
)

// selfConnect: a socket whose two ends are one: connect() to a local port that
// nobody listens on took that very port as its source.
func selfConnect(x *index) []Finding {
	groups := map[netip.AddrPort][]seen{}
	var order []netip.AddrPort
	for _, state := range tcp.Synchronized.States() {
		for _, s := range x.byState[state] {
			if s.now.Local != s.now.Remote || !s.now.Local.Addr().IsValid() {
				continue
			}
			if groups[s.now.Local] == nil {
				order = append(order, s.now.Local)
			}
			groups[s.now.Local] = append(groups[s.now.Local], s)
		}
	}
	findings := make([]Finding, 0, len(order))
	for _, at := range order {
		x.claim(groups[at])
		findings = append(findings, x.selfFinding(at, groups[at]))
	}
	return findings
}

func (x *index) selfFinding(at netip.AddrPort, group []seen) Finding {
	pid := x.owner(group[0].now)
	within, forever := x.stay(group)
	port := strconv.Itoa(int(at.Port()))
	f := Finding{
		State: group[0].now.State, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("self-connect", x.who(pid), at.String()),
		RefutedBy: Say("self-connect-refuted"),
		Fate:      Outlook{Text: Say("self-connect-fate", port), Within: within, Forever: forever},
		Evidence: []Evidence{{
			Source: sockets, Fact: "both-ends-equal", Value: float64(len(group)), Unit: "sockets",
			Text: Say("both-ends-equal", at.String()), Recheck: "ss -tanpoe src " + ssTarget(at) + " dst " + ssTarget(at),
		}},
		Excluded: []Exclusion{
			{"accept-stalled", Say("nobody-listens", port)},
			{"peer-vanished", Say("own-peer")},
			{"no-keepalive", Say("own-peer")},
		},
	}
	f.Subject.Local, f.Subject.Peer = at.String(), at.String()
	if r, ok := x.portRange(); ok && r.has(at.Port()) {
		f.Evidence = append(f.Evidence, Evidence{
			Source: settings, Fact: "ip-local-port-range", Value: float64(r.size), Unit: "ports",
			Text: Say("port-in-range", port, x.bundle.Settings[portRangeSetting]), Recheck: "sysctl " + portRangeSetting + " " + reservedSetting,
		})
		f.Remedies = append(f.Remedies, x.reserve(port))
	}
	f.Remedies = append(f.Remedies, selfRemedies(at)...)
	return f
}

// reserve keeps connect() from taking a server's port. What is reserved already
// stays reserved.
func (x *index) reserve(port string) Remedy {
	value := port
	if old := x.bundle.Settings[reservedSetting]; old != "" {
		value = old + "," + port
	}
	return x.sysctl("reserve-port", reservedSetting, value, Say("remedy-reserve-port", port), Say("remedy-reserve-port-risk"))
}

func selfRemedies(at netip.AddrPort) []Remedy {
	return []Remedy{
		typed("kill-self-connection", Say("remedy-kill-self"), Say("remedy-kill-self-risk"),
			Change{Kind: ChangeSocket, Target: "src " + endOf(at) + " dst " + endOf(at)}),
		{ID: "check-own-address", Text: Say("remedy-check-self"), Risk: Say("remedy-check-self-risk")},
	}
}
