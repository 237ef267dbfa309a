package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// hears has the host listen to its packets, and sees this of a server.
func (s *scene) hears(servers ...evidence.PacketServer) *evidence.Packets {
	if s.b.Packets == nil {
		s.b.Packets = &evidence.Packets{Own: true}
		s.b.Sources = append(s.b.Sources, evidence.Source{Name: evidence.SourcePackets, OK: true})
	}
	s.b.Packets.Servers = append(s.b.Packets.Servers, servers...)
	return s.b.Packets
}

// halves adds half-open connections that stay, and what packets show of each.
func (s *scene) halves(n int, show evidence.PacketSocket) {
	p := s.hears()
	for i := range n {
		s.stays(tcp.SynReceived, "192.0.2.1:80", client(i), half, resent(3, host.TimerRetransmit))
		show.Local, show.Remote = at("192.0.2.1:80"), at(client(i))
		p.Sockets = append(p.Sockets, show)
	}
}

// Segments of one direction in the window.
func end(syns, acks int, age float64) evidence.PacketEnd {
	return evidence.PacketEnd{SYNs: syns, ACKs: acks, Age: age, ACKAge: age}
}

// againSent is a client that sends its SYN again behind our SYN-ACKs.
var againSent = evidence.PacketSocket{In: end(2, 0, 1), Out: end(3, 0, 1)}

// turnedAway is the same where the answer leaves by another neighbour.
var turnedAway = evidence.PacketSocket{In: end(2, 0, 1), Out: end(3, 0, 1), Turned: true}

// ownServer is what packets show of port 80.
func ownServer(change func(*evidence.PacketServer)) evidence.PacketServer {
	s := evidence.PacketServer{Local: at("192.0.2.1:80"), Near: evidence.NearServer}
	change(&s)
	return s
}

func TestSYNACKLostByPackets(t *testing.T) {
	lost := verdict{"synack-lost-on-path", Warning, Certain, 8, nil, []Cause{"syn-flood", "ack-lost", "asymmetric-return", "synack-blocked-here", "handshake-withheld"}}
	other := verdict{"asymmetric-return", Warning, Certain, 8, nil, []Cause{"synack-lost-on-path", "syn-flood", "ack-lost"}}
	never := []Cause{"synack-lost-on-path", "asymmetric-return"}
	runScenes(t, []sceneCase{
		{"clients send their SYN again", func(s *scene) { s.web(); s.halves(8, againSent) }, lost, append(never[1:], "unexplained")},
		{"the answer leaves another way", func(s *scene) { s.web(); s.halves(8, turnedAway) }, other, append(never[:1:1], "unexplained")},
		{"other handshakes that leave so complete: the gateway is not why", func(s *scene) {
			s.web()
			s.halves(8, turnedAway)
			s.hears(ownServer(func(p *evidence.PacketServer) { p.Turned = 40 }))
		}, lost, nil},
		{"a virtual router: handshakes with another port of ours complete that way", func(s *scene) {
			s.web()
			s.halves(8, turnedAway)
			s.hears(ownServer(func(p *evidence.PacketServer) {}), evidence.PacketServer{Local: at("192.0.2.1:22"), Near: evidence.NearServer, Turned: 3})
		}, lost, nil},
		{"a hundred SYNs that nobody sends again are none", func(s *scene) {
			s.web()
			s.halves(100, evidence.PacketSocket{Out: end(2, 0, 1)})
		}, verdict{}, never},
		{"the SYN came again before its SYN-ACK left: the queue was full", func(s *scene) {
			s.web()
			s.halves(8, evidence.PacketSocket{In: end(2, 0, 1), Out: evidence.PacketEnd{SYNs: 1, Age: 1, Begin: 1}})
			s.first = s.first[:1] // the listener
		}, verdict{}, never},
		{"no SYN-ACK leaves", func(s *scene) { s.web(); s.halves(8, evidence.PacketSocket{In: end(2, 0, 1)}) }, verdict{}, never},
		{"of a flood, those that packets are told of stand for all", func(s *scene) {
			s.web()
			s.halves(8, againSent)
			for i := range 60 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(100+i), half, resent(3, host.TimerRetransmit))
			}
		}, lost, nil},
		{"four are no pile", func(s *scene) { s.web(); s.halves(4, againSent) }, verdict{}, never},
		{"the captures are of another place", func(s *scene) { s.web(); s.halves(8, againSent); s.b.Packets.Own = false }, verdict{}, never},
	})
}

