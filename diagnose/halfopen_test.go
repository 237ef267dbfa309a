package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// narrowFlood fills the queue of port 80 from one network.
func (s *scene) narrowFlood(n int) {
	s.listens("192.0.2.1:80", 128, queue(0))
	for i := range n {
		s.stays(tcp.SynReceived, "192.0.2.1:80", fmt.Sprintf("198.51.100.%d:%d", 1+i%250, 2000+i), half, resent(2, host.TimerRetransmit))
	}
	s.rises("TcpExtTCPSynRetrans", int64(n))
	s.rises("TcpExtTCPTimeouts", int64(n))
	s.rises("TcpPassiveOpens", 0)
	s.rises("TcpExtTCPReqQFullDrop", 2871)
}

func TestFloodFromPrefix(t *testing.T) {
	certain := verdict{"syn-flood-from-prefix", Critical, Certain, 129, nil, []Cause{"syn-flood", "synack-lost-on-path", "ack-lost", "handshake-withheld", "syn-queue-too-small"}}
	never := []Cause{"syn-flood-from-prefix"}
	runScenes(t, []sceneCase{
		{"one /24", func(s *scene) { s.narrowFlood(129) }, certain, []Cause{"syn-flood", "unexplained"}},
		{"one provider's /20, evenly", func(s *scene) {
			s.narrowFlood(0)
			for i := range 129 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", fmt.Sprintf("198.18.%d.%d:40000", i%16, i), half, resent(2, host.TimerRetransmit))
			}
			s.rises("TcpExtTCPSynRetrans", 129)
			s.rises("TcpExtTCPTimeouts", 129)
		}, certain, []Cause{"syn-flood", "unexplained"}},
		{"one host, many ports", func(s *scene) {
			s.narrowFlood(0)
			for i := range 129 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", fmt.Sprintf("198.51.100.7:%d", 2000+i), half, resent(2, host.TimerRetransmit))
			}
			s.rises("TcpExtTCPSynRetrans", 129)
			s.rises("TcpExtTCPTimeouts", 129)
		}, certain, nil},
		{"slowly: a few clients whose ACK is lost look the same", func(s *scene) {
			s.narrowFlood(70)
			s.rises("TcpExtTCPReqQFullDrop", 0)
		}, verdict{"syn-flood-from-prefix", Warning, Possible, 70, []Cause{"ack-lost"}, []Cause{"handshake-withheld"}}, nil},
		{"no SYN-ACK was sent again yet", func(s *scene) {
			s.narrowFlood(0)
			for i := range 129 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", fmt.Sprintf("198.51.100.7:%d", 2000+i), half)
			}
		}, verdict{"syn-flood-from-prefix", Critical, Possible, 129, []Cause{"synack-blocked-here"}, nil}, nil},
		{"clients behind one NAT send their SYN again", func(s *scene) { s.narrowFlood(129); s.rises("TcpExtTCPSynRetrans", 400) }, verdict{}, never},
		{"they complete", func(s *scene) { s.narrowFlood(129); s.rises("TcpPassiveOpens", 9000) }, verdict{}, never},
		{"they come and go", func(s *scene) {
			s.narrowFlood(0)
			for i := range 129 {
				s.comes(tcp.SynReceived, "192.0.2.1:80", fmt.Sprintf("198.51.100.7:%d", 2000+i), half)
			}
		}, verdict{}, never},
		{"from everywhere", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			s.flood(129)
			s.rises("TcpExtTCPReqQFullDrop", 2871)
		}, verdict{}, never},
	})
}

// deferred are complete handshakes that wait for data.
func (s *scene) deferred(n int) {
	s.listens("192.0.2.1:80", 128, queue(0))
	for i := range n {
		s.stays(tcp.SynReceived, "192.0.2.1:80", client(i), half)
	}
	s.b.CountersAfter.Values["TcpExtTCPDeferAcceptDrop"] = int64(n)
}

func TestDeferredAccept(t *testing.T) {
	benign := verdict{"deferred-accept", Info, Certain, 5, nil, []Cause{"accept-stalled", "syn-flood", "synack-blocked-here", "synack-lost-on-path"}}
	never := []Cause{"deferred-accept"}
	runScenes(t, []sceneCase{
		{"silent clients", func(s *scene) { s.deferred(5) }, benign, []Cause{"unexplained", "syn-flood"}},
		{"nothing was ever deferred", func(s *scene) { s.deferred(5); delete(s.b.CountersAfter.Values, "TcpExtTCPDeferAcceptDrop") },
			verdict{"deferred-accept", Info, Possible, 5, []Cause{"ack-lost"}, nil}, nil},
		{"the accept queue is full: acknowledged requests wait for that too", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			for i := range 5 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(i), half)
			}
			s.b.CountersAfter.Values["TcpExtTCPDeferAcceptDrop"] = 5
		}, verdict{"deferred-accept", Info, Possible, 5, []Cause{"accept-stalled"}, nil}, nil},
		{"SYN-ACKs are sent again", func(s *scene) { s.listens("192.0.2.1:80", 128, queue(0)); s.flood(9) }, verdict{}, never},
		{"clients on their way", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			for i := range 5 {
				s.comes(tcp.SynReceived, "192.0.2.1:80", client(i), half)
			}
		}, verdict{}, never},
		{"a window too short for the first timer", func(s *scene) { s.deferred(5); s.window = 1200 * time.Millisecond }, verdict{}, never},
	})
}

