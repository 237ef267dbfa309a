package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// A queue that overflows is a flood whatever its size; one that does not must
// hold this many half-open connections before their spread means anything.
const fewHalfOpen = 64

// youngRule is how long a half-open connection stays once the queue is more
// than half full (reqsk_timer_handler): two SYN-ACKs sent again instead of
// tcp_synack_retries.
const youngRule = 7 * time.Second

// synFlood: SYNs from very many sources, each sent once, never completed.
func synFlood(x *index) []Finding {
	var findings []Finding
	groups := x.halfOpens()
	for _, g := range groups {
		if x.flooded(g) {
			x.claim(g.requests)
			findings = append(findings, x.floodFinding(g))
		}
	}
	if len(groups) == 0 {
		findings = append(findings, x.unseenFlood()...)
	}
	return findings
}

// unseenFlood: with tcp_syncookies=2 nothing is half-open, whatever comes. The
// cookies that nobody redeems are counted, and that is all there is to see.
func (x *index) unseenFlood() []Finding {
	const counter = "TcpExtTCPReqQFullDoCookies"
	sent := x.rose(counter)
	if sent < fewHalfOpen || x.completion(0) >= 0.5 {
		return nil
	}
	percent := int(x.completion(0) * 100)
	f := Finding{
		State: tcp.SynReceived, Count: sent, Severity: Warning,
		Summary:   Say("syn-flood-unseen", sent, percent),
		RefutedBy: Say("syn-flood-refuted"),
		Fate:      Outlook{Text: Say("syn-flood-unseen-fate")},
		Evidence: []Evidence{x.counted(counter, "cookies-always"), {
			Source: counters, Fact: "handshake-completion", Value: x.completion(0), Unit: "ratio",
			Text: Say("completion", percent), Recheck: "nstat -az TcpExtSyncookiesSent TcpExtSyncookiesRecv",
		}},
		Excluded: []Exclusion{{"syn-queue-too-small", Say("not-completing", percent)}},
		Remedies: x.floodRemedies(),
	}
	list := x.sorted()
	if s := x.scatteredSYNs(); s != nil {
		x.seenFlood(&f, s)
		if l := x.listenerOf(s.Local); l != nil {
			list = []*listener{l}
		}
	} else {
		f.open(Say("cookies-show-no-source"), "syn-flood-from-prefix", "synack-lost-on-path", "asymmetric-return", "ack-lost")
	}
	if len(list) == 1 {
		f.Subject = x.subject(x.listenerPID(list[0]))
		f.Subject.Local = list[0].at.String()
	}
	return []Finding{f}
}

// scatteredSYNs returns what the packets of this host show of a server that gets
// SYNs from everywhere, each once; nil when none does.
func (x *index) scatteredSYNs() *evidence.PacketServer {
	if p := x.bundle.Packets; p == nil || !p.Own {
		return nil
	}
	for i := range x.servers() {
		if s := &x.servers()[i]; s.Near == evidence.NearServer && flooding(s) && scattered(&s.Once) {
			return s
		}
	}
	return nil
}

// seenFlood adds what packets show of a flood, which settles its rivals.
func (x *index) seenFlood(f *Finding, s *evidence.PacketServer) {
	f.Evidence = append(f.Evidence,
		captured("one-syn", s.Once.Count, "connections", Say("one-syn", s.Once.Count, s.OnceAnswered), captureOf(s.Local)),
		captured("source-networks", s.Once.Networks, "networks", Say("source-networks", s.Once.Networks, s.Once.Count), captureOf(s.Local)))
	f.out(Say("sources-spread", s.Once.Networks, s.Once.Count), "syn-flood-from-prefix")
	f.out(Say("none-again", s.Once.Count-s.OnceYoung), "synack-lost-on-path", "asymmetric-return")
	f.out(Say("sources-forged", s.Once.Networks, s.Once.Count), "ack-lost")
}

// flooded decides on what sockets and counters can tell. Genuine clients whose
// SYN-ACK is lost send their SYN again, so more SYN-ACKs are sent again than
// timers expire; forged sources do not.
func (x *index) flooded(g halfOpen) bool {
	l, requests, networks := g.listener, g.requests, g.networks
	saturated := len(requests) > 0 && len(requests) >= l.limit() && x.refused() > 0
	many := len(requests) >= fewHalfOpen && x.outlasted(requests)*2 >= len(requests)
	return (saturated || many) &&
		networks >= 16 && g.spread() &&
		x.clientsSendAgain(requests)*10 < len(requests) &&
		x.completion(len(requests)) < 0.5
}

