package diagnose

import "github.com/synoptic-net/synoptic/tcp"

// A storm is a rate of resets that a person would look at: so many a second,
// and so large a share of the connections.
const (
	stormRate  = 5
	stormShare = 0.25
)

// resetStorm: connections end by RST at an unusual rate, or RSTs come whose
// sequence number somebody guessed.
func resetStorm(x *index) []Finding {
	var findings []Finding
	if x.resetting() {
		findings = append(findings, x.stormFinding())
	}
	if x.refusing() {
		findings = append(findings, x.refusedFinding())
	}
	if x.guessed() >= someDrops {
		findings = append(findings, x.guessedFinding())
	}
	return findings
}

// fast tells whether events of the window are as many a second as a storm has.
func (x *index) fast(events int) bool { return float64(events) >= stormRate*x.span.Seconds() }

// opened counts the connections of the window, in both directions.
func (x *index) opened() int { return x.rose("TcpPassiveOpens", "TcpActiveOpens") }

// resetting tells whether enough of the established connections ended by RST.
func (x *index) resetting() bool {
	resets := x.rose("TcpEstabResets")
	return x.fast(resets) && float64(resets) >= stormShare*float64(x.opened())
}

// ours and theirs: a program here that closes with unread data or with
// SO_LINGER 0 is counted by reason, and so are the kernel's own; what no reason
// here accounts for, the peers reset.
var abortReasons = []struct{ counter, text string }{
	{"TcpExtTCPAbortOnData", "abort-linger"},
	{"TcpExtTCPAbortOnClose", "abort-unread"},
	{"TcpExtTCPAbortOnMemory", "abort-memory"},
	{"TcpExtTCPAbortOnLinger", "abort-linger2"},
}

func (x *index) aborted() (n int) {
	for _, r := range abortReasons {
		n += x.rose(r.counter)
	}
	return n
}

func (x *index) stormFinding() Finding {
	resets, here := x.rose("TcpEstabResets"), x.aborted()
	f := Finding{
		Severity: Notice, Count: resets,
		RefutedBy: Say("reset-storm-refuted"),
		Fate:      Outlook{Text: Say("reset-storm-fate")},
		Evidence:  []Evidence{x.counted("TcpEstabResets", "established-reset"), x.counted("TcpOutRsts", "resets-sent")},
	}
	if resets*2 >= x.opened() {
		f.Severity = Warning
	}
	if here*2 >= resets {
		f.Subject = x.onlyServer()
		f.Summary = Say("reset-storm-here", x.whoResets(f.Subject.PID), resets, x.opened())
		for _, r := range abortReasons {
			if x.rose(r.counter) > 0 {
				f.Evidence = append(f.Evidence, x.counted(r.counter, r.text))
			}
		}
		f.Remedies = x.abortRemedies()
	} else {
		f.Summary = Say("reset-storm-peers", resets, x.opened())
		f.Remedies = []Remedy{{ID: "ask-the-peers", Text: Say("remedy-ask-peers"), Risk: Say("remedy-look-risk")}}
	}
	x.resetsByReason(&f)
	if x.stormRivals(&f); len(f.Open) > 0 {
		f.Severity = Notice // it may be no more than their symptom
	}
	return f
}

// abortRemedies are by the reason that counts most.
func (x *index) abortRemedies() []Remedy {
	read := Remedy{ID: "read-before-close", Text: Say("remedy-read-first"), Risk: Say("remedy-read-first-risk")}
	linger := Remedy{ID: "no-linger", Text: Say("remedy-no-linger"), Risk: Say("remedy-no-linger-risk")}
	if x.rose("TcpExtTCPAbortOnClose") > x.rose("TcpExtTCPAbortOnData") {
		return []Remedy{read}
	}
	return []Remedy{linger, read}
}

// onlyServer is the listener that the connections must have come in through,
// when there is one and nothing is dialled.
func (x *index) onlyServer() Subject {
	list := x.sorted()
	if len(list) != 1 || x.rose("TcpPassiveOpens") < x.rose("TcpActiveOpens") {
		return Subject{}
	}
	s := x.subject(x.listenerPID(list[0]))
	s.Local = list[0].at.String()
	return s
}

func (x *index) whoResets(pid int) Message {
	if pid == 0 {
		return Say("who-some-program")
	}
	return x.who(pid)
}