// web listens on port 80.
func (s *scene) web() { s.listens("192.0.2.1:80", 128, queue(0)) }

func TestAnswersThatComeBackAsResets(t *testing.T) {
	rejected := func(n, turned, healthy int) func(*scene) {
		return func(s *scene) {
			s.web()
			s.rises("TcpExtEmbryonicRsts", int64(n))
			s.hears(ownServer(func(p *evidence.PacketServer) { p.Rejected, p.RejectedTurned, p.Turned = n, turned, healthy }))
		}
	}
	never := []Cause{"asymmetric-return"}
	runScenes(t, []sceneCase{
		{"DNAT without SNAT", rejected(12, 12, 0), verdict{"asymmetric-return", Warning, Certain, 12, nil, []Cause{"synack-lost-on-path"}}, nil},
		{"a half-open scan that resets", rejected(12, 0, 0), verdict{}, never},
		{"others complete that way", rejected(12, 12, 3), verdict{}, never},
	})
}

func TestACKLostByPackets(t *testing.T) {
	ignored := evidence.PacketSocket{In: end(0, 2, 3), Out: end(1, 0, 3)}
	silent := func(bare bool, syns int) evidence.PacketSocket {
		in := end(syns, 0, 4)
		in.Bare = bare
		return evidence.PacketSocket{In: in, Out: end(2, 0, 1)}
	}
	// those whose SYN is in the window are younger than it
	young := func(bare bool) func(*scene) {
		return func(s *scene) {
			s.web()
			s.halves(6, silent(bare, 1))
			s.first = s.first[:1] // the listener
		}
	}
	both := []Cause{"handshake-withheld"}
	runScenes(t, []sceneCase{
		{"the ACK comes and is dropped here", func(s *scene) { s.web(); s.halves(6, ignored) },
			verdict{"ack-lost", Critical, Certain, 6, nil, []Cause{"handshake-withheld", "accept-stalled", "deferred-accept"}}, []Cause{"handshake-withheld", "unexplained"}},
		{"the accept queue is full: then ACKs are ignored too", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.halves(6, ignored)
		}, verdict{}, []Cause{"ack-lost"}},
		{"the listener defers", func(s *scene) { s.web(); s.halves(6, ignored); s.rises("TcpExtTCPDeferAcceptDrop", 6) }, verdict{}, []Cause{"ack-lost"}},
		{"an ACK that acknowledges something else: TCP resets", func(s *scene) {
			s.web()
			s.halves(6, evidence.PacketSocket{In: end(0, 2, 3), Out: evidence.PacketEnd{SYNs: 1, Resets: 1, Age: 3}})
		}, verdict{}, []Cause{"ack-lost"}},
		{"the ACK came behind the look at the sockets", func(s *scene) {
			s.web()
			s.halves(6, evidence.PacketSocket{In: end(1, 1, -1), Out: end(1, 0, 0.1)})
		}, verdict{}, []Cause{"ack-lost"}},
		{"the ACK came this instant", func(s *scene) {
			s.web()
			s.halves(6, evidence.PacketSocket{In: end(0, 1, 0.05), Out: end(1, 0, 0.1)})
		}, verdict{}, []Cause{"ack-lost"}},
		{"silence: lost on the way, or never sent", func(s *scene) { s.web(); s.halves(6, silent(false, 0)) },
			verdict{"ack-lost", Warning, Possible, 6, both, []Cause{"synack-lost-on-path", "synack-blocked-here"}}, nil},
		{"silence, the same from the other side", func(s *scene) { s.web(); s.halves(6, silent(false, 0)) },
			verdict{"handshake-withheld", Notice, Possible, 6, []Cause{"ack-lost"}, nil}, nil},
		{"silence, where packets came too fast to be seen", func(s *scene) { s.web(); s.halves(6, silent(false, 0)); s.b.Packets.Dropped = 1 }, verdict{}, append(both, "ack-lost")},
		{"SYNs that no system sends", young(true), verdict{"handshake-withheld", Warning, Probable, 6, nil, []Cause{"ack-lost"}}, []Cause{"ack-lost"}},
		{"SYNs of common systems", young(false), verdict{"ack-lost", Warning, Possible, 6, both, nil}, []Cause{"handshake-withheld"}},
	})
}

