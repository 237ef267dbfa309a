package diagnose

import (
	"fmt"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const deadHost = "192.0.2.99:81"

// nobodyThere are attempts that end soon, as the neighbour does not answer.
func (s *scene) nobodyThere(n int) {
	for i := range n {
		s.goes(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 41000+i), deadHost, s.heldBy(programPID))
		s.comes(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 42000+i), deadHost, s.heldBy(programPID), resent(1, host.TimerRetransmit))
	}
	s.neighbour("192.0.2.99", "FAILED")
}

func TestTargetDead(t *testing.T) {
	certain := verdict{"target-dead", Warning, Certain, 3, nil, []Cause{"target-filtered", "synack-dropped-here", "scanning"}}
	never := []Cause{"target-dead"}
	icmp := func(s *scene) {
		s.nobodyThere(3)
		s.b.Neighbours[len(s.b.Neighbours)-1].State = "STALE"
		s.rises("IcmpInDestUnreachs", 9)
		s.rises("TcpAttemptFails", 9)
	}
	runScenes(t, []sceneCase{
		{"nobody on our link", func(s *scene) { s.nobodyThere(3) }, certain, []Cause{"target-filtered", "unexplained"}},
		{"a router says so", icmp, certain, []Cause{"target-filtered"}},
		{"a router says so, and limits its errors", func(s *scene) {
			s.dials(3, "198.51.100.9:81")
			s.rises("IcmpInDestUnreachs", 1)
			s.rises("TcpAttemptFails", 1)
		}, certain, nil},
		{"errors, and another host is dialled too whose attempts last", func(s *scene) {
			icmp(s)
			s.dials(3, "198.51.100.9:81")
		}, certain, nil},
		{"the last look falls between two attempts", func(s *scene) {
			icmp(s)
			s.last = nil
		}, verdict{"target-dead", Warning, Certain, 1, nil, []Cause{"target-filtered"}}, nil},
		{"a scan that ended between the looks", func(s *scene) {
			for i := range 40 {
				s.goes(tcp.SynSent, "192.0.2.1:41000", fmt.Sprintf("198.51.100.%d:81", i), s.heldBy(programPID))
			}
			s.rises("IcmpInDestUnreachs", 9)
			s.rises("TcpAttemptFails", 9)
		}, verdict{}, never},
		{"attempts ended between the looks, and errors are few", func(s *scene) {
			icmp(s)
			s.last = nil
			s.rises("IcmpInDestUnreachs", 1)
			s.b.Neighbours = s.b.Neighbours[:1]
		}, verdict{}, never},
		{"the host lives", func(s *scene) { s.nobodyThere(3); s.livesNearby("192.0.2.99:22") }, verdict{}, never},
		{"no error and no neighbour: silently dropped", func(s *scene) { s.dials(3, "198.51.100.9:81") }, verdict{}, never},
	})
}

// answersDropped: as many packets are dropped as SYNs are sent again.
func (s *scene) answersDropped(n int) {
	s.dials(n, "198.51.100.7:81")
	s.rises("TcpExtTCPSynRetrans", int64(4*n))
	s.rises("IpInReceives", int64(100+4*n))
	s.rises("IpInDelivers", 100)
}

func TestSynAckDroppedHere(t *testing.T) {
	never := []Cause{"synack-dropped-here"}
	runScenes(t, []sceneCase{
		{"own input drops them", func(s *scene) { s.answersDropped(6) },
			verdict{"synack-dropped-here", Warning, Certain, 6, nil, []Cause{"target-filtered", "target-dead", "hairpin-source-dropped"}}, []Cause{"target-filtered"}},
		{"reverse path filtering", func(s *scene) { s.answersDropped(6); s.rises("TcpExtIPReversePathFilter", 24) },
			verdict{"synack-dropped-here", Warning, Certain, 6, nil, []Cause{"hairpin-source-dropped"}}, nil},
		{"we listen too: perhaps through a balancer back to us", func(s *scene) { s.listens("0.0.0.0:8080", 128, queue(0)); s.answersDropped(6) },
			verdict{"synack-dropped-here", Warning, Possible, 6, []Cause{"hairpin-source-dropped"}, nil}, nil},
		{"hardly anything is dropped", func(s *scene) { s.answersDropped(6); s.rises("IpInReceives", 105) }, verdict{}, never},
		{"the SYNs do not leave", func(s *scene) { s.answersDropped(6); s.rises("TcpExtTCPRetransFail", 24) }, verdict{}, never},
	})
}

