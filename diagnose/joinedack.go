package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
)

// joinedACKLost: the ACK comes and the kernel does not take it; or nothing comes.
func joinedACKLost(x *index) []Finding {
	var findings []Finding
	for _, w := range x.wiredListeners() {
		l := w.listener
		full := l.limit() > 0 && l.length() > l.limit()
		_, told := insightOf(w.ignored) // then those that TCP took note of are not among them
		none := x.rose("TcpExtListenOverflows") == 0 && x.rose("TcpExtTCPDeferAcceptDrop") == 0
		if len(w.ignored) >= few && !full && (told || none) {
			findings = append(findings, x.ignoredFinding(w))
		}
		if x.silence(w) && w.bare == 0 {
			findings = append(findings, x.silentFinding(w, "ack-lost"))
		}
	}
	return findings
}

// ignoredFinding: what comes in and does not reach TCP is dropped between, by
// this host.
func (x *index) ignoredFinding(w *wired) Finding {
	pile := x.claimAll(w.ignored)
	f := x.wireFinding(w, pile)
	f.Severity = Critical
	f.Summary = Say("ack-dropped-here", len(pile), w.listener.at.String(), x.who(x.listenerPID(w.listener)))
	f.RefutedBy, f.Fate.Text = Say("ack-dropped-refuted"), Say("ack-dropped-fate")
	f.Evidence = append(f.Evidence, Evidence{
		Source: packets, Fact: "acks-came", Value: float64(len(pile)), Unit: "connections",
		Text: Say("acks-came", len(pile)), Recheck: "synoptic capture 'tcp dst port " + portText(w.listener.at) + "'",
	})
	f.out(Say("acks-came", len(pile)), "handshake-withheld", "syn-flood", "synack-lost-on-path", "asymmetric-return")
	if _, told := insightOf(pile); told {
		f.out(Say("none-acked"), "deferred-accept")
	} else {
		f.out(Say("none-deferred"), "deferred-accept")
	}
	f.out(Say("accept-queue-room", w.listener.length(), w.listener.limit()), "accept-stalled", "accept-backlog-too-small")
	f.Remedies = []Remedy{allowACKs(w.listener.at.String())}
	x.blamedACKs(&f, w.ignored[0].now)
	return f
}

// silence tells whether clients that got SYN-ACKs say nothing more, and are no
// flood: few addresses, or hardly any network twice would be one. Where listening
// lost packets, what they said is not known.
func (x *index) silence(w *wired) bool {
	if x.bundle.Packets.Dropped > 0 || len(w.silent) < few || len(w.again)+len(w.ignored) > len(w.silent)/4 || x.claimed[w.silent[0].at] {
		return false
	}
	sources := distinct(w.silent, func(s *host.Socket) netip.Addr { return s.Remote.Addr() })
	return sources < manySources && x.refused() == 0
}

func joinedWithheld(x *index) []Finding {
	var findings []Finding
	for _, w := range x.wiredListeners() {
		if len(w.silent) >= few && (w.silenceNamed || x.silence(w)) && w.whole == 0 {
			findings = append(findings, x.silentFinding(w, "handshake-withheld"))
		}
	}
	return findings
}

// silentFinding: from here an ACK that is lost on the way looks like one that was
// never sent. SYNs without the options that every system sends tell scanners.
func (x *index) silentFinding(w *wired, cause Cause) Finding {
	w.silenceNamed = true
	pile := x.claimAll(w.silent)
	f := x.wireFinding(w, pile)
	sources := distinct(pile, func(s *host.Socket) netip.Addr { return s.Remote.Addr() })
	f.Fate.Text = Say("synack-unseen-fate")
	f.Evidence = append(f.Evidence, Evidence{
		Source: packets, Fact: "no-ack", Value: float64(len(pile)), Unit: "connections",
		Text: Say("silent-clients", len(pile), w.synacks), Recheck: captureOf(w.listener.at),
	})
	f.out(Say("no-syn-captured-again", len(pile)), "synack-lost-on-path", "asymmetric-return")
	f.out(Say("synacks-leave-here", w.synacks), "synack-blocked-here")
	f.out(Say("sources-few", sources), "syn-flood")
	if cause == "ack-lost" {
		x.wayBack(&f, pile)
		f.Summary = Say("packet-ack-unseen", len(pile), w.listener.at.String())
		f.RefutedBy = Say("ack-unseen-refuted")
		f.open(Say("client-end-tells"), "handshake-withheld")
		f.Remedies = []Remedy{{ID: "capture-at-client", Text: Say("remedy-capture-client"), Risk: Say("remedy-look-risk"), Apply: []string{"synoptic capture"}}}
		return f
	}
	f.Severity = Notice
	f.Summary = Say("packet-withheld", len(pile), w.listener.at.String(), sources)
	f.RefutedBy = Say("withheld-refuted")
	if w.bare >= few {
		f.Severity = Warning
		f.Evidence = append(f.Evidence[1:], Evidence{ // all of one source: options can be forged
			Source: packets, Fact: "bare-syns", Value: float64(w.bare), Unit: "SYNs",
			Text: Say("bare-syns", w.bare), Recheck: captureOf(w.listener.at),
		})
		f.out(Say("bare-syns", w.bare), "ack-lost")
	} else {
		f.open(Say("client-end-tells"), "ack-lost")
	}
	f.Remedies = []Remedy{{ID: "limit-per-source", Text: Say("remedy-per-source"), Risk: Say("remedy-per-source-risk")}}
	return f
}
