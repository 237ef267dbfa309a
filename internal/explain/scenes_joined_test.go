package explain

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// hears has the host listen to its packets: each socket in trouble shows this.
func (l *look) hears(show evidence.PacketSocket, servers ...evidence.PacketServer) {
	l.b.Sources = append(l.b.Sources, evidence.Source{Name: evidence.SourcePackets, OK: true})
	l.b.Packets = &evidence.Packets{Own: true, Servers: servers}
	for _, s := range l.last {
		if s.State != tcp.Listen {
			show.Local, show.Remote = s.Local, s.Remote
			l.b.Packets.Sockets = append(l.b.Packets.Sockets, show)
		}
	}
}

// halves are half-open connections that stay, and what packets show of each.
func (l *look) halves(show evidence.PacketSocket) {
	l.listen(128, 0, 0)
	l.add(8, tcp.SynReceived, "192.0.2.1:80", "", unowned, func(s *host.Socket) { s.Kind, s.Retransmits, s.Timer = host.Request, 3, host.TimerRetransmit })
	l.hears(show)
}

func halfEnds(in, out evidence.PacketEnd) evidence.PacketSocket {
	return evidence.PacketSocket{In: in, Out: out}
}

// stuck are connections whose text is not acknowledged.
func (l *look) stuck(ago time.Duration, show evidence.PacketSocket) {
	l.add(3, tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", owned, func(s *host.Socket) {
		s.Retransmits, s.Timer, s.SendQueue, s.Info.LastAckRecv, s.Info.LastDataRecv = 5, host.TimerRetransmit, 100, ago, ago
	})
	l.hears(show)
	l.add(1, tcp.Established, "192.0.2.1:40099", "198.51.100.7:5432", owned, func(s *host.Socket) { s.Info.LastAckRecv, s.Info.LastDataRecv = time.Second, time.Second })
}

