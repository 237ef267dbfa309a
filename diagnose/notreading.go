package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// peerNotReading: our data waits because the peer says that it has no room. Its
// kernel answers every probe, so the connection lives; its program does not
// read. The peer may have finished sending: then our side is in CLOSE-WAIT.
func peerNotReading(x *index) []Finding {
	return append(x.notReading(tcp.Established), x.notReading(tcp.CloseWait)...)
}

func (x *index) notReading(state tcp.State) []Finding {
	groups := map[leak]*held{}
	var order []*held
	for _, s := range x.byState[state] {
		if !x.behindWindow(s) || s.moved() || s.now.Inode == 0 || !probesAnswered([]seen{s}) {
			continue
		}
		key := x.leakOf(s.now, x.owner(s.now))
		if groups[key] == nil {
			groups[key] = &held{leak: key}
			order = append(order, groups[key])
		}
		groups[key].sockets = append(groups[key].sockets, s)
	}
	findings := make([]Finding, 0, len(order))
	for _, g := range order {
		x.claim(g.sockets)
		findings = append(findings, x.notReadingFinding(state, g))
	}
	return findings
}

func (x *index) notReadingFinding(state tcp.State, g *held) Finding {
	unsent, peers := 0, distinct(g.sockets, func(s *host.Socket) netip.Addr { return s.Remote.Addr() })
	for _, s := range g.sockets {
		unsent += int(s.now.SendQueue)
	}
	check := "ss -tnpoi state " + kebab(state)
	if peers == 1 {
		check += " dst " + ssHost(g.sockets[0].now.Remote.Addr())
	}
	f := Finding{
		State: state, Severity: leakSeverity(len(g.sockets), false), Count: len(g.sockets), Subject: x.subject(g.pid),
		Summary:   x.notReadingSummary(g, peers),
		RefutedBy: Say("peer-not-reading-refuted"),
		Fate:      Outlook{Text: Say("peer-not-reading-fate"), Forever: true},
		Evidence: []Evidence{{
			Source: sockets, Fact: "zero-window", Value: float64(unsent), Unit: "bytes",
			Text: Say("zero-window", len(g.sockets), unsent), Recheck: check,
		}},
		Excluded: []Exclusion{
			{"peer-vanished", Say("probes-answered")},
			{"established-dropped", Say("probes-answered")},
			{"path-mtu-black-hole", Say("window-shut")},
		},
		Remedies: x.notReadingRemedies(state, g, peers),
	}
	if x.rose("TcpExtTCPWinProbe") > 0 {
		f.Evidence = append(f.Evidence, x.counted("TcpExtTCPWinProbe", "window-probes"))
	}
	g.about(&f.Subject)
	if peers == 1 && f.Subject.Peer == "" {
		f.Subject.Peer = g.sockets[0].now.Remote.Addr().String()
	}
	x.readerHere(&f, g)
	return f
}

func (x *index) notReadingSummary(g *held, peers int) Message {
	if peers == 1 {
		return Say("peer-not-reading", g.sockets[0].now.Remote.Addr().String(), len(g.sockets), x.who(g.pid))
	}
	return Say("peers-not-reading", peers, len(g.sockets), x.who(g.pid))
}

// readerHere names the program at the other end when it is on this host: that
// is the one to act on.
func (x *index) readerHere(f *Finding, g *held) {
	other := x.otherEnd(g.sockets[0].now)
	if other == nil || x.owner(other) == 0 {
		return
	}
	reader := x.subject(x.owner(other))
	reader.Local, reader.Peer = f.Subject.Local, f.Subject.Peer
	f.Subject = reader
	f.Evidence = append(f.Evidence, Evidence{
		Source: sockets, Fact: "reader-here", Value: float64(other.RecvQueue), Unit: "bytes",
		Text: Say("reader-here", x.who(x.owner(other)), int(other.RecvQueue)), Recheck: "ss -tnp dst " + ssTarget(other.Remote),
	})
}

func (x *index) notReadingRemedies(state tcp.State, g *held, peers int) []Remedy {
	remedies := []Remedy{
		{ID: "peer-must-read", Text: Say("remedy-peer-must-read"), Risk: Say("remedy-fix-close-risk")},
		{ID: "bound-the-wait", Text: Say("remedy-bound-write"), Risk: Say("remedy-bound-write-risk")},
	}
	if peers <= fewPeers {
		remedies = append(remedies, typed("kill-not-reading", Say("remedy-kill-dead"), Say("remedy-kill-unacked-risk"), x.endSockets(g.sockets)...))
	}
	return remedies
}

// probeGap is the time between the last probe and the next.
func probeGap(s *host.Socket) time.Duration {
	return min(max(s.Info.RTO, 200*time.Millisecond)<<min(s.Info.Backoff, 10), 2*time.Minute)
}