// overloads are our own clients of a listener that does not accept.
func (s *scene) overloads(n int) {
	s.listens("127.0.0.1:80", 2, queue(3))
	s.waiting("127.0.0.1:80", 0, 3)
	s.rises("TcpExtListenOverflows", int64(n))
	s.dials(n, "127.0.0.1:80")
}

func TestTargetOverloaded(t *testing.T) {
	s := quietHost()
	s.overloads(5)
	report := s.diagnose()
	f := one(t, report, "target-overloaded")
	if f.BecauseOf != "accept-stalled" || f.Count != 5 || f.Confidence != Certain || f.Subject.Local != "127.0.0.1:80" {
		t.Errorf("%+v", f)
	}
	if len(report.Findings) != 2 || report.Findings[1].Cause != "target-overloaded" {
		t.Errorf("the consequence follows its root: %s", causesOf(report))
	}
	room := quietHost()
	room.listens("127.0.0.1:80", 128, queue(3))
	room.dials(5, "127.0.0.1:80")
	if len(room.diagnose().of("target-overloaded")) > 0 {
		t.Error("the queue has room")
	}
}

// scans are attempts towards n different targets.
func (s *scene) scans(n int) {
	for i := range n {
		s.stays(tcp.SynSent, "192.0.2.1:40001", client(i), s.heldBy(programPID), resent(2, host.TimerRetransmit))
	}
	s.rises("TcpActiveOpens", int64(n))
}

func TestScanning(t *testing.T) {
	certain := verdict{"scanning", Warning, Certain, 40, nil, []Cause{"target-dead", "target-filtered", "synack-dropped-here"}}
	never := []Cause{"scanning"}
	runScenes(t, []sceneCase{
		{"a worm", func(s *scene) { s.scans(40) }, certain, []Cause{"target-filtered", "unexplained"}},
		{"ports of one host", func(s *scene) {
			for i := range 40 {
				s.stays(tcp.SynSent, "192.0.2.1:40001", fmt.Sprintf("198.51.100.7:%d", 1+i), s.heldBy(programPID), resent(2, host.TimerRetransmit))
			}
			s.rises("TcpActiveOpens", 40)
		}, certain, nil},
		{"dialled before the window", func(s *scene) { s.scans(40); s.rises("TcpActiveOpens", 0) }, verdict{"scanning", Warning, Probable, 40, nil, nil}, nil},
		{"some sockets were closed before their owner was read", func(s *scene) {
			s.scans(30)
			for i := range 10 {
				s.stays(tcp.SynSent, "192.0.2.1:40001", client(50+i), s.unseenHolder(), resent(2, host.TimerRetransmit))
			}
			s.rises("TcpActiveOpens", 40)
		}, certain, nil},
		{"a crawler whose targets answer", func(s *scene) {
			s.scans(40)
			for i := range 40 {
				s.stays(tcp.Established, "192.0.2.1:40001", client(100+i), s.heldBy(programPID))
			}
		}, verdict{}, never},
		{"a few targets", func(s *scene) { s.scans(manyTargets - 1) }, verdict{}, never},
		{"all just begun", func(s *scene) {
			for i := range 40 {
				s.comes(tcp.SynSent, "192.0.2.1:40001", client(i), s.heldBy(programPID), resent(0, host.TimerRetransmit))
			}
		}, verdict{}, never},
	})
}
