package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// flood fills the half-open queue of the listener on port 80 from n sources;
// every timer expired twice, nobody sent a SYN again, nobody completed.
func (s *scene) flood(n int, edits ...edit) {
	for i := range n {
		s.stays(tcp.SynReceived, "192.0.2.1:80", client(i), append([]edit{half, resent(2, host.TimerRetransmit)}, edits...)...)
	}
	s.rises("TcpExtTCPSynRetrans", int64(n))
	s.rises("TcpExtTCPTimeouts", int64(n))
	s.rises("TcpPassiveOpens", 0)
}

func TestSynFlood(t *testing.T) {
	rivals := []Cause{
		"syn-flood-from-prefix", "handshake-withheld", "synack-lost-on-path", "asymmetric-return", "ack-lost",
		"syn-queue-too-small", "synack-blocked-here", "deferred-accept",
	}
	saturated := func(s *scene) { s.listens("192.0.2.1:80", 128, queue(0)); s.flood(129) }
	runScenes(t, []sceneCase{
		{"the queue overflows and SYNs are dropped", func(s *scene) {
			saturated(s)
			s.rises("TcpExtTCPReqQFullDrop", 2871)
		}, verdict{"syn-flood", Critical, Certain, 129, nil, rivals}, []Cause{"unexplained"}},
		{"cookies answer what meets the full queue", func(s *scene) {
			saturated(s)
			s.rises("TcpExtTCPReqQFullDoCookies", 2871)
			s.rises("TcpExtSyncookiesSent", 2871)
			s.rises("TcpExtSyncookiesRecv", 4)
		}, verdict{"syn-flood", Warning, Certain, 129, nil, rivals}, nil},
		{"a long queue that does not overflow", func(s *scene) {
			s.listens("192.0.2.1:80", 4096, queue(0))
			s.flood(200)
		}, verdict{"syn-flood", Warning, Certain, 200, nil, rivals}, nil},
		{"a short queue that overflows", func(s *scene) {
			s.listens("192.0.2.1:80", 16, queue(0))
			s.flood(0)
			for n := range 17 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(1000*n), half, resent(2, host.TimerRetransmit))
			}
			s.rises("TcpExtTCPReqQFullDrop", 100)
		}, verdict{"syn-flood", Critical, Certain, 17, nil, nil}, nil},
		{"IPv6: each source in a /48 of its own", func(s *scene) {
			s.listens("[::]:80", 128, queue(0))
			s.flood(0)
			for n := range 129 {
				s.stays(tcp.SynReceived, "[2001:db8::1]:80", client6(n), half, resent(2, host.TimerRetransmit))
			}
			s.rises("TcpExtTCPSynRetrans", 129)
			s.rises("TcpExtTCPTimeouts", 129)
			s.rises("TcpExtTCPReqQFullDrop", 2871)
		}, verdict{"syn-flood", Critical, Certain, 129, nil, rivals}, nil},
		{"IPv4 sources on a dual-stack listener", func(s *scene) {
			s.listens("[::]:80", 128, queue(0))
			s.flood(129)
			s.rises("TcpExtTCPReqQFullDrop", 2871)
		}, verdict{"syn-flood", Critical, Certain, 129, nil, rivals}, nil},
		{"no SYN-ACK was sent again yet: perhaps none leaves", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			for n := range 129 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(n), half)
			}
			s.rises("TcpExtTCPReqQFullDrop", 2871)
		}, verdict{"syn-flood", Critical, Possible, 129, []Cause{"synack-blocked-here"}, nil}, nil},
		{"final ACKs were held back: perhaps deferred", func(s *scene) {
			saturated(s)
			s.rises("TcpExtTCPReqQFullDrop", 2871)
			s.rises("TcpExtTCPDeferAcceptDrop", 9)
		}, verdict{"syn-flood", Critical, Possible, 129, []Cause{"deferred-accept"}, nil}, nil},
	})
}

