package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// halfOpen is the half-open connections of one listener.
type halfOpen struct {
	listener *listener
	requests []seen
	networks int // that they come from
}

// halfOpens groups the half-open connections that have not been explained yet,
// by listener.
func (x *index) halfOpens() []halfOpen {
	byListener := map[*listener][]seen{}
	for _, s := range x.byState[tcp.SynReceived] {
		if l := x.listenerOf(s.now.Local); l != nil && s.now.Kind == host.Request && !x.claimed[s.at] {
			byListener[l] = append(byListener[l], s)
		}
	}
	var groups []halfOpen
	for _, l := range x.sorted() {
		if requests := byListener[l]; len(requests) > 0 {
			networks := distinct(requests, func(s *host.Socket) netip.Prefix { return network(s.Remote.Addr()) })
			groups = append(groups, halfOpen{l, requests, networks})
		}
	}
	return groups
}

// halfOpenFinding begins a finding; its summary is completed by the caller.
func (x *index) halfOpenFinding(g halfOpen, severity Severity) Finding {
	f := Finding{
		State: tcp.SynReceived, Severity: severity, Count: len(g.requests), Subject: x.subject(x.listenerPID(g.listener)),
		Fate: Outlook{Within: x.halfOpenStay(g.listener, g.requests)},
		Evidence: []Evidence{{
			Source: sourceRequests, Fact: "half-open", Value: float64(len(g.requests)), Unit: "sockets",
			Text: Say("half-open-on", len(g.requests), g.listener.limit()), Recheck: recheck("syn-recv", g.listener.at.Port()),
		}},
	}
	f.Subject.Local = g.listener.at.String()
	return f
}

// place is what most summaries say: how many, where, whose.
func (x *index) place(g halfOpen) (n int, at string, who Message) {
	return len(g.requests), g.listener.at.String(), x.who(x.listenerPID(g.listener))
}

// prefixFlood: SYNs that nobody completes, from one small network or one host.
func prefixFlood(x *index) []Finding {
	var findings []Finding
	for _, g := range x.halfOpens() {
		prefix, share := g.mainNetwork()
		saturated := len(g.requests) >= g.listener.limit() && x.refused() > 0
		many := len(g.requests) >= fewHalfOpen
		stay := x.outlasted(g.requests)*2 >= len(g.requests)
		if !(saturated || many) || !stay || share*10 < len(g.requests)*9 || x.resentByClients()*10 >= len(g.requests) || x.completion(len(g.requests)) >= 0.5 {
			continue
		}
		x.claim(g.requests)
		findings = append(findings, x.prefixFinding(g, prefix, share))
	}
	return findings
}

// mainNetwork returns the network that most connections come from.
func (g halfOpen) mainNetwork() (most netip.Prefix, share int) {
	return busiestOf(g.requests, func(s *host.Socket) netip.Prefix { return network(s.Remote.Addr()) })
}

// busiestOf returns the key that most sockets have, the first one of several.
func busiestOf[K comparable](list []seen, key func(*host.Socket) K) (best K, most int) {
	counts := map[K]int{}
	for _, s := range list {
		counts[key(s.now)]++
	}
	for _, s := range list {
		if k := key(s.now); counts[k] > most {
			best, most = k, counts[k]
		}
	}
	return best, most
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
	f.Remedies = append(x.floodRemedies(), Remedy{
		ID: "drop-the-prefix", Text: Say("remedy-drop-prefix", prefix.String()), Risk: Say("remedy-drop-prefix-risk"),
		Apply: dropPrefix(prefix), Undo: []string{"nft delete table inet synoptic"},
	})
	return f
}

func (x *index) completed(requests []seen) Evidence {
	c := x.completion(len(requests))
	return Evidence{
		Source: counters, Fact: "handshake-completion", Value: c, Unit: "ratio",
		Text: Say("completion", int(c*100)), Recheck: "nstat -az TcpPassiveOpens TcpExtSyncookiesSent TcpExtSyncookiesRecv",
	}
}