// spread tells whether the sources are all over the place: nearly each is an
// address of its own, where a customer opens several connections, no network has
// more than an eighth of them, and no prefix of one provider nearly all.
func (g halfOpen) spread() bool {
	if _, share := g.mainNetwork(); share*10 >= len(g.requests)*9 {
		return false
	}
	sources := distinct(g.requests, func(s *host.Socket) netip.Addr { return s.Remote.Addr() })
	_, most := g.busiest(0)
	return sources*10 >= len(g.requests)*9 && most*8 <= len(g.requests)
}

// refused counts SYNs that met a full queue in the window, cookies or not.
func (x *index) refused() int {
	return x.rose("TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies")
}

// outlasted counts requests that passed their first retransmission timeout.
func (x *index) outlasted(requests []seen) (n int) {
	for _, s := range requests {
		if s.now.Retransmits > 0 || s.outlived() && x.window > time.Second {
			n++
		}
	}
	return n
}

// resentByClients counts SYN-ACKs that answered a SYN sent again: every expiry
// of a request's timer counts as one of TCPTimeouts and sends one, so what goes
// beyond came from clients. Other timeouts make it too small, never too large.
func (x *index) resentByClients() int {
	return max(0, x.rose("TcpExtTCPSynRetrans")-x.rose("TcpExtTCPTimeouts"))
}

// completion is the share of handshakes that were completed in the window.
func (x *index) completion(halfOpen int) float64 {
	if sent := x.rose("TcpExtSyncookiesSent"); sent > 0 && x.rose("TcpExtTCPReqQFullDoCookies") > 0 {
		return float64(x.rose("TcpExtSyncookiesRecv")) / float64(sent)
	}
	done := max(0, x.rose("TcpPassiveOpens"))
	all := done + x.refused() + halfOpen
	return float64(done) / float64(max(all, 1))
}

func (x *index) floodFinding(g halfOpen) Finding {
	l, requests, networks := g.listener, g.requests, g.networks
	pid := x.listenerPID(l)
	f := Finding{
		State: tcp.SynReceived, Count: len(requests), Subject: x.subject(pid), Severity: x.floodSeverity(),
		Summary:   Say(x.floodSummary(), len(requests), l.at.String(), x.who(pid), x.refused()),
		RefutedBy: Say("syn-flood-refuted"),
		Fate:      Outlook{Text: Say("syn-flood-fate"), Within: x.halfOpenStay(l, requests)},
		Evidence: []Evidence{
			{
				Source: sourceRequests, Fact: "half-open", Value: float64(len(requests)), Unit: "sockets",
				Text: Say("half-open", len(requests), l.limit()), Recheck: recheck("syn-recv", l.at.Port()),
			},
			{
				Source: sourceRequests, Fact: "source-networks", Value: float64(networks), Unit: "networks",
				Text: Say("source-networks", networks, len(requests)), Recheck: recheck("syn-recv", l.at.Port()),
			},
			{
				Source: counters, Fact: "handshake-completion", Value: x.completion(len(requests)), Unit: "ratio",
				Text: Say("completion", int(x.completion(len(requests))*100)), Recheck: "nstat -az TcpPassiveOpens TcpExtSyncookiesSent TcpExtSyncookiesRecv",
			},
		},
		Remedies: x.floodRemedies(),
	}
	f.Subject.Local = l.at.String()
	for _, c := range []struct{ counter, text string }{
		{"TcpExtTCPReqQFullDrop", "queue-full-drops"}, {"TcpExtTCPReqQFullDoCookies", "queue-full-cookies"},
	} {
		if x.rose(c.counter) > 0 {
			f.Evidence = append(f.Evidence, x.counted(c.counter, c.text))
		}
	}
	x.floodRivals(&f, requests, networks)
	return f
}

// floodSeverity: with cookies new clients still get in; without, a full queue
// turns them away.
func (x *index) floodSeverity() Severity {
	if x.rose("TcpExtTCPReqQFullDrop") > 0 {
		return Critical
	}
	return Warning
}

