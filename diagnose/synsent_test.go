package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const (
	target  = "198.51.100.7:5432"
	target6 = "[2001:db8:1::7]:5432"
)

// dials adds n attempts whose SYN was sent again and stayed unanswered.
func (s *scene) dials(n int, to string) {
	for i := range n {
		s.stays(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 40001+i), to, s.heldBy(programPID), resent(3, host.TimerRetransmit))
	}
	s.rises("TcpExtTCPSynRetrans", int64(n))
}

// livesNearby adds another connection with the target that was heard just now.
func (s *scene) livesNearby(remote string) {
	s.stays(tcp.Established, "192.0.2.1:39000", remote, s.heldBy(programPID), heard(2*time.Second))
}

func TestTargetFiltered(t *testing.T) {
	rivals := []Cause{"target-dead", "synack-dropped-here", "target-overloaded", "stale-nat-entry", "scanning"}
	want := verdict{"target-filtered", Warning, Certain, 3, nil, rivals}
	open := func(causes ...Cause) verdict {
		return verdict{"target-filtered", Warning, Possible, 3, causes, nil}
	}
	alive := func(s *scene) { s.dials(3, target); s.livesNearby("198.51.100.7:22") }
	runScenes(t, []sceneCase{
		{"another connection with that host works", alive, want, []Cause{"unexplained"}},
		{"a single attempt", func(s *scene) {
			s.dials(1, target)
			s.livesNearby("198.51.100.7:22")
		}, verdict{"target-filtered", Warning, Certain, 1, nil, rivals}, nil},
		{"IPv6", func(s *scene) {
			s.stays(tcp.SynSent, "[2001:db8::1]:40001", target6, s.heldBy(programPID), resent(3, host.TimerRetransmit))
			s.stays(tcp.Established, "[2001:db8::1]:39000", "[2001:db8:1::7]:22", s.heldBy(programPID), heard(time.Second))
			s.rises("TcpExtTCPSynRetrans", 1)
		}, verdict{"target-filtered", Warning, Certain, 1, nil, rivals}, nil},
		{"the target answers on our own link", func(s *scene) {
			s.dials(3, "192.0.2.7:5432")
			s.neighbour("192.0.2.7", "REACHABLE")
		}, want, nil},
		{"a new connection came up in the window", func(s *scene) {
			s.dials(3, target)
			s.comes(tcp.Established, "192.0.2.1:39000", "198.51.100.7:22", s.heldBy(programPID))
		}, want, nil},
		{"nothing else was heard of that host: perhaps dead", func(s *scene) { s.dials(3, target) }, open("target-dead"), nil},
		{"an old connection proves nothing", func(s *scene) {
			s.dials(3, target)
			s.stays(tcp.Established, "192.0.2.1:39000", "198.51.100.7:22", s.heldBy(programPID), heard(time.Hour))
		}, open("target-dead"), nil},
		{"this host drops what arrives: perhaps the SYN-ACKs", func(s *scene) {
			alive(s)
			s.rises("IpInReceives", 100)
			s.rises("IpInDelivers", 97)
		}, open("synack-dropped-here"), nil},
		{"multicast that nobody wanted is no drop", func(s *scene) {
			alive(s)
			s.rises("IpInReceives", 100)
			s.rises("IpInDelivers", 60)
			s.rises("IpExtInMcastPkts", 40)
		}, want, nil},
		{"drops of the other family are not these", func(s *scene) {
			alive(s)
			s.rises("Ip6InReceives", 100)
		}, want, nil},
		{"no SYN was sent again in the window", func(s *scene) {
			alive(s)
			s.rises("TcpExtTCPSynRetrans", 0)
		}, open("synack-dropped-here"), nil},
		{"some get through: perhaps a full accept queue there", func(s *scene) {
			alive(s)
			s.turns(tcp.SynSent, "192.0.2.1:39500", target, []edit{s.heldBy(programPID)}, becomes(tcp.Established))
		}, open("target-overloaded"), nil},
		{"connections are tracked: perhaps an old entry", func(s *scene) {
			alive(s)
			s.b.Settings["net.netfilter.nf_conntrack_count"] = "12"
		}, open("stale-nat-entry"), nil},
		{"connections are tracked, the target is on our link", func(s *scene) {
			s.dials(3, "192.0.2.7:5432")
			s.neighbour("192.0.2.7", "REACHABLE")
			s.b.Settings["net.netfilter.nf_conntrack_count"] = "12"
		}, want, nil},
		{"our own output drops the SYNs", func(s *scene) {
			alive(s)
			s.rises("TcpExtTCPRetransFail", 3)
		}, want, nil},
	})
}

func TestAttemptsThatAreNotFiltered(t *testing.T) {
	never := []Cause{"target-filtered"}
	runScenes(t, []sceneCase{
		{"the link layer says that nobody is there", func(s *scene) {
			s.dials(3, "192.0.2.7:5432")
			s.neighbour("192.0.2.7", "FAILED")
		}, verdict{}, never},
		{"the gateway does not answer", func(s *scene) {
			s.dials(3, target)
			s.b.Neighbours[0].State = "INCOMPLETE"
		}, verdict{}, never},
		{"one program dials very many targets", func(s *scene) {
			for n := range manyTargets {
				s.stays(tcp.SynSent, "192.0.2.1:40001", client(n), s.heldBy(programPID), resent(3, host.TimerRetransmit))
			}
		}, verdict{"scanning", Warning, Probable, manyTargets, nil, []Cause{"target-dead", "target-filtered"}}, never},
		{"a scanner that we may not see is told by its user", func(s *scene) {
			for n := range manyTargets {
				s.stays(tcp.SynSent, "192.0.2.1:40001", client(n), s.unseenHolder(), resent(3, host.TimerRetransmit))
			}
		}, verdict{}, never},
		{"the target is a listener of ours with a full queue", func(s *scene) {
			s.listens("127.0.0.1:80", 2, queue(3))
			s.waiting("127.0.0.1:80", 0, 3)
			s.dials(3, "127.0.0.1:80")
		}, verdict{"accept-stalled", Critical, Certain, 3, nil, nil}, never},
		{"younger than the first timeout", func(s *scene) {
			for n := range 8 {
				s.comes(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 40001+n), target, s.heldBy(programPID), resent(0, host.TimerRetransmit))
			}
		}, verdict{}, []Cause{"target-filtered", "unexplained"}},
	})
}

func TestScannerDoesNotHideAnotherProgramsFilteredPort(t *testing.T) {
	s := quietHost()
	s.runs(900, "scanner")
	for n := range manyTargets {
		s.stays(tcp.SynSent, "192.0.2.1:41000", client(n), s.heldBy(900), resent(3, host.TimerRetransmit))
	}
	s.dials(3, target)
	s.livesNearby("198.51.100.7:22")
	if f := one(t, s.diagnose(), "target-filtered"); f.Subject.PID != programPID || f.Subject.Peer != target {
		t.Errorf("%+v", f.Subject)
	}
}

func TestOwnOutputIsNamed(t *testing.T) {
	s := quietHost()
	s.dials(3, target)
	s.livesNearby("198.51.100.7:22")
	s.rises("TcpExtTCPRetransFail", 3)
	if f := one(t, s.diagnose(), "target-filtered"); f.Summary.ID != "target-filtered-own-output" {
		t.Error(f.Summary)
	}
}