// joinedScenes say the sentences of packets and sockets together.
var joinedScenes = []func(*look){
	func(l *look) {
		l.halves(halfEnds(evidence.PacketEnd{SYNs: 2}, evidence.PacketEnd{SYNs: 3}))
	},
	func(l *look) {
		l.halves(evidence.PacketSocket{In: evidence.PacketEnd{SYNs: 2}, Out: evidence.PacketEnd{SYNs: 3}, Unplaced: true})
	},
	func(l *look) {
		l.halves(evidence.PacketSocket{In: evidence.PacketEnd{SYNs: 2}, Out: evidence.PacketEnd{SYNs: 3}, Turned: true})
	},
	func(l *look) {
		l.halves(evidence.PacketSocket{In: evidence.PacketEnd{SYNs: 2}, Out: evidence.PacketEnd{SYNs: 3}, Turned: true})
		l.b.Packets.Servers = []evidence.PacketServer{{Local: netip.MustParseAddrPort("192.0.2.1:22"), Near: evidence.NearServer, Turned: 3}}
	},
	func(l *look) {
		l.listen(128, 0, 0)
		l.rises("TcpExtEmbryonicRsts", 9)
		l.hears(evidence.PacketSocket{}, evidence.PacketServer{Local: netip.MustParseAddrPort("192.0.2.1:80"), Near: evidence.NearServer, Rejected: 9, RejectedTurned: 9})
	},
	func(l *look) {
		l.halves(halfEnds(evidence.PacketEnd{ACKs: 2, ACKAge: 3}, evidence.PacketEnd{SYNs: 1}))
	},
	func(l *look) {
		l.halves(halfEnds(evidence.PacketEnd{ACKs: 2, ACKAge: 3}, evidence.PacketEnd{SYNs: 1}))
		l.b.Firewall = []host.FilterRule{{Family: "inet", Table: "fw", Chain: "in", Handle: 7, Hook: "input", Verdict: "drop", Counted: true, Packets: 90, Moved: 9}}
	},
	func(l *look) {
		l.halves(halfEnds(evidence.PacketEnd{ACKs: 2, ACKAge: 3}, evidence.PacketEnd{SYNs: 1}))
		l.b.Firewall = []host.FilterRule{{Family: "inet", Table: "fw", Chain: "in", Handle: 7, Hook: "input", Verdict: "drop"}}
	},
	func(l *look) {
		l.halves(halfEnds(evidence.PacketEnd{}, evidence.PacketEnd{SYNs: 2}))
	},
	func(l *look) {
		l.halves(halfEnds(evidence.PacketEnd{SYNs: 1, Age: 4, Bare: true}, evidence.PacketEnd{SYNs: 2}))
		l.first = l.first[:1]
	},
	func(l *look) {
		l.add(6, tcp.SynSent, "192.0.2.1:40001", "203.0.113.80:80", owned, resent(host.TimerRetransmit))
		l.hears(evidence.PacketSocket{Out: evidence.PacketEnd{SYNs: 3}, Hairpin: true})
	},
	func(l *look) {
		l.dropped()
		l.hears(halfEnds(evidence.PacketEnd{SYNs: 3}, evidence.PacketEnd{SYNs: 3}))
		l.rises("IpInReceives", 100)
		l.rises("IpInDelivers", 40)
		l.rises("TcpExtTCPSynRetrans", 30)
	},
	func(l *look) {
		l.stuck(time.Second, halfEnds(evidence.PacketEnd{ACKs: 9}, evidence.PacketEnd{Asked: 3, Front: 1448, FrontSent: 3}))
	},
	func(l *look) {
		l.stuck(20*time.Second, halfEnds(evidence.PacketEnd{}, evidence.PacketEnd{Asked: 3, Front: 9, FrontSent: 3}))
	},
	func(l *look) {
		l.stuck(20*time.Second, halfEnds(evidence.PacketEnd{ACKs: 3, Age: 1}, evidence.PacketEnd{Asked: 3, Front: 9, FrontSent: 3}))
		l.b.Firewall = []host.FilterRule{{Family: "inet", Table: "fw", Chain: "in", Handle: 7, Hook: "input", Verdict: "drop", Counted: true, Packets: 90, Moved: 9}}
	},
	func(l *look) {
		service := netip.MustParseAddrPort("203.0.113.80:80")
		l.add(1, tcp.SynSent, "192.0.2.1:40001", service.String(), owned, resent(host.TimerRetransmit))
		stuck := l.last[len(l.last)-1].Local
		l.b.Conntrack = []host.Tracked{
			{From: stuck, To: service, ReplyFrom: service, ReplyTo: stuck, Opening: true},
			{From: netip.MustParseAddrPort("192.0.2.1:40002"), To: service, ReplyFrom: netip.MustParseAddrPort("192.0.2.2:8080")},
		}
		l.b.Sources = append(l.b.Sources, evidence.Source{Name: evidence.SourceConntrack, OK: true})
		l.add(1, tcp.Established, "192.0.2.1:40002", service.String(), owned, nil)
	},
	func(l *look) {
		service, gone := netip.MustParseAddrPort("203.0.113.80:80"), netip.MustParseAddrPort("192.0.2.1:40002")
		l.add(1, tcp.SynSent, "192.0.2.1:40001", service.String(), owned, resent(host.TimerRetransmit))
		stuck := l.last[len(l.last)-1].Local
		l.b.Conntrack = []host.Tracked{
			{From: stuck, To: service, ReplyFrom: service, ReplyTo: stuck, Opening: true},
			{From: gone, To: service, ReplyFrom: netip.MustParseAddrPort("192.0.2.2:8080"), ReplyTo: gone},
		}
		l.b.Sources = append(l.b.Sources, evidence.Source{Name: evidence.SourceConntrack, OK: true})
		l.add(1, tcp.TimeWait, gone.String(), service.String(), unowned, func(s *host.Socket) { s.Kind = host.TimeWaitKind })
	},
	func(l *look) {
		l.add(1, tcp.Listen, "0.0.0.0:40001", "0.0.0.0:0", owned, nil)
		l.stuck(20*time.Second, halfEnds(evidence.PacketEnd{}, evidence.PacketEnd{Asked: 3, Front: 9, FrontSent: 3}))
	},
	func(l *look) {
		l.listen(128, 0, 0)
		l.add(6, tcp.SynReceived, "192.0.2.1:80", "", unowned, request)
		l.first = l.first[:1]
		l.rises("TcpExtTCPTimeouts", 20)
		l.hears(halfEnds(evidence.PacketEnd{SYNs: 1}, evidence.PacketEnd{}))
	},
	func(l *look) {
		l.listen(8, 0, 0)
		l.rises("TcpExtTCPReqQFullDrop", 80)
		l.rises("TcpPassiveOpens", 90)
		l.hears(evidence.PacketSocket{}, evidence.PacketServer{Local: netip.MustParseAddrPort("192.0.2.1:80"), Near: evidence.NearServer, Completed: 90, Retried: 40})
	},
}