func (x *index) floodSummary() string {
	switch {
	case x.rose("TcpExtTCPReqQFullDrop") > 0:
		return "syn-flood-refusing"
	case x.rose("TcpExtTCPReqQFullDoCookies") > 0:
		return "syn-flood-cookies"
	default:
		return "syn-flood"
	}
}

func (x *index) halfOpenStay(l *listener, requests []seen) time.Duration {
	within, _ := x.stay(requests)
	if len(requests)*2 > l.limit() {
		within = min(within, youngRule)
	}
	return within
}

func (x *index) floodRivals(f *Finding, requests []seen, networks int) {
	out := func(cause Cause, because Message) { f.Excluded = append(f.Excluded, Exclusion{cause, because}) }
	out("syn-flood-from-prefix", Say("sources-spread", networks, len(requests)))
	out("handshake-withheld", Say("sources-spread", networks, len(requests)))
	x.notSentAgain(f, requests)
	out("ack-lost", Say("sources-forged", networks, len(requests)))
	out("syn-queue-too-small", Say("not-completing", int(x.completion(len(requests))*100)))
	if resent := x.rose("TcpExtTCPSynRetrans"); resent > 0 || x.anyResent(requests) {
		out("synack-blocked-here", Say("synacks-leave", max(resent, 1)))
	} else if leaving := x.synacksLeaving(requests); leaving > 0 {
		out("synack-blocked-here", Say("synacks-leave-here", leaving))
	} else {
		f.Open = append(f.Open, Exclusion{"synack-blocked-here", Say("no-synack-resent-yet")})
	}
	if in, told := insightOf(requests); told && in.acked == 0 {
		out("deferred-accept", Say("none-acked"))
	} else if deferred := x.rose("TcpExtTCPDeferAcceptDrop"); deferred > 0 {
		f.Open = append(f.Open, Exclusion{"deferred-accept", Say("some-deferred", deferred)})
	} else {
		out("deferred-accept", Say("none-deferred"))
	}
}

// notSentAgain excludes that clients do not see their SYN,ACK: they would send
// their SYN again.
func (x *index) notSentAgain(f *Finding, requests []seen) {
	if _, told := insightOf(requests); !told {
		f.out(Say("no-syn-resent"), "synack-lost-on-path", "asymmetric-return")
		return
	}
	again := x.clientsSendAgain(requests)
	f.Evidence = append(f.Evidence, Evidence{
		Source: sourceRequests, Fact: "clients-send-again", Value: float64(again), Unit: "sockets",
		Text: Say("by-timer-only", len(requests)-again, len(requests)), Recheck: "synoptic sockets --source iterator state syn-recv -o jsonl",
	})
	f.out(Say("by-timer-only", len(requests)-again, len(requests)), "synack-lost-on-path", "asymmetric-return")
}

// synacksLeaving counts SYN-ACKs of these requests that packets show.
func (x *index) synacksLeaving(requests []seen) (n int) {
	for _, s := range requests {
		if p := x.wire(s.now); p != nil {
			n += p.Out.SYNs
		}
	}
	return n
}

func (x *index) anyResent(requests []seen) bool {
	for _, s := range requests {
		if s.now.Retransmits > 0 {
			return true
		}
	}
	return false
}

// floodRemedies: cookies first; a longer queue alone stops nothing, and a limit
// on SYNs turns clients away with the flood, so neither is offered.
func (x *index) floodRemedies() []Remedy {
	cookies, known := x.setting("net.ipv4.tcp_syncookies")
	var remedies []Remedy
	if known && cookies == 0 {
		remedies = append(remedies, x.sysctl("enable-syn-cookies", "net.ipv4.tcp_syncookies", "1", Say("remedy-cookies"), Say("remedy-cookies-risk")))
	} else if known {
		remedies = append(remedies, Remedy{ID: "keep-syn-cookies", Text: Say("remedy-cookies-hold"), Risk: Say("remedy-cookies-risk")})
	}
	if retries, ok := x.setting("net.ipv4.tcp_synack_retries"); ok && retries > 2 {
		remedies = append(remedies, x.sysctl("fewer-synack-retries", "net.ipv4.tcp_synack_retries", "2", Say("remedy-synack-retries"), Say("remedy-synack-retries-risk", retries)))
	}
	return append(remedies, Remedy{ID: "filter-upstream", Text: Say("remedy-upstream"), Risk: Say("remedy-upstream-risk")})
}