func dropPrefix(prefix netip.Prefix) []string {
	family := "ip"
	if prefix.Addr().Is6() {
		family = "ip6"
	}
	return []string{
		"nft add table inet synoptic", "nft 'add chain inet synoptic in { type filter hook input priority -10; }'",
		"nft add rule inet synoptic in " + family + " saddr " + prefix.String() + " counter drop",
	}
}

// busyRate is how many new half-open connections a second no few clients of a
// working program make.
const busyRate = 50

func (x *index) prefixRivals(f *Finding, g halfOpen, prefix netip.Prefix) {
	out := func(cause Cause, because Message) { f.Excluded = append(f.Excluded, Exclusion{cause, because}) }
	open := func(cause Cause, because Message) { f.Open = append(f.Open, Exclusion{cause, because}) }
	out("syn-flood", Say("sources-narrow", prefix.String()))
	out("synack-lost-on-path", Say("no-syn-resent"))
	out("asymmetric-return", Say("no-syn-resent"))
	out("syn-queue-too-small", Say("not-completing", int(x.completion(len(g.requests))*100)))
	rate := float64(x.refused()+len(g.requests)) / max(x.window.Seconds(), 1)
	if rate >= busyRate {
		out("ack-lost", Say("rate-of-no-clients", int(rate)))
		out("handshake-withheld", Say("rate-of-no-clients", int(rate)))
	} else {
		open("ack-lost", Say("packets-would-tell"))
		open("handshake-withheld", Say("packets-would-tell"))
	}
	if x.anyResent(g.requests) || x.rose("TcpExtTCPSynRetrans") > 0 {
		out("synack-blocked-here", Say("synacks-leave", max(x.rose("TcpExtTCPSynRetrans"), 1)))
	} else {
		open("synack-blocked-here", Say("no-synack-resent-yet"))
	}
}

// deferredAccept: the handshakes are complete and the kernel waits for data, as
// the program asked. Such a request outlives its first timer without a SYN-ACK
// being sent again, which no other half-open connection does.
func deferredAccept(x *index) []Finding {
	var findings []Finding
	if x.window < 1500*time.Millisecond {
		return nil // the first timer expires after one second
	}
	for _, g := range x.halfOpens() {
		var waiting []seen
		for _, s := range g.requests {
			if s.outlived() && s.now.Retransmits == 0 {
				waiting = append(waiting, s)
			}
		}
		if len(waiting) == 0 {
			continue
		}
		x.claim(waiting)
		findings = append(findings, x.deferredFinding(halfOpen{g.listener, waiting, g.networks}))
	}
	return findings
}

func (x *index) deferredFinding(g halfOpen) Finding {
	const counter = "TcpExtTCPDeferAcceptDrop"
	f := x.halfOpenFinding(g, Info)
	n, at, who := x.place(g)
	f.Summary, f.RefutedBy, f.Fate.Text = Say("deferred-accept", n, at, who), Say("deferred-accept-refuted"), Say("deferred-accept-fate")
	f.Evidence[0] = Evidence{
		Source: sourceRequests, Fact: "quiet-through-window", Value: float64(len(g.requests)), Unit: "sockets",
		Text: Say("quiet-half-open", len(g.requests)), Recheck: recheck("syn-recv", g.listener.at.Port()),
	}
	if ever := x.bundle.CountersAfter.Values[counter]; ever > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: counters, Fact: "TCPDeferAcceptDrop", Value: float64(ever), Unit: "since boot", Text: Say("deferred-ever", int(ever)), Recheck: "nstat -az " + counter,
		})
	} else {
		f.Open = append(f.Open, Exclusion{"ack-lost", Say("none-deferred-ever")})
	}
	if g.listener.length() >= g.listener.limit() {
		f.Open = append(f.Open, Exclusion{"accept-stalled", Say("queue-full-too")})
	} else {
		f.Excluded = append(f.Excluded, Exclusion{"accept-stalled", Say("queue-has-room")})
	}
	f.Excluded = append(f.Excluded,
		Exclusion{"syn-flood", Say("synack-not-resent")}, Exclusion{"synack-lost-on-path", Say("synack-not-resent")},
		Exclusion{"synack-blocked-here", Say("outlived-first-timer")})
	f.Remedies = []Remedy{{ID: "none", Text: Say("remedy-deferred"), Risk: Say("remedy-upstream-risk")}}
	return f
}