// TestFloodByPackets: with tcp_syncookies=2 no socket shows a flood, and its
// packets do.
func TestFloodByPackets(t *testing.T) {
	always := func(change func(*evidence.PacketServer)) func(*scene) {
		return func(s *scene) {
			s.web()
			s.rises("TcpExtTCPReqQFullDoCookies", 5000)
			s.rises("TcpExtSyncookiesSent", 5000)
			s.rises("TcpExtSyncookiesRecv", 3)
			s.hears(ownServer(func(p *evidence.PacketServer) {
				p.Once, p.Attempts, p.OnceAnswered, p.OnceYoung = capturedGroup(3000, 3000), 3003, 3000, 500
				change(p)
			}))
		}
	}
	settled := []Cause{"syn-flood-from-prefix", "synack-lost-on-path", "asymmetric-return", "ack-lost"}
	runScenes(t, []sceneCase{
		{"from everywhere, each SYN once", always(func(*evidence.PacketServer) {}), verdict{"syn-flood", Warning, Certain, 5000, nil, settled}, nil},
		{"from one network: not told apart here", always(func(p *evidence.PacketServer) { p.Once.Networks, p.Once.Most = 1, 3000 }),
			verdict{"syn-flood", Warning, Possible, 5000, settled, nil}, nil},
	})
}

// TestQueueFullForMoments: no look meets a full queue, and packets show clients
// that got through at their second SYN.
func TestQueueFullForMoments(t *testing.T) {
	crowd := func(retried int) func(*scene) {
		return func(s *scene) {
			s.web()
			s.rises("TcpExtTCPReqQFullDrop", 80)
			s.rises("TcpPassiveOpens", 90)
			s.hears(ownServer(func(p *evidence.PacketServer) { p.Attempts, p.Completed, p.Retried = 150, 90, retried }))
		}
	}
	runScenes(t, []sceneCase{
		{"clients come again and get through", crowd(40), verdict{"syn-queue-too-small", Critical, Certain, 80, nil, []Cause{"syn-flood", "accept-backlog-too-small"}}, nil},
		{"nobody whose SYN was dropped comes again", crowd(0), verdict{}, []Cause{"syn-queue-too-small"}},
	})
}

func TestHairpin(t *testing.T) {
	attempts := func(show evidence.PacketSocket) func(*scene) {
		return func(s *scene) {
			p := s.hears()
			for i := range 6 {
				local := at("192.0.2.1:40000")
				show.Local = at(local.Addr().String() + ":4000" + string(rune('0'+i)))
				show.Remote = at("203.0.113.80:80")
				s.stays(tcp.SynSent, show.Local.String(), "203.0.113.80:80", s.heldBy(programPID), resent(3, host.TimerRetransmit))
				p.Sockets = append(p.Sockets, show)
			}
		}
	}
	runScenes(t, []sceneCase{
		{"our own SYN comes back", attempts(evidence.PacketSocket{Out: end(3, 0, 1), Hairpin: true}),
			verdict{"hairpin-source-dropped", Warning, Certain, 6, nil, []Cause{"target-filtered", "synack-dropped-here"}}, []Cause{"target-filtered", "synack-dropped-here"}},
		{"this host translates the address to its own: nothing leaves", attempts(evidence.PacketSocket{Hairpin: true}), verdict{}, []Cause{"hairpin-source-dropped"}},
		{"nothing comes back", attempts(evidence.PacketSocket{Out: end(3, 0, 1)}), verdict{}, []Cause{"hairpin-source-dropped"}},
	})
}