func TestHalfOpenThatIsNoFlood(t *testing.T) {
	never := []Cause{"syn-flood"}
	full := func(s *scene) { s.rises("TcpExtTCPReqQFullDrop", 2871) }
	runScenes(t, []sceneCase{
		{"live clients send their SYN again", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			s.flood(129)
			full(s)
			s.rises("TcpExtTCPSynRetrans", 516)
		}, verdict{}, never},
		{"one prefix", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			full(s)
			for n := range 129 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", "198.51.100.7:"+client(n)[len(client(n))-5:], half, resent(2, host.TimerRetransmit))
			}
		}, verdict{}, never},
		{"several connections from each of some networks: customers", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			for range 3 {
				s.flood(43)
			}
			full(s)
		}, verdict{}, never},
		{"a few hosts that never finish", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			s.flood(8)
		}, verdict{"unexplained", Notice, Possible, 8, withoutRuleCodes(tcp.SynReceived), nil}, never},
		{"genuine clients overrun a short queue and complete", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			s.flood(129)
			full(s)
			s.rises("TcpPassiveOpens", 9000)
		}, verdict{}, never},
		{"cookies are redeemed", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			s.flood(129)
			s.rises("TcpExtTCPReqQFullDoCookies", 900)
			s.rises("TcpExtSyncookiesSent", 900)
			s.rises("TcpExtSyncookiesRecv", 870)
		}, verdict{}, never},
		{"many clients connect at this moment", func(s *scene) {
			s.listens("192.0.2.1:80", 4096, queue(0))
			for n := range 200 {
				s.comes(tcp.SynReceived, "192.0.2.1:80", client(n), half)
			}
			s.rises("TcpPassiveOpens", 100)
		}, verdict{}, []Cause{"syn-flood", "unexplained"}},
		{"no listener there", func(s *scene) { s.flood(129) }, verdict{}, never},
	})
}

// withoutRuleCodes lists the causes of a state that unexplained leaves open.
func withoutRuleCodes(state tcp.State) (codes []Cause) {
	for _, e := range newIndex(quietHost().b).notJudged(state) {
		codes = append(codes, e.Cause)
	}
	return codes
}

func TestFloodCannotBeJudgedWithoutCounters(t *testing.T) {
	s := quietHost()
	s.listens("192.0.2.1:80", 128, queue(0))
	s.flood(129)
	s.lose(evidence.SourceCounters)
	report := s.diagnose()
	if len(report.of("syn-flood")) > 0 || !needs(report, "syn-flood", evidence.SourceCounters) {
		t.Errorf("%s, %v", causesOf(report), report.NotAssessed)
	}
}

func TestFloodIsSeenAtOneLook(t *testing.T) {
	s := quietHost()
	s.listens("192.0.2.1:80", 128, queue(0))
	s.flood(129)
	s.rises("TcpExtTCPReqQFullDrop", 2871)
	only(t, Diagnose(s.oneLook()), "syn-flood")
}

func TestFloodOnEachListener(t *testing.T) {
	s := quietHost()
	s.listens("192.0.2.1:80", 128, queue(0))
	s.listens("192.0.2.1:81", 128, queue(0))
	s.flood(129)
	for n := range 140 {
		s.stays(tcp.SynReceived, "192.0.2.1:81", client(n), half, resent(2, host.TimerRetransmit))
	}
	s.rises("TcpExtTCPReqQFullDrop", 2871)
	found := s.diagnose().of("syn-flood")
	if len(found) != 2 || found[0].Subject.Local != "192.0.2.1:81" || found[1].Subject.Local != "192.0.2.1:80" {
		t.Errorf("the larger one first: %+v", found)
	}
}

func TestFullQueueForgetsSooner(t *testing.T) {
	for limit, most := range map[uint32]time.Duration{128: youngRule, 4096: 63 * time.Second} {
		s := quietHost()
		s.listens("192.0.2.1:80", limit, queue(0))
		s.flood(129)
		s.rises("TcpExtTCPReqQFullDrop", 2871)
		f := one(t, s.diagnose(), "syn-flood")
		if f.Fate.Within <= 0 || f.Fate.Within > most || f.Fate.Forever || limit == 4096 && f.Fate.Within <= youngRule {
			t.Errorf("queue of %d: gone within %v", limit, f.Fate.Within)
		}
	}
}

func TestFloodRemediesFollowTheSettings(t *testing.T) {
	for _, c := range []struct{ cookies, retries, want string }{
		{"0", "5", "enable-syn-cookies fewer-synack-retries filter-upstream "},
		{"1", "2", "keep-syn-cookies filter-upstream "},
		{"", "", "filter-upstream "},
	} {
		s := quietHost()
		s.b.Settings["net.ipv4.tcp_syncookies"], s.b.Settings["net.ipv4.tcp_synack_retries"] = c.cookies, c.retries
		s.listens("192.0.2.1:80", 128, queue(0))
		s.flood(129)
		s.rises("TcpExtTCPReqQFullDrop", 2871)
		got := ""
		for _, r := range one(t, s.diagnose(), "syn-flood").Remedies {
			got += r.ID + " "
			if len(r.Apply) > 0 && len(r.Undo) == 0 {
				t.Errorf("%s has no way back", r.ID)
			}
		}
		if got != c.want {
			t.Errorf("cookies %q, retries %q: %s", c.cookies, c.retries, got)
		}
	}
}
