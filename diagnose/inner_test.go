package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// inner is what an iterator tells beside sock_diag.
func inner(i host.Inner) edit { return func(sk *host.Socket) { kept := i; sk.Inner = &kept } }

// tells lets every socket of the scene be told of by an iterator.
func (s *scene) tells(requests, listeners host.Inner) {
	for _, list := range append([][]host.Socket{s.first, s.last}, s.between[:]...) {
		for i := range list {
			switch sk := &list[i]; {
			case sk.Kind == host.Request:
				inner(requests)(sk)
			case sk.State == tcp.Listen:
				inner(listeners)(sk)
			}
		}
	}
}

// TestClientsThatSendAgain: counters are the whole host's, and mix listeners; the
// requests themselves tell for which of them clients send their SYN again.
func TestClientsThatSendAgain(t *testing.T) {
	flood := func(timeouts uint8, synRetrans int64) func(*scene) {
		return func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			s.flood(129)
			s.rises("TcpExtTCPReqQFullDrop", 2871)
			s.rises("TcpExtTCPSynRetrans", synRetrans)
			s.rises("TcpExtTCPTimeouts", 258)
			s.tells(host.Inner{Timeouts: timeouts}, host.Inner{SynQueue: 129})
		}
	}
	runScenes(t, []sceneCase{
		{"by timer only, while other listeners' clients send again", flood(2, 4000),
			verdict{"syn-flood", Critical, Certain, 129, nil, []Cause{"synack-lost-on-path", "asymmetric-return", "deferred-accept"}}, nil},
		{"clients send again, while timers of other connections expire", flood(1, 258), verdict{}, []Cause{"syn-flood"}},
	})
	s := quietHost()
	flood(2, 4000)(s)
	if e, ok := fact(one(t, s.diagnose(), "syn-flood"), "clients-send-again"); !ok || e.Value != 0 || e.Source != "request-sockets" {
		t.Errorf("%+v", e)
	}
}

func TestNotedACKs(t *testing.T) {
	noted := host.Inner{Acked: true, Timeouts: 2}
	runScenes(t, []sceneCase{
		{"the listener defers, seen at one look", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(0))
			for i := range 5 {
				s.comes(tcp.SynReceived, "192.0.2.1:80", client(i), half)
			}
			s.tells(noted, host.Inner{SynQueue: 5, DeferAccept: 3})
		}, verdict{"deferred-accept", Info, Probable, 5, nil, []Cause{"ack-lost", "accept-stalled", "handshake-withheld"}}, nil},
		{"the listener defers and its queue is full", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			for i := range 5 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(i), half)
			}
			s.tells(noted, host.Inner{SynQueue: 5, DeferAccept: 3})
		}, verdict{"deferred-accept", Info, Probable, 5, nil, []Cause{"accept-stalled"}}, nil},
		{"no ACK came although they are quiet", func(s *scene) {
			s.deferred(5)
			s.tells(host.Inner{}, host.Inner{SynQueue: 5, DeferAccept: 3})
		}, verdict{}, []Cause{"deferred-accept"}},
		{"the listener does not defer: there is no room", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			for i := range 3 {
				s.stays(tcp.Established, "192.0.2.1:80", client(i))
			}
			for i := range 4 {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(10+i), half, resent(2, host.TimerRetransmit))
			}
			s.tells(noted, host.Inner{SynQueue: 4})
		}, verdict{"accept-stalled", Critical, Certain, 3, nil, nil}, []Cause{"deferred-accept", "unexplained"}},
	})
}

// TestIgnoredAndNoted: an ACK that came and that TCP took note of was not dropped
// on its way in.
func TestIgnoredAndNoted(t *testing.T) {
	ignored := evidence.PacketSocket{In: end(0, 2, 3), Out: end(1, 0, 3)}
	dropped := verdict{"ack-lost", Critical, Certain, 6, nil, []Cause{"deferred-accept"}}
	runScenes(t, []sceneCase{
		{"none is noted, while another listener defers", func(s *scene) {
			s.web()
			s.halves(6, ignored)
			s.rises("TcpExtTCPDeferAcceptDrop", 6)
			s.tells(host.Inner{}, host.Inner{SynQueue: 6})
		}, dropped, nil},
		{"all are noted", func(s *scene) {
			s.web()
			s.halves(6, ignored)
			s.tells(host.Inner{Acked: true}, host.Inner{SynQueue: 6, DeferAccept: 1})
		}, verdict{"deferred-accept", Info, Probable, 6, nil, nil}, []Cause{"ack-lost"}},
	})
}

// TestSynQueueFullBetween: the queue is empty at the first and the last look, and
// full at those between.
func TestSynQueueFullBetween(t *testing.T) {
	moments := func(length uint32, completed int64) func(*scene) {
		return func(s *scene) {
			s.listens("192.0.2.1:80", 8, queue(0))
			for i := range s.between {
				inner(host.Inner{SynQueue: length})(&s.between[i][0])
			}
			s.rises("TcpExtTCPReqQFullDrop", 40)
			s.rises("TcpPassiveOpens", completed)
		}
	}
	runScenes(t, []sceneCase{
		{"full", moments(9, 500), verdict{"syn-queue-too-small", Critical, Certain, 40, nil, []Cause{"syn-flood", "accept-backlog-too-small"}}, nil},
		{"never full", moments(7, 500), verdict{}, []Cause{"syn-queue-too-small"}},
		{"few complete", moments(9, 10), verdict{}, []Cause{"syn-queue-too-small"}},
	})
	s := quietHost()
	moments(9, 500)(s)
	if e, ok := fact(one(t, s.diagnose(), "syn-queue-too-small"), "syn-queue-full-looks"); !ok || e.Value != 4 || e.Source != "listeners" {
		t.Errorf("%+v", e)
	}
}
