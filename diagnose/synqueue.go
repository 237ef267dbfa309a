package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

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
	switch {
	case len(findings) > 0:
	case x.redeemed():
		findings = append(findings, x.unseenQueue())
	case x.retriedHere() != nil:
		findings = append(findings, x.retriedQueue(x.retriedHere(), done))
	case x.fullForMoments() != nil && x.rose("TcpExtTCPReqQFullDrop") >= few && x.completion(0) >= 0.5:
		findings = append(findings, x.fullMoments(x.fullForMoments(), done))
	}
	return findings
}

// retriedHere returns the server of this host that packets show dropping SYNs of
// clients who get through when they send them again; nil when none does.
func (x *index) retriedHere() *evidence.PacketServer {
	if p := x.bundle.Packets; p == nil || !p.Own || x.rose("TcpExtTCPReqQFullDrop") < few {
		return nil
	}
	for i := range x.servers() {
		if s := &x.servers()[i]; s.Near == evidence.NearServer && s.Retried >= few && x.listenerOf(s.Local) != nil {
			return s
		}
	}
	return nil
}

// retriedQueue: packets show clients who got through when they sent their SYN again.
func (x *index) retriedQueue(s *evidence.PacketServer, done int) Finding {
	l := x.listenerOf(s.Local)
	return x.fullMoments(l, done, captured("syn-again", s.Retried, "connections", Say("through-again", s.Retried), captureOf(l.at)))
}

// fullMoments: the queue is full for moments only, and no cookie tells; looks
// between the first and the last may.
func (x *index) fullMoments(l *listener, done int, more ...Evidence) Finding {
	dropped := x.rose("TcpExtTCPReqQFullDrop")
	f := Finding{
		State: tcp.SynReceived, Severity: Critical, Count: dropped, Subject: x.subject(x.listenerPID(l)),
		Summary:   Say("syn-queue-dropped-moments", dropped, l.at.String()),
		RefutedBy: Say("syn-queue-too-small-refuted"),
		Fate:      Outlook{Text: Say("syn-queue-too-small-fate")},
		Evidence:  append([]Evidence{x.counted("TcpExtTCPReqQFullDrop", "queue-full-drops")}, more...),
		Remedies:  x.queueRemedies(0),
	}
	f.Subject.Local = l.at.String()
	synQueueEvidence(&f, l)
	f.out(Say("clients-complete", done), "syn-flood", "syn-flood-from-prefix", "handshake-withheld")
	x.acceptRival(&f, dropped)
	return f
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
	return x.unnamedDrops()
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
	synQueueEvidence(&f, g.listener)
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
