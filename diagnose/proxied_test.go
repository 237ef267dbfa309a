package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// proxied adds n pairs of a program: clients that left, at different times, and
// a server that keeps its side. Their ends were passed on so much later.
func (s *scene) proxied(pid, n int, later time.Duration) {
	s.listens("0.0.0.0:8000", 128, queue(0), s.heldBy(pid))
	for i := range n {
		left := time.Minute + time.Duration(i)*10*time.Second
		s.stays(tcp.CloseWait, "192.0.2.1:8000", client(i), s.heldBy(pid), heard(left))
		s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.20:8080", s.heldBy(pid), heard(left-later))
	}
}

func TestProxiedCulprit(t *testing.T) {
	rivals := []Cause{"app-not-closing", "half-close-held", "peer-not-closing"}
	want := verdict{"proxied-culprit", Warning, Certain, 8, nil, rivals}
	never := []Cause{"app-not-closing", "half-close-held", "unexplained"}
	runScenes(t, []sceneCase{
		{"pairs", func(s *scene) { s.proxied(programPID, 8, 40*time.Millisecond) }, want, never},
		{"a delayed acknowledgement and a slow path", func(s *scene) { s.proxied(programPID, 8, 900*time.Millisecond) }, want, never},
		{"few", func(s *scene) { s.proxied(programPID, 2, 0) }, verdict{"proxied-culprit", Notice, Certain, 2, nil, rivals}, never},
		{"the server left, and clients keep their sides", func(s *scene) {
			s.listens("0.0.0.0:8000", 128, queue(0))
			for n := range 8 {
				s.stays(tcp.CloseWait, "192.0.2.1:40001", "198.51.100.20:8080", s.heldBy(programPID), heard(time.Minute))
				s.stays(tcp.FinWait2, "192.0.2.1:8000", client(n), s.heldBy(programPID), heard(time.Minute))
			}
		}, want, never},
	})
}

func TestTwoLeaksAreNoProxy(t *testing.T) {
	never := []Cause{"proxied-culprit"}
	leak := verdict{"app-not-closing", Warning, Certain, 8, nil, []Cause{"proxied-culprit"}}
	runScenes(t, []sceneCase{
		{"their ends came at other times", func(s *scene) { s.proxied(programPID, 8, 5*time.Second) }, leak, never},
		{"nobody knows when", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8)
			for range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.20:8080", s.heldBy(programPID))
			}
		}, verdict{"app-not-closing", Warning, Possible, 8, []Cause{"proxied-culprit"}, nil}, never},
		{"a leak of many beside a few pairs", func(s *scene) {
			s.proxied(programPID, 4, 0)
			for n := range 40 {
				s.stays(tcp.CloseWait, "192.0.2.1:8000", client(100+n), s.heldBy(programPID), heard(2*time.Hour))
			}
		}, verdict{"app-not-closing", Warning, Certain, 44, nil, []Cause{"proxied-culprit"}}, never},
		{"two programs", func(s *scene) {
			s.runs(900, "other")
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8, heard(time.Minute))
			for range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.20:8080", s.heldBy(900), heard(time.Minute))
			}
		}, leak, never},
		{"both came in", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8, heard(time.Minute))
			for n := range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:80", client(60+n), s.heldBy(programPID), heard(time.Minute))
			}
		}, leak, never},
		{"a program that talks to itself", func(s *scene) {
			s.listens("127.0.0.1:80", 128, queue(0))
			for n := range 8 {
				port := string(rune('1' + n))
				s.stays(tcp.CloseWait, "127.0.0.1:80", "127.0.0.1:4000"+port, s.heldBy(programPID), heard(time.Minute))
				s.stays(tcp.FinWait2, "127.0.0.1:4000"+port, "127.0.0.1:80", s.heldBy(programPID), heard(time.Minute))
			}
		}, leak, never},
	})
}

// TestTheProgramBehindIsTheOneToActOn: the proxy is named in the sentence only.
func TestTheProgramBehindIsTheOneToActOn(t *testing.T) {
	s := quietHost()
	s.proxied(programPID, 8, 0)
	if f := only(t, s.diagnose(), "proxied-culprit"); f.Subject.PID != 0 || f.Subject.Peer != "198.51.100.20:8080" || f.Subject.Local != "0.0.0.0:8000" {
		t.Errorf("%+v", f.Subject)
	}

	here := quietHost()
	here.runs(900, "backend")
	here.listens("0.0.0.0:80", 128, queue(0))
	here.listens("192.0.2.1:8080", 128, queue(0), here.heldBy(900))
	for n := range 8 {
		left := time.Minute + time.Duration(n)*10*time.Second
		here.stays(tcp.CloseWait, "192.0.2.1:80", client(n), here.heldBy(programPID), heard(left))
		port := "192.0.2.1:4000" + string(rune('1'+n))
		here.stays(tcp.FinWait2, port, "192.0.2.1:8080", here.heldBy(programPID), heard(left))
		here.stays(tcp.CloseWait, "192.0.2.1:8080", port, here.heldBy(900), heard(left))
	}
	report := here.diagnose()
	if f := one(t, report, "proxied-culprit"); f.Subject.PID != 900 || f.Subject.Name != "backend" {
		t.Errorf("%+v", f.Subject)
	}
	if f := one(t, report, "app-not-closing"); f.Subject.PID != 900 {
		t.Errorf("%+v", f.Subject)
	}
}

func TestPairUpTakesEachSocketOnce(t *testing.T) {
	at := func(times ...time.Duration) (list []seen) {
		for _, ago := range times {
			list = append(list, seen{now: &host.Socket{Info: host.Info{LastAckRecv: ago * time.Second}}})
		}
		return list
	}
	for _, c := range []struct {
		ended, passed []seen
		want          int
	}{
		{at(1, 2, 3), at(3, 2, 1), 3},
		{at(10, 10, 10), at(10), 1},
		{at(10, 20, 30), at(40, 50, 60), 0},
		{at(10, 100), at(9, 55, 101), 2},
		{nil, at(1), 0},
	} {
		if got := pairUp(c.ended, c.passed); len(got.ended) != c.want || len(got.passed) != c.want {
			t.Errorf("%d and %d pairs, want %d", len(got.ended), len(got.passed), c.want)
		}
	}
}
