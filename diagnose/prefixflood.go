package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
)

// prefixFlood: SYNs that nobody completes, from one small network or one host.
func prefixFlood(x *index) []Finding {
	var findings []Finding
	for _, g := range x.halfOpens() {
		prefix, share := g.mainNetwork()
		saturated := len(g.requests) >= g.listener.limit() && x.refused() > 0
		many := len(g.requests) >= fewHalfOpen
		stay := x.outlasted(g.requests)*2 >= len(g.requests)
		if !(saturated || many) || !stay || share*10 < len(g.requests)*9 || x.clientsSendAgain(g.requests)*10 >= len(g.requests) || x.completion(len(g.requests)) >= 0.5 {
			continue
		}
		x.claim(g.requests)
		findings = append(findings, x.prefixFinding(g, prefix, share))
	}
	return findings
}

// widest is how many bits shorter than a network the prefix of one provider or
// building may be: /20 of IPv4, /44 of IPv6.
const widest = 4

// mainNetwork returns the smallest network that nearly all connections come
// from, else the one that most come from.
func (g halfOpen) mainNetwork() (most netip.Prefix, share int) {
	most, share = g.busiest(0)
	for wider := 1; wider <= widest && share*10 < len(g.requests)*9; wider++ {
		if prefix, n := g.busiest(wider); n*10 >= len(g.requests)*9 {
			return prefix, n
		}
	}
	return most, share
}

// busiest returns the network that most connections come from, of so many bits
// less.
func (g halfOpen) busiest(wider int) (netip.Prefix, int) {
	return busiestOf(g.requests, func(s *host.Socket) netip.Prefix {
		own := network(s.Remote.Addr())
		prefix, _ := own.Addr().Prefix(own.Bits() - wider) // of an address that is not valid: none
		return prefix
	})
}

func (x *index) prefixFinding(g halfOpen, prefix netip.Prefix, share int) Finding {
	f := x.halfOpenFinding(g, x.floodSeverity())
	n, at, who := x.place(g)
	sources := distinct(g.requests, func(s *host.Socket) netip.Addr { return s.Remote.Addr() })
	f.Summary = Say("prefix-flood", n, at, who, prefix.String())
	f.RefutedBy, f.Fate.Text = Say("prefix-flood-refuted"), Say("prefix-flood-fate")
	f.Subject.Peer = prefix.String()
	f.Evidence = append(f.Evidence, Evidence{
		Source: sourceRequests, Fact: "sources", Value: float64(sources), Unit: "addresses",
		Text: Say("one-network", share, len(g.requests), prefix.String(), sources), Recheck: recheck("syn-recv", g.listener.at.Port()),
	}, x.completed(g.requests))
	for _, c := range []struct{ counter, text string }{
		{"TcpExtTCPReqQFullDrop", "queue-full-drops"}, {"TcpExtTCPReqQFullDoCookies", "queue-full-cookies"},
	} {
		if x.rose(c.counter) > 0 {
			f.Evidence = append(f.Evidence, x.counted(c.counter, c.text))
		}
	}
	x.prefixRivals(&f, g, prefix)
	if one := g.requests[0].now.Remote.Addr(); sources == 1 {
		prefix, _ = one.Prefix(one.BitLen())
	}
	f.Remedies = append(x.floodRemedies(), dropPrefix(prefix))
	return f
}

func (x *index) completed(requests []seen) Evidence {
	c := x.completion(len(requests))
	return Evidence{
		Source: counters, Fact: "handshake-completion", Value: c, Unit: "ratio",
		Text: Say("completion", int(c*100)), Recheck: "nstat -az TcpPassiveOpens TcpExtSyncookiesSent TcpExtSyncookiesRecv",
	}
}

func dropPrefix(prefix netip.Prefix) Remedy {
	return typed("drop-the-prefix", Say("remedy-drop-prefix", prefix.String()), Say("remedy-drop-prefix-risk"), dropFrom(prefix))
}

// manySources is more hosts than scan one port half-open together.
const manySources = 16

// busyRate is how many new half-open connections a second no few clients of a
// working program make.
const busyRate = 50

func (x *index) prefixRivals(f *Finding, g halfOpen, prefix netip.Prefix) {
	out := func(cause Cause, because Message) { f.Excluded = append(f.Excluded, Exclusion{cause, because}) }
	open := func(cause Cause, because Message) { f.Open = append(f.Open, Exclusion{cause, because}) }
	out("syn-flood", Say("sources-narrow", prefix.String()))
	x.notSentAgain(f, g.requests)
	out("syn-queue-too-small", Say("not-completing", int(x.completion(len(g.requests))*100)))
	sources := distinct(g.requests, func(s *host.Socket) netip.Addr { return s.Remote.Addr() })
	rate := float64(x.refused()+len(g.requests)) / max(x.window.Seconds(), 1)
	if rate >= busyRate {
		out("ack-lost", Say("rate-of-no-clients", int(rate)))
		out("handshake-withheld", Say("rate-of-no-clients", int(rate)))
	} else {
		open("ack-lost", Say("packets-would-tell"))
		if sources >= manySources {
			out("handshake-withheld", Say("sources-many", sources))
		} else {
			open("handshake-withheld", Say("packets-would-tell"))
		}
	}
	if x.anyResent(g.requests) || x.rose("TcpExtTCPSynRetrans") > 0 {
		out("synack-blocked-here", Say("synacks-leave", max(x.rose("TcpExtTCPSynRetrans"), 1)))
	} else {
		open("synack-blocked-here", Say("no-synack-resent-yet"))
	}
}
