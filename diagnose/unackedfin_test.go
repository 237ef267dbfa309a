package diagnose

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

var unackedCauses = map[tcp.State]Cause{
	tcp.FinWait1: "fin-unacknowledged", tcp.Closing: "simultaneous-close-stuck", tcp.LastAck: "last-ack-lost",
}

// fins adds n sockets to one peer that sent their FIN again.
func (s *scene) fins(state tcp.State, n int, peer string, edits ...edit) {
	for i := range n {
		s.stays(state, "192.0.2.1:80", fmt.Sprintf("%s:%d", peer, 40001+i), append([]edit{
			heard(20 * time.Second), resent(4, host.TimerRetransmit), backoff(4), unsent(1),
		}, edits...)...)
	}
}

func TestUnacknowledgedFINs(t *testing.T) {
	for state, cause := range unackedCauses {
		sure := verdict{cause, Warning, Certain, 8, nil, []Cause{"path-mtu-black-hole", "peer-not-reading"}}
		likely := sure
		likely.confidence = Probable
		lone := likely
		lone.severity = Notice
		never := []Cause{"unexplained"}
		for other, rival := range unackedCauses {
			if other != state {
				never = append(never, rival)
			}
		}
		runScenes(t, []sceneCase{
			{"one peer", func(s *scene) { s.fins(state, 8, "198.51.100.7") }, likely, never},
			{"timeouts are counted too", func(s *scene) {
				s.fins(state, 8, "198.51.100.7")
				s.rises("TcpExtTCPTimeouts", 16)
			}, sure, never},
			{"the link layer gets no answer", func(s *scene) {
				s.fins(state, 8, "192.0.2.7")
				s.neighbour("192.0.2.7", "FAILED")
			}, sure, never},
			{"a client here and there went out of reach", func(s *scene) {
				for i := range 8 {
					s.fins(state, 1, fmt.Sprintf("198.51.100.%d", 10+i))
				}
			}, lone, never},
			{"one look is enough", func(s *scene) {
				s.fins(state, 8, "198.51.100.7")
				s.first = nil
			}, likely, never},
			{"full segments are unacknowledged: perhaps their size", func(s *scene) { s.fins(state, 8, "198.51.100.7", unsent(64000)) },
				verdict{cause, Warning, Possible, 8, []Cause{"path-mtu-black-hole"}, []Cause{"peer-not-reading"}}, never},
			{"small segments are lost too", func(s *scene) { s.fins(state, 8, "198.51.100.7", unsent(400)) }, likely, never},
			{"few", func(s *scene) { s.fins(state, few-1, "198.51.100.7") }, verdict{}, append(never, cause)},
			{"not sent again yet", func(s *scene) { s.fins(state, 300, "198.51.100.7", resent(0, host.TimerRetransmit)) }, verdict{}, append(never, cause)},
		})
	}
}

func TestProgressIsNoLoss(t *testing.T) {
	for state, cause := range unackedCauses {
		s := quietHost()
		for n := range 8 {
			s.turns(state, "192.0.2.1:80", client(n), []edit{resent(1, host.TimerRetransmit), unsent(9000)}, unsent(4000), acked(5000))
		}
		if report := s.diagnose(); len(report.of(cause)) > 0 {
			t.Errorf("%s", causesOf(report))
		}
	}
}

func TestFINBehindAShutWindow(t *testing.T) {
	for state, cause := range unackedCauses {
		runScenes(t, []sceneCase{
			{"the peer answers probes", func(s *scene) {
				s.fins(state, 8, "198.51.100.7", shut)
				s.rises("TcpExtTCPWinProbe", 9)
			}, verdict{cause, Warning, Certain, 8, nil, []Cause{"peer-vanished", "path-mtu-black-hole"}}, []Cause{"peer-not-reading", "unexplained"}},
			{"it does not even answer them", func(s *scene) { s.fins(state, 8, "198.51.100.7", shut, heard(time.Hour), unsent(45000)) },
				verdict{cause, Warning, Possible, 8, []Cause{"peer-vanished"}, nil}, nil},
			{"the window has opened", func(s *scene) {
				s.fins(state, 8, "198.51.100.7", shut, func(sk *host.Socket) { sk.Info.SendWindow = 4000 })
			}, verdict{}, []Cause{cause}},
		})
	}
}

// TestPatienceForLastACK: 102 s without a program, a quarter of an hour with one.
func TestPatienceForLastACK(t *testing.T) {
	s := quietHost()
	timer := func(sk *host.Socket) {
		sk.Retransmits, sk.Info.RTO, sk.Expires = 0, 200*time.Millisecond, 200*time.Millisecond
	}
	again := func(sk *host.Socket) { sk.Retransmits = 1; sk.Info.Backoff = 0 }
	s.fins(tcp.LastAck, 8, "198.51.100.7", timer, again)
	s.fins(tcp.LastAck, 8, "198.51.100.8", timer, again, s.heldBy(programPID))
	found := s.diagnose().of("last-ack-lost")
	slices.SortFunc(found, func(a, b Finding) int { return int(a.Fate.Within - b.Fate.Within) })
	if len(found) != 2 || found[0].Subject.PID != 0 || found[1].Subject.PID != programPID {
		t.Fatalf("%+v", found)
	}
	if orphan := found[0].Fate; orphan.Within < 95*time.Second || orphan.Within > 105*time.Second || orphan.Text.ID != "fin-fate-orphan" {
		t.Errorf("%+v", orphan)
	}
	if held := found[1].Fate; held.Within < 15*time.Minute || held.Text.ID != "fin-fate-held" {
		t.Errorf("%+v", held)
	}
	if found[1].Confidence != Certain || slices.ContainsFunc(found[1].Remedies, func(r Remedy) bool { return r.ID == "orphan-retries" }) {
		t.Errorf("orphan retries do not end what a program holds: %+v", found[1].Remedies)
	}
}

func TestFINsAreToldApartByPeerAndHolder(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.fins(tcp.FinWait1, 6, "198.51.100.7")
	s.fins(tcp.FinWait1, 7, "198.51.100.8")
	s.fins(tcp.FinWait1, 2, "198.51.100.9")
	s.fins(tcp.FinWait1, 1, "198.51.100.10")
	var got []string
	for _, f := range s.diagnose().of("fin-unacknowledged") {
		got = append(got, fmt.Sprint(f.Subject.Peer, " ", f.Count, " ", f.Subject.Local))
	}
	if want := []string{"198.51.100.8 7 0.0.0.0:80", "198.51.100.7 6 0.0.0.0:80", " 3 0.0.0.0:80"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
