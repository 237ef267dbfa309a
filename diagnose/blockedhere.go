package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// blockedHere: the SYN-ACK cannot be sent, so a request dies at its first timer
// and comes back with the client's next SYN. Timers expire, and nothing is ever
// sent again.
func blockedHere(x *index) []Finding {
	findings := x.judged["synack-blocked-here"]
	expired, resent := x.rose("TcpExtTCPTimeouts"), x.rose("TcpRetransSegs")
	if expired < few || resent > 0 || x.rose("TcpExtTCPSynRetrans") > 0 || x.window < 1500*time.Millisecond {
		return findings
	}
	for _, g := range x.halfOpens() {
		if x.anyResent(g.requests) || x.anyOutlived(g.requests) {
			continue
		}
		x.claim(g.requests)
		findings = append(findings, x.unsentFinding(g, expired))
	}
	return findings
}

func (x *index) anyOutlived(list []seen) bool {
	for _, s := range list {
		if s.outlived() {
			return true
		}
	}
	return false
}

func (x *index) unsentFinding(g halfOpen, expired int) Finding {
	f := x.halfOpenFinding(g, Critical)
	n, at, who := x.place(g)
	f.Summary, f.RefutedBy, f.Fate.Text = Say("synack-blocked", n, at, who), Say("synack-blocked-refuted"), Say("synack-blocked-fate")
	returned := x.returned(g)
	f.Evidence = append(f.Evidence, Evidence{
		Source: sourceRequests, Fact: "made-anew", Value: float64(returned), Unit: "sockets",
		Text: Say("made-anew", returned), Recheck: recheck("syn-recv", g.listener.at.Port()),
	}, Evidence{
		Source: counters, Fact: "TCPTimeouts", Value: float64(expired), Unit: "in window",
		Text: Say("timeouts-without-sending", expired), Recheck: "nstat -az TcpExtTCPTimeouts TcpRetransSegs TcpExtTCPSynRetrans",
	})
	if came := x.unansweredHere(g.requests); came > 0 {
		f.Evidence = append(f.Evidence, captured("no-synack-left", came, "connections", Say("no-synack-left", came), captureOf(g.listener.at)))
	}
	for _, rival := range []Cause{"syn-flood", "synack-lost-on-path", "asymmetric-return", "ack-lost", "handshake-withheld"} {
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("nothing-resent")})
	}
	f.Excluded = append(f.Excluded, Exclusion{"deferred-accept", Say("none-outlived")})
	f.Remedies = []Remedy{{
		ID: "allow-synack", Text: Say("remedy-allow-synack", g.listener.at.String()), Risk: Say("remedy-open-path-risk"),
		Apply: []string{"nft list ruleset", "iptables -vnL OUTPUT", "tc filter show"},
	}}
	one := g.requests[0].now
	x.blamed(&f, "allow-synack", "output", host.FilterPacket{From: one.Local, To: one.Remote, Flags: segmentSYN | segmentACK}, synacks(one.Local.Port()))
	return f
}

// unansweredHere counts requests whose SYN came and for which no SYN-ACK left.
func (x *index) unansweredHere(requests []seen) (n int) {
	for _, s := range requests {
		if p := x.wire(s.now); p != nil && p.In.SYNs > 0 && p.Out.SYNs == 0 {
			n++
		}
	}
	return n
}

// returned counts connections whose addresses and ports were half-open at the
// first look too, as another request.
func (x *index) returned(g halfOpen) (n int) {
	type pair struct{ local, remote netip.AddrPort }
	earlier := map[pair]bool{}
	for _, s := range x.gone[tcp.SynReceived] {
		earlier[pair{s.Local, s.Remote}] = true
	}
	for _, s := range g.requests {
		if earlier[pair{s.now.Local, s.now.Remote}] {
			n++
		}
	}
	return n
}