func (x *index) stormRivals(f *Finding) {
	settle := func(cause Cause, counter string, because, open Message) {
		if x.rose(counter)*4 < f.Count {
			f.Excluded = append(f.Excluded, Exclusion{cause, because})
		} else {
			f.Open = append(f.Open, Exclusion{cause, open})
		}
	}
	settle("orphan-limit", "TcpExtTCPAbortOnMemory", Say("not-for-memory"), Say("for-memory"))
	settle("accept-stalled", "TcpExtListenOverflows", Say("no-overflow"), Say("overflow-resets"))
	settle("tuple-clash", "TcpExtTCPSYNChallenge", Say("no-syn-challenged"), Say("syns-challenged"))
	settle("asymmetric-return", "TcpExtEmbryonicRsts", Say("handshakes-not-reset"), Say("handshakes-reset"))
}

// refusing tells whether RSTs answer what belongs to no connection: SYNs to a
// port on which nobody listens, for the most part.
func (x *index) refusing() bool { return x.fast(x.refusals()) && x.refusals() > x.opened() }

// refusals are the RSTs sent beyond those that ended a connection, and those
// for SYN-ACKs that nobody here had asked for cannot be told from them.
func (x *index) refusals() int {
	return max(0, x.rose("TcpOutRsts")-max(x.aborted(), x.rose("TcpEstabResets"))-x.rose("TcpAttemptFails"))
}

func (x *index) refusedFinding() Finding {
	n := x.refusals()
	f := Finding{
		Severity: Notice, Count: n,
		Summary:   Say("resets-refuse", n),
		RefutedBy: Say("resets-refuse-refuted"),
		Fate:      Outlook{Text: Say("resets-refuse-fate")},
		Evidence:  []Evidence{x.counted("TcpOutRsts", "resets-sent"), x.counted("TcpEstabResets", "established-reset")},
		Remedies:  []Remedy{{ID: "see-what-is-refused", Text: Say("remedy-see-refused"), Risk: Say("remedy-look-risk")}},
	}
	x.resetsByReason(&f)
	if syns, synacks := x.refusedSegments(); syns > 0 && synacks == 0 {
		f.out(Say("syns-refused", syns), "asymmetric-return")
	} else {
		f.open(Say("what-is-refused"), "asymmetric-return")
	}
	return f
}

// guessed counts challenge ACKs that no SYN brought forth: answers to a RST
// (or an ACK) that lies in the window and not at its edge, RFC 5961.
func (x *index) guessed() int {
	return max(0, x.rose("TcpExtTCPChallengeACK")-x.rose("TcpExtTCPSYNChallenge"))
}

func (x *index) guessedFinding() Finding {
	n := x.guessed()
	f := Finding{
		Severity: Warning, Count: n,
		Summary:   Say("resets-guessed", n),
		RefutedBy: Say("resets-guessed-refuted"),
		Fate:      Outlook{Text: Say("resets-guessed-fate")},
		Evidence:  []Evidence{x.counted("TcpExtTCPChallengeACK", "challenge-acks")},
		Excluded:  []Exclusion{{"tuple-clash", Say("not-from-syns", x.rose("TcpExtTCPSYNChallenge"))}},
		Remedies: []Remedy{
			{ID: "find-the-sender", Text: Say("remedy-find-sender"), Risk: Say("remedy-look-risk")},
			{ID: "protect-sequence", Text: Say("remedy-protect"), Risk: Say("remedy-protect-risk")},
		},
	}
	if struck := x.struck(); struck > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: sockets, Fact: "segments-without-effect", Value: float64(struck), Unit: "sockets",
			Text: Say("segments-without-effect", struck), Recheck: "ss -tni state established",
		})
	}
	if reset := x.rose("TcpEstabResets"); reset*2 >= n {
		f.Severity = Notice
		f.Open = append(f.Open, Exclusion{"established-dropped", Say("resets-then-accepted", reset)})
	} else {
		f.Excluded = append(f.Excluded, Exclusion{"established-dropped", Say("connections-live")})
	}
	return f
}

// struck counts established connections that got segments in the window which
// moved nothing, and answered them.
func (x *index) struck() (n int) {
	for _, s := range x.byState[tcp.Established] {
		if s.before == nil || !s.now.HasInfo || !s.before.HasInfo || s.moved() || s.now.Unanswered() {
			continue
		}
		if s.now.Info.SegmentsIn > s.before.Info.SegmentsIn && s.now.Info.SegmentsOut > s.before.Info.SegmentsOut {
			n++
		}
	}
	return n
}
