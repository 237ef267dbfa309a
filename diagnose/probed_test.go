package diagnose

import (
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// idleTo adds idle connections from a listener to one peer, whose segment and
// echo, if any was sent, got these answers.
func (s *scene) idleTo(n int, peer string, answers ...evidence.ProbeAnswer) {
	for i := range n {
		remote := netip.AddrPortFrom(ip(peer), uint16(40000+i)).String()
		s.stays(tcp.Established, "192.0.2.1:88", remote, s.heldBy(programPID), heard(time.Hour), func(sk *host.Socket) { sk.Info.LastDataSent = time.Hour })
		kinds := []evidence.ProbeKind{evidence.ProbeSegment, evidence.ProbeEcho}
		for j, answer := range answers {
			s.asks(kinds[j], "192.0.2.1:88", remote, answer)
		}
	}
}

func (s *scene) asks(kind evidence.ProbeKind, local, remote string, answer evidence.ProbeAnswer) {
	s.b.Probes = append(s.b.Probes, evidence.Probe{Kind: kind, Local: at(local), Remote: at(remote), Sent: 2, Answer: answer})
}

const (
	none  = evidence.AnswerNone
	alive = evidence.AnswerSegment
	reset = evidence.AnswerReset
	echo  = evidence.AnswerEcho
)

func TestIdlePeersThatWereAsked(t *testing.T) {
	never := []Cause{"peer-vanished", "established-dropped"}
	dead := func(severity Severity, n int) verdict {
		return verdict{"peer-vanished", severity, Certain, n, nil, []Cause{"established-dropped", "path-mtu-black-hole", "peer-not-reading"}}
	}
	maybe := func(n int) verdict {
		return verdict{"peer-vanished", Notice, Possible, n, []Cause{"established-dropped"}, nil}
	}
	runScenes(t, []sceneCase{
		{"all answer", func(s *scene) { s.web88(); s.idleTo(6, "198.51.100.7", alive) }, verdict{}, never},
		{"nobody asked", func(s *scene) { s.web88(); s.idleTo(6, "198.51.100.7") }, verdict{}, never},
		{"RST", func(s *scene) { s.web88(); s.idleTo(6, "198.51.100.7", reset) }, dead(Warning, 6), nil},
		{"two are few", func(s *scene) { s.web88(); s.idleTo(2, "198.51.100.7", reset) }, dead(Notice, 2), nil},
		{"silence on our own link: a firewall of the host, perhaps", func(s *scene) { s.web88(); s.idleTo(6, "192.0.2.7", none, none) }, maybe(6), nil},
		{"and the link layer is not answered", func(s *scene) {
			s.web88()
			s.idleTo(6, "192.0.2.7", none, none)
			s.neighbour("192.0.2.7", "FAILED")
		}, dead(Warning, 6), nil},
		{"a router says that there is no way", func(s *scene) { s.web88(); s.idleTo(6, "198.51.100.7", evidence.AnswerUnreachable) }, dead(Warning, 6), nil},
		{"silence behind a router", func(s *scene) { s.web88(); s.idleTo(6, "198.51.100.7", none, none) }, maybe(6), nil},
		{"the gateway is silent too", func(s *scene) {
			s.web88()
			s.idleTo(6, "198.51.100.7", none, none)
			s.b.Neighbours[0].State = "FAILED"
		}, dead(Warning, 6), nil},
		{"no echo was sent", func(s *scene) { s.web88(); s.idleTo(6, "192.0.2.7", none) }, maybe(6), nil},
		{"used since", func(s *scene) {
			s.web88()
			s.idleTo(6, "192.0.2.7", none, none)
			for i := range s.last[1:] {
				s.last[1+i].Info.BytesReceived++
			}
		}, verdict{}, never},
	})
}

// web88 listens on port 88.
func (s *scene) web88() { s.listens("0.0.0.0:88", 128, queue(0)) }

func TestIdlePeersThatEcho(t *testing.T) {
	s := quietHost()
	s.web88()
	s.idleTo(6, "198.51.100.7", none, echo)
	s.hears()
	verdict{"established-dropped", Notice, Possible, 6, []Cause{"peer-vanished"}, []Cause{"peer-not-reading"}}.check(t, only(t, s.diagnose(), "established-dropped"))
}

// The finding on missing keepalive says how many peers are there.
func TestNoKeepaliveSaysWhoLives(t *testing.T) {
	s := quietHost()
	s.web88()
	s.idleTo(100, "198.51.100.7")
	s.idleTo(20, "198.51.100.8", alive)
	s.idleTo(10, "198.51.100.9", reset)
	report := s.diagnose()
	f := one(t, report, "no-keepalive")
	if e, ok := fact(f, "peers-alive"); f.Count != 130 || !ok || e.Value != 20 || e.Text.String() != "peers-asked[20 30]" {
		t.Errorf("%d sockets, %+v", f.Count, f.Evidence)
	}
	if f := one(t, report, "peer-vanished"); f.Count != 10 {
		t.Errorf("%d are dead, 10 were reset", f.Count)
	}
}

func TestUnansweredPeersThatWereAsked(t *testing.T) {
	const peer = "198.51.100.7:5432"
	asked := func(kind evidence.ProbeKind, answer evidence.ProbeAnswer) func(*scene) {
		return func(s *scene) {
			s.silent(3, peer)
			s.asks(kind, "192.0.2.1:40001", peer, answer)
		}
	}
	open := verdict{"peer-vanished", Warning, Possible, 3, []Cause{"established-dropped"}, nil}
	gone := verdict{"peer-vanished", Warning, Certain, 3, nil, []Cause{"established-dropped", "path-mtu-black-hole"}}
	never := []Cause{"peer-vanished"}
	runScenes(t, []sceneCase{
		{"a new connection gets no answer either", asked(evidence.ProbeConnect, none), gone, nil},
		{"a router says that there is no way", asked(evidence.ProbeConnect, evidence.AnswerUnreachable), gone, nil},
		{"a new connection stands", asked(evidence.ProbeConnect, evidence.AnswerAccepted), verdict{}, never},
		{"a new connection is refused", asked(evidence.ProbeConnect, reset), verdict{}, never},
		{"an echo comes back, which proves little", asked(evidence.ProbeEcho, echo), open, nil},
		{"no echo comes back, which proves little", asked(evidence.ProbeEcho, none), open, nil},
	})
}

// With packets the flows that are dropped are named, and the new connection is why.
func TestNewConnectionSettlesDropped(t *testing.T) {
	s := quietHost()
	again := evidence.PacketEnd{ACKs: 3, Asked: 3, Front: 100, FrontSent: 3, Passed: 100}
	s.stuck(4, again, evidence.PacketEnd{})
	s.asks(evidence.ProbeConnect, s.last[0].Local.String(), "198.51.100.7:5432", evidence.AnswerAccepted)
	f := one(t, s.diagnose(), "established-dropped")
	verdict{"established-dropped", Warning, Certain, 4, nil, []Cause{"peer-vanished"}}.check(t, f)
	if e, ok := fact(f, "new-connection"); !ok || e.Value != 1 {
		t.Errorf("%+v", f.Evidence)
	}
}

func TestEchoOfASilentTarget(t *testing.T) {
	for answer, filtered := range map[evidence.ProbeAnswer]bool{echo: true, none: false} {
		s := quietHost()
		s.dials(3, target)
		s.asks(evidence.ProbeEcho, "192.0.2.1:40001", target, answer)
		f := one(t, s.diagnose(), "target-filtered")
		if has(f.Excluded, "target-dead") != filtered || has(f.Open, "target-dead") == filtered {
			t.Errorf("echo %q: excluded %v, open %v", answer, f.Excluded, f.Open)
		}
	}
}

func TestWayBackIsSaid(t *testing.T) {
	s := quietHost()
	s.web()
	s.halves(8, againSent)
	s.asks(evidence.ProbeEcho, "192.0.2.1:80", s.last[1].Remote.String(), echo)
	f := one(t, s.diagnose(), "synack-lost-on-path")
	way, ok := fact(f, "way-back")
	if _, echoed := fact(f, "echo-answered"); !ok || !echoed || way.Value != 1 || way.Text.Args[1] != "192.0.2.254" || way.Text.Args[2] != "REACHABLE" {
		t.Errorf("%+v", f.Evidence)
	}
}
