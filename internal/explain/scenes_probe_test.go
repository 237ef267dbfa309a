package explain

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// asks notes a question about the last socket and its answer.
func (l *look) asks(kind evidence.ProbeKind, answer evidence.ProbeAnswer) {
	s := l.last[len(l.last)-1]
	l.b.Probes = append(l.b.Probes, evidence.Probe{Kind: kind, Local: s.Local, Remote: s.Remote, Sent: 2, Answer: answer})
}

// idleAsked are idle connections of hosts of their own on a network, each asked by
// a segment and, where there is a second answer, by an echo.
func (l *look) idleAsked(n int, network string, answers ...evidence.ProbeAnswer) {
	l.listen(128, 0, 0)
	for i := range n {
		l.add(1, tcp.Established, "192.0.2.1:80", fmt.Sprintf("%s.%d:40000", network, 10+i), owned, func(s *host.Socket) { s.Info.LastDataSent = time.Hour })
		for j, answer := range answers {
			l.asks([]evidence.ProbeKind{evidence.ProbeSegment, evidence.ProbeEcho}[j], answer)
		}
	}
}

// wayOut gives the host a way to everywhere.
func (l *look) wayOut() {
	l.b.Routes = []host.Route{
		{Destination: netip.MustParsePrefix("192.0.2.0/24"), Interface: "eth0"},
		{Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.0.2.254"), Interface: "eth0"},
	}
	l.b.Neighbours = []host.Neighbour{{Address: netip.MustParseAddr("192.0.2.254"), Interface: "eth0", State: "REACHABLE"}}
}

// unansweredTo are connections that we dialled and whose data stays unanswered.
func (l *look) unansweredTo(kind evidence.ProbeKind, answer evidence.ProbeAnswer) {
	l.stuck(20*time.Second, halfEnds(evidence.PacketEnd{}, evidence.PacketEnd{Asked: 3, Front: 9, FrontSent: 3}))
	l.first, l.last = l.first[:3], l.last[:3] // without the one that is heard
	l.asks(kind, answer)
}

// probeScenes say the sentences of peers that were asked.
var probeScenes = []func(*look){
	func(l *look) { l.idleAsked(6, "192.0.2", evidence.AnswerReset) },
	func(l *look) {
		l.wayOut()
		l.b.Neighbours[0].State = "FAILED"
		l.idleAsked(6, "198.51.100", evidence.AnswerNone, evidence.AnswerNone)
	},
	func(l *look) {
		l.wayOut()
		l.idleAsked(6, "198.51.100", evidence.AnswerNone, evidence.AnswerNone)
	},
	func(l *look) {
		l.idleAsked(6, "198.51.100", evidence.AnswerNone, evidence.AnswerEcho)
		l.hears(evidence.PacketSocket{})
	},
	func(l *look) { l.idleAsked(120, "198.51.100", evidence.AnswerSegment) },
	func(l *look) { l.unansweredTo(evidence.ProbeConnect, evidence.AnswerNone) },
	func(l *look) { l.unansweredTo(evidence.ProbeConnect, evidence.AnswerAccepted) },
	func(l *look) { l.unansweredTo(evidence.ProbeEcho, evidence.AnswerNone) },
	func(l *look) { l.unansweredTo(evidence.ProbeEcho, evidence.AnswerEcho) },
	func(l *look) {
		l.add(6, tcp.SynSent, "192.0.2.1:40001", "203.0.113.80:80", owned, resent(host.TimerRetransmit))
		l.asks(evidence.ProbeEcho, evidence.AnswerEcho)
	},
	func(l *look) {
		l.wayOut()
		l.halves(halfEnds(evidence.PacketEnd{SYNs: 2}, evidence.PacketEnd{SYNs: 3}))
	},
	func(l *look) {
		l.wayOut()
		l.b.Routes = append(l.b.Routes, host.Route{Destination: netip.MustParsePrefix("11.0.0.0/8"), Interface: "eth1"})
		l.halves(halfEnds(evidence.PacketEnd{SYNs: 2}, evidence.PacketEnd{SYNs: 3}))
	},
}
