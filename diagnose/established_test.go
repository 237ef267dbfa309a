package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// silent adds n connections to a peer that sent data in vain.
func (s *scene) silent(n int, peer string, edits ...edit) {
	for range n {
		s.stays(tcp.Established, "192.0.2.1:40001", peer, append([]edit{
			s.heldBy(programPID), heard(20 * time.Second), resent(5, host.TimerRetransmit), backoff(5), unsent(100),
		}, edits...)...)
	}
}

func TestPeerVanished(t *testing.T) {
	out := []Cause{"peer-not-reading", "established-dropped", "path-mtu-black-hole"}
	certain := verdict{"peer-vanished", Warning, Certain, 3, nil, out}
	possible := verdict{"peer-vanished", Warning, Possible, 3, []Cause{"established-dropped"}, []Cause{"path-mtu-black-hole"}}
	runScenes(t, []sceneCase{
		{"the link layer gets no answer", func(s *scene) {
			s.silent(3, "192.0.2.7:5432")
			s.neighbour("192.0.2.7", "FAILED")
		}, certain, []Cause{"unexplained"}},
		{"the gateway gives no answer", func(s *scene) {
			s.silent(3, "198.51.100.7:5432")
			s.b.Neighbours[0].State = "FAILED"
		}, certain, nil},
		{"behind a router: perhaps only these are dropped", func(s *scene) { s.silent(3, "198.51.100.7:5432") }, possible, nil},
		{"keepalive stays unanswered", func(s *scene) {
			for range 3 {
				s.stays(tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(programPID), heard(time.Hour), resent(2, host.TimerKeepalive))
			}
		}, possible, nil},
		{"only full segments are outstanding: perhaps their size", func(s *scene) {
			s.silent(3, "198.51.100.7:5432", unsent(64000))
		}, verdict{"peer-vanished", Warning, Possible, 3, []Cause{"established-dropped", "path-mtu-black-hole"}, nil}, nil},
		{"IPv6", func(s *scene) {
			s.stays(tcp.Established, "[2001:db8::1]:40001", "[2001:db8::7]:5432", s.heldBy(programPID), heard(time.Minute), resent(5, host.TimerRetransmit), unsent(1))
			s.neighbour("2001:db8::7", "INCOMPLETE")
		}, verdict{"peer-vanished", Warning, Certain, 1, nil, out}, nil},
		{"clients here and there went out of reach", func(s *scene) {
			for i := range 7 {
				s.silent(1, fmt.Sprintf("198.51.100.%d:5432", 10+i))
			}
		}, verdict{"peer-vanished", Notice, Possible, 7, []Cause{"established-dropped"}, nil}, nil},
		{"its other connections are as silent", func(s *scene) {
			s.silent(3, "192.0.2.7:5432")
			s.stays(tcp.Established, "192.0.2.1:40009", "192.0.2.7:22", s.heldBy(programPID), heard(time.Hour))
			s.neighbour("192.0.2.7", "FAILED")
		}, certain, nil},
	})
}

func TestPeerThatIsThere(t *testing.T) {
	never := []Cause{"peer-vanished", "unexplained"}
	runScenes(t, []sceneCase{
		{"it answers on another connection: something drops these", func(s *scene) {
			s.silent(3, "198.51.100.7:5432")
			s.stays(tcp.Established, "192.0.2.1:40009", "198.51.100.7:22", s.heldBy(programPID), heard(time.Second))
		}, verdict{}, never},
		{"a new connection with it came up", func(s *scene) {
			s.silent(3, "198.51.100.7:5432")
			s.comes(tcp.Established, "192.0.2.1:40009", "198.51.100.7:22", s.heldBy(programPID))
		}, verdict{}, never},
		{"its window is closed, and it says so", func(s *scene) {
			s.silent(3, "198.51.100.7:5432", resent(9, host.TimerProbe))
		}, verdict{}, never},
		{"one retransmission is no silence", func(s *scene) {
			s.silent(3, "198.51.100.7:5432", resent(1, host.TimerRetransmit), backoff(1))
		}, verdict{}, never},
		{"idle, keepalive not due", func(s *scene) {
			s.stays(tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(programPID), heard(time.Hour), resent(0, host.TimerKeepalive))
		}, verdict{}, never},
		{"idle for hours without a timer", func(s *scene) {
			s.stays(tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(programPID), heard(9*time.Hour))
		}, verdict{}, never},
	})
}

func TestEachVanishedPeerIsOneFinding(t *testing.T) {
	s := quietHost()
	s.silent(2, "192.0.2.7:5432")
	s.silent(4, "192.0.2.8:5432")
	s.neighbour("192.0.2.7", "FAILED")
	s.neighbour("192.0.2.8", "FAILED")
	found := s.diagnose().of("peer-vanished")
	if len(found) != 2 || found[0].Subject.Peer != "192.0.2.8" || found[1].Subject.Peer != "192.0.2.7" {
		t.Errorf("%+v", found)
	}
}

func TestNextHop(t *testing.T) {
	s := quietHost()
	s.b.Routes = append(s.b.Routes,
		host.Route{Destination: prefix("10.0.0.0/8"), Gateway: ip("192.0.2.10")},
		host.Route{Destination: prefix("10.1.0.0/16"), Gateway: ip("192.0.2.11"), Metric: 100},
		host.Route{Destination: prefix("10.1.0.0/16"), Gateway: ip("192.0.2.12"), Metric: 50},
	)
	x := newIndex(s.bundle())
	for to, want := range map[string]string{
		"10.1.2.3": "192.0.2.12", "10.2.3.4": "192.0.2.10", "203.0.113.1": "192.0.2.254", "192.0.2.7": "invalid IP", "2001:db8::1": "invalid IP",
	} {
		if got := x.nextHop(ip(to)).String(); got != want {
			t.Errorf("%s goes by %s, want %s", to, got, want)
		}
	}
}

// TestWindowEndsWithTheSockets: on a busy host the readings that follow the last
// look take seconds, in which nobody looked whether something was heard.
func TestWindowEndsWithTheSockets(t *testing.T) {
	s := quietHost()
	s.silent(6, "192.0.2.7:5432", heard(6*time.Second)) // at the last look, after 5 s
	b := s.bundle()
	b.End = b.End.Add(4 * time.Second)
	if report := Diagnose(b); len(report.of("peer-vanished")) != 1 {
		t.Errorf("%s", causesOf(report))
	}
	s = quietHost()
	s.window = time.Second
	s.leaked(8)
	b = s.bundle()
	b.Snapshots[len(b.Snapshots)-1].Time = b.End.Add(-20 * time.Millisecond)
	if report := Diagnose(b); len(report.of("app-not-closing")) != 1 {
		t.Errorf("a window of a second is one, although its looks are a little less apart: %s", causesOf(report))
	}
}
