package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestPeerNotClosing(t *testing.T) {
	const server = "198.51.100.7:8080"
	orphans := func(s *scene, n int, to string) {
		for range n {
			s.stays(tcp.FinWait2, "192.0.2.1:40001", to, mini, lasts(40*time.Second))
		}
	}
	rivals := []Cause{"half-close-held", "fin-unacknowledged", "proxied-culprit", "peer-vanished"}
	want := verdict{"peer-not-closing", Notice, Probable, 8, nil, rivals}
	never := []Cause{"half-close-held", "unexplained"}
	runScenes(t, []sceneCase{
		{"one server", func(s *scene) { orphans(s, 8, server) }, want, never},
		{"a server on our link that answers", func(s *scene) {
			orphans(s, 8, "192.0.2.7:8080")
			s.neighbour("192.0.2.7", "REACHABLE")
		}, verdict{"peer-not-closing", Notice, Certain, 8, nil, rivals}, never},
		{"perhaps gone since", func(s *scene) {
			orphans(s, 8, "192.0.2.7:8080")
			s.neighbour("192.0.2.7", "FAILED")
		}, verdict{"peer-not-closing", Notice, Possible, 8, []Cause{"peer-vanished"}, nil}, never},
		{"clients of ours, one or two of each", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:80", client(n), mini)
			}
		}, want, never},
		{"full sockets while a long tcp_fin_timeout runs", func(s *scene) {
			for range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", server, resent(0, host.TimerKeepalive))
			}
		}, want, never},
		{"few", func(s *scene) { orphans(s, few-1, server) }, verdict{}, append(never, "peer-not-closing")},
		{"younger than the window", func(s *scene) {
			for range 8 {
				s.comes(tcp.FinWait2, "192.0.2.1:40001", server, mini)
			}
		}, verdict{}, append(never, "peer-not-closing")},
		{"a program holds them", func(s *scene) {
			for range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", server, s.heldBy(programPID))
			}
		}, verdict{"half-close-held", Warning, Certain, 8, nil, nil}, []Cause{"peer-not-closing"}},
	})
}

func TestPeerNotClosingEnds(t *testing.T) {
	s := quietHost()
	for n := range 8 {
		s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.7:8080", mini, lasts(time.Duration(40+n)*time.Second))
	}
	f := only(t, s.diagnose(), "peer-not-closing")
	if f.Fate.Forever || f.Fate.Within != 47*time.Second || f.Subject.Peer != "198.51.100.7:8080" || f.Subject.PID != 0 {
		t.Errorf("%+v", f)
	}
}