// stuck adds connections whose text is not acknowledged, and their packets.
func (s *scene) stuck(n int, out, in evidence.PacketEnd, edits ...edit) {
	p := s.hears()
	for i := range n {
		local := at("192.0.2.1:40001")
		show := evidence.PacketSocket{Local: at(local.Addr().String() + ":4100" + string(rune('0'+i))), Remote: at("198.51.100.7:5432"), Out: out, In: in}
		s.stays(tcp.Established, show.Local.String(), "198.51.100.7:5432", append([]edit{
			s.heldBy(programPID), heard(20 * time.Second), resent(5, host.TimerRetransmit), backoff(5), unsent(100),
		}, edits...)...)
		p.Sockets = append(p.Sockets, show)
	}
}

func TestStuckByPackets(t *testing.T) {
	again := evidence.PacketEnd{ACKs: 3, Asked: 3, Front: 1448, FrontSent: 3, Passed: 100}
	short, large := again, again
	short.Front, large.FreshAge = 100, 8.2
	silence, heartbeat, shutWindow := evidence.PacketEnd{}, end(0, 10, 0.4), evidence.PacketEnd{ACKs: 5, ShutTimes: 5}
	alive := func(s *scene) { // the same host answers on another connection
		s.stays(tcp.Established, "192.0.2.1:40999", "198.51.100.7:5432", s.heldBy(programPID), heard(time.Second))
	}
	runScenes(t, []sceneCase{
		{"large segments vanish, the peer is heard", func(s *scene) { s.stuck(3, again, heartbeat, heard(time.Second)) },
			verdict{"path-mtu-black-hole", Warning, Certain, 3, nil, []Cause{"peer-vanished", "established-dropped", "peer-not-reading"}}, []Cause{"peer-vanished"}},
		{"it was heard before the text only", func(s *scene) { s.stuck(3, large, end(0, 9, 8.1), heard(8*time.Second)) }, verdict{}, []Cause{"path-mtu-black-hole"}},
		{"small ones are sent again too", func(s *scene) { s.stuck(3, short, heartbeat, heard(time.Second)) }, verdict{}, []Cause{"path-mtu-black-hole"}},
		{"its window is shut", func(s *scene) { s.stuck(3, again, shutWindow, heard(time.Second)) }, verdict{}, []Cause{"path-mtu-black-hole"}},
		{"nothing comes, others to the same host work", func(s *scene) { s.stuck(3, short, silence); alive(s) },
			verdict{"established-dropped", Warning, Certain, 3, nil, []Cause{"peer-vanished", "path-mtu-black-hole"}}, []Cause{"peer-vanished"}},
		{"they dialled us: their address may be a NAT, and one of the hosts behind it asleep", func(s *scene) {
			s.listens("192.0.2.1:41000", 128, queue(0))
			s.stuck(3, short, silence)
			alive(s)
		}, verdict{"established-dropped", Warning, Possible, 3, []Cause{"peer-vanished"}, []Cause{"path-mtu-black-hole"}}, nil},
		{"the same with full segments: perhaps their size", func(s *scene) { s.stuck(3, again, silence, unsent(64000)); alive(s) },
			verdict{"established-dropped", Warning, Possible, 3, []Cause{"path-mtu-black-hole"}, nil}, nil},
		{"nothing comes from the host at all", func(s *scene) { s.stuck(3, short, silence) },
			verdict{"peer-vanished", Warning, Possible, 3, []Cause{"established-dropped"}, nil}, []Cause{"established-dropped", "path-mtu-black-hole"}},
	})
}