// blockedHere: the SYN-ACK cannot be sent, so a request dies at its first timer
// and comes back with the client's next SYN. Timers expire, and nothing is ever
// sent again.
func blockedHere(x *index) []Finding {
	expired, resent := x.rose("TcpExtTCPTimeouts"), x.rose("TcpRetransSegs")
	if expired < few || resent > 0 || x.rose("TcpExtTCPSynRetrans") > 0 || x.window < 1500*time.Millisecond {
		return nil
	}
	var findings []Finding
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
	for _, rival := range []Cause{"syn-flood", "synack-lost-on-path", "asymmetric-return", "ack-lost", "handshake-withheld"} {
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("nothing-resent")})
	}
	f.Excluded = append(f.Excluded, Exclusion{"deferred-accept", Say("none-outlived")})
	f.Remedies = []Remedy{{
		ID: "allow-synack", Text: Say("remedy-allow-synack", g.listener.at.String()), Risk: Say("remedy-open-path-risk"),
		Apply: []string{"nft list ruleset", "iptables -vnL OUTPUT", "tc filter show"},
	}}
	return f
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

// queueTooSmall: genuine clients overrun the half-open queue. Their handshakes
// complete, so no request outlives its first timer.
func queueTooSmall(x *index) []Finding {
	refused, strangers := x.refused(), x.refusedStrangers()
	done := x.rose("TcpPassiveOpens")
	if refused+strangers < few || done < few {
		return nil
	}
	var findings []Finding
	for _, g := range x.halfOpens() {
		if x.outlasted(g.requests)*2 > len(g.requests) && x.completion(0) < 0.5 || len(g.requests)*2 < x.queueLimit(g.listener) {
			continue
		}
		x.claim(g.requests)
		findings = append(findings, x.queueFinding(g, strangers, done))
	}
	if len(findings) == 0 && x.redeemed() {
		findings = append(findings, x.unseenQueue())
	}
	return findings
}

// redeemed: cookies were needed because a queue was full, and most came back.
// Where cookies are always sent (tcp_syncookies=2) they say nothing of a queue.
func (x *index) redeemed() bool {
	cookies, known := x.setting("net.ipv4.tcp_syncookies")
	sent := x.rose("TcpExtTCPReqQFullDoCookies")
	return known && cookies == 1 && sent >= few && x.completion(0) >= 0.5
}

// unseenQueue: the queue is full for moments only, between the looks.
func (x *index) unseenQueue() Finding {
	sent := x.rose("TcpExtTCPReqQFullDoCookies")
	f := Finding{
		State: tcp.SynReceived, Severity: Warning, Count: sent,
		Summary:   Say("syn-queue-moments", sent),
		RefutedBy: Say("syn-queue-too-small-refuted"),
		Fate:      Outlook{Text: Say("syn-queue-too-small-fate")},
		Evidence:  []Evidence{x.counted("TcpExtTCPReqQFullDoCookies", "queue-full-cookies"), x.counted("TcpExtSyncookiesRecv", "cookies-redeemed")},
		Excluded:  []Exclusion{{"syn-flood", Say("clients-complete", x.rose("TcpExtSyncookiesRecv"))}, {"syn-flood-from-prefix", Say("clients-complete", x.rose("TcpExtSyncookiesRecv"))}},
		Remedies:  x.queueRemedies(0),
	}
	x.acceptRival(&f, sent)
	if list := x.sorted(); len(list) == 1 {
		f.Subject = x.subject(x.listenerPID(list[0]))
		f.Subject.Local = list[0].at.String()
	}
	return f
}