// blockedAnswers are requests that die at their first timer and come back.
func (s *scene) blockedAnswers(n int) {
	s.listens("192.0.2.1:80", 128, queue(0))
	for i := range n {
		s.goes(tcp.SynReceived, "192.0.2.1:80", client(i), func(sk *host.Socket) { sk.Kind = host.Request })
		s.comes(tcp.SynReceived, "192.0.2.1:80", client(i), func(sk *host.Socket) { sk.Kind = host.Request })
	}
	s.rises("TcpExtTCPTimeouts", 20)
	s.rises("TcpRetransSegs", 0)
	s.rises("TcpExtTCPSynRetrans", 0)
}

func TestSynAckBlockedHere(t *testing.T) {
	never := []Cause{"synack-blocked-here"}
	runScenes(t, []sceneCase{
		{"own output drops them", func(s *scene) { s.blockedAnswers(6) },
			verdict{"synack-blocked-here", Critical, Certain, 6, nil, []Cause{"syn-flood", "synack-lost-on-path", "asymmetric-return", "ack-lost", "handshake-withheld", "deferred-accept"}}, []Cause{"unexplained"}},
		{"they are sent again", func(s *scene) { s.blockedAnswers(6); s.rises("TcpExtTCPSynRetrans", 20); s.rises("TcpRetransSegs", 20) }, verdict{}, never},
		{"no timer expires: clients on their way", func(s *scene) { s.blockedAnswers(6); s.rises("TcpExtTCPTimeouts", 0) }, verdict{}, never},
		{"one outlived its timer", func(s *scene) {
			s.blockedAnswers(6)
			s.stays(tcp.SynReceived, "192.0.2.1:80", client(99), func(sk *host.Socket) { sk.Kind = host.Request })
		}, verdict{}, never},
	})
}

// crowdOnShortQueue are genuine clients who overrun a queue of eight.
func (s *scene) crowdOnShortQueue(n int) {
	s.listens("192.0.2.1:80", 8, queue(0))
	for i := range n {
		s.comes(tcp.SynReceived, "192.0.2.1:80", client(i), half)
	}
	s.rises("TcpPassiveOpens", 180)
	s.rises("TcpExtTCPReqQFullDoCookies", 200)
	s.rises("TcpExtSyncookiesSent", 200)
	s.rises("TcpExtSyncookiesRecv", 150)
}

func TestSynQueueTooSmall(t *testing.T) {
	rivals := []Cause{"syn-flood", "syn-flood-from-prefix", "handshake-withheld", "accept-backlog-too-small"}
	never := []Cause{"syn-queue-too-small"}
	noCookies := func(s *scene) {
		for _, name := range []string{"TcpExtTCPReqQFullDoCookies", "TcpExtSyncookiesSent", "TcpExtSyncookiesRecv"} {
			s.rises(name, 0)
		}
		s.b.Settings["net.ipv4.tcp_syncookies"], s.b.Settings["net.ipv4.tcp_max_syn_backlog"] = "0", "64"
	}
	runScenes(t, []sceneCase{
		{"cookies are redeemed", func(s *scene) { s.crowdOnShortQueue(9) }, verdict{"syn-queue-too-small", Warning, Certain, 9, nil, rivals}, []Cause{"syn-flood", "unexplained"}},
		{"without cookies SYNs are dropped", func(s *scene) { s.crowdOnShortQueue(9); noCookies(s); s.rises("TcpExtTCPReqQFullDrop", 300) },
			verdict{"syn-queue-too-small", Critical, Certain, 9, nil, rivals}, nil},
		{"strangers are refused at three quarters", func(s *scene) {
			s.listens("192.0.2.1:80", 1024, queue(0))
			for i := range 48 {
				s.comes(tcp.SynReceived, "192.0.2.1:80", client(i), half)
			}
			noCookies(s)
			s.rises("TcpPassiveOpens", 180)
			s.rises("TcpExtListenDrops", 151)
		}, verdict{"syn-queue-too-small", Critical, Certain, 48, nil, rivals}, nil},
		{"the accept queue overflows as well", func(s *scene) { s.crowdOnShortQueue(9); s.rises("TcpExtListenOverflows", 100) },
			verdict{"syn-queue-too-small", Warning, Possible, 9, []Cause{"accept-backlog-too-small"}, nil}, nil},
		{"for moments between the looks", func(s *scene) { s.crowdOnShortQueue(0) },
			verdict{"syn-queue-too-small", Warning, Probable, 200, nil, []Cause{"syn-flood"}}, nil},
		{"cookies are always sent", func(s *scene) { s.crowdOnShortQueue(0); s.b.Settings["net.ipv4.tcp_syncookies"] = "2" }, verdict{}, never},
		{"nobody completes: a flood", func(s *scene) {
			s.crowdOnShortQueue(9)
			s.rises("TcpPassiveOpens", 0)
			s.rises("TcpExtSyncookiesRecv", 0)
		}, verdict{}, never},
		{"a long queue with room", func(s *scene) {
			s.listens("192.0.2.1:80", 1024, queue(0))
			s.comes(tcp.SynReceived, "192.0.2.1:80", client(1), half)
			s.rises("TcpPassiveOpens", 180)
			s.rises("TcpExtTCPReqQFullDoCookies", 200)
		}, verdict{}, never},
		{"drops that other counters explain", func(s *scene) {
			s.crowdOnShortQueue(9)
			noCookies(s)
			s.rises("TcpExtListenDrops", 40)
			s.rises("IpOutNoRoutes", 40)
		}, verdict{}, never},
	})
}