// acceptRival: one listen() bounds both queues, and a full accept queue turns
// SYNs away as well.
func (x *index) acceptRival(f *Finding, refused int) {
	const rival = "accept-backlog-too-small"
	if overflows := x.rose("TcpExtListenOverflows"); overflows*10 > refused {
		f.Open = append(f.Open, Exclusion{rival, Say("overflows", overflows)})
	} else {
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("few-overflows", overflows)})
	}
}

// refusedStrangers counts SYNs that were refused for no reason that has a
// counter of its own: without cookies the last quarter of tcp_max_syn_backlog is
// kept for peers that are known (tcp_conn_request).
func (x *index) refusedStrangers() int {
	if cookies, known := x.setting("net.ipv4.tcp_syncookies"); !known || cookies != 0 {
		return 0
	}
	return max(0, x.rose("TcpExtListenDrops")-x.rose("TcpExtListenOverflows", "TcpExtTCPReqQFullDrop", "IpOutNoRoutes"))
}

// queueLimit is how many half-open connections a listener takes from strangers.
func (x *index) queueLimit(l *listener) int {
	limit := l.limit()
	backlog, ok := x.setting("net.ipv4.tcp_max_syn_backlog")
	if cookies, known := x.setting("net.ipv4.tcp_syncookies"); ok && known && cookies == 0 {
		limit = min(limit, backlog-backlog>>2)
	}
	return limit
}

func (x *index) queueFinding(g halfOpen, strangers, done int) Finding {
	f := x.halfOpenFinding(g, Warning)
	n, at, who := x.place(g)
	f.Summary, f.RefutedBy, f.Fate.Text = Say("syn-queue-too-small", n, at, who), Say("syn-queue-too-small-refuted"), Say("syn-queue-too-small-fate")
	if x.rose("TcpExtTCPReqQFullDrop") > 0 || strangers > 0 {
		f.Severity = Critical
	}
	f.Evidence = append(f.Evidence, Evidence{
		Source: counters, Fact: "PassiveOpens", Value: float64(done), Unit: "in window", Text: Say("handshakes-complete", done), Recheck: "nstat -az TcpPassiveOpens",
	})
	for _, c := range []struct{ counter, text string }{
		{"TcpExtTCPReqQFullDrop", "queue-full-drops"}, {"TcpExtTCPReqQFullDoCookies", "queue-full-cookies"}, {"TcpExtSyncookiesRecv", "cookies-redeemed"},
	} {
		if x.rose(c.counter) > 0 {
			f.Evidence = append(f.Evidence, x.counted(c.counter, c.text))
		}
	}
	if strangers > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: counters, Fact: "ListenDrops", Value: float64(strangers), Unit: "in window",
			Text: Say("strangers-refused", strangers, x.queueLimit(g.listener)), Recheck: "nstat -az TcpExtListenDrops TcpExtListenOverflows; ip tcp_metrics",
		})
	}
	f.Excluded = []Exclusion{{"syn-flood", Say("clients-complete", done)}, {"syn-flood-from-prefix", Say("clients-complete", done)}, {"handshake-withheld", Say("clients-complete", done)}}
	x.acceptRival(&f, x.refused()+strangers)
	f.Remedies = x.queueRemedies(strangers)
	return f
}

func (x *index) queueRemedies(strangers int) []Remedy {
	var remedies []Remedy
	if cookies, known := x.setting("net.ipv4.tcp_syncookies"); known && cookies == 0 {
		remedies = append(remedies, x.sysctl("enable-syn-cookies", "net.ipv4.tcp_syncookies", "1", Say("remedy-cookies"), Say("remedy-cookies-risk")))
	}
	if strangers > 0 {
		remedies = append(remedies, x.sysctl("raise-syn-backlog", "net.ipv4.tcp_max_syn_backlog", "4096", Say("remedy-syn-backlog"), Say("remedy-listen-risk")))
	}
	return append(remedies, Remedy{ID: "raise-listen-backlog", Text: Say("remedy-listen"), Risk: Say("remedy-listen-risk")})
}
