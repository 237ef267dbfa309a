package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestHalfCloseHeld(t *testing.T) {
	held := func(s *scene, n int) {
		s.listens("0.0.0.0:80", 128, queue(0))
		for i := range n {
			s.stays(tcp.FinWait2, "192.0.2.1:80", client(i), s.heldBy(programPID))
		}
	}
	many := verdict{"half-close-held", Warning, Certain, 8, nil, []Cause{"peer-not-closing", "proxied-culprit"}}
	few := many
	few.severity, few.count = Notice, 2
	runScenes(t, []sceneCase{
		{"many", func(s *scene) { held(s, 8) }, many, []Cause{"unexplained"}},
		{"few", func(s *scene) { held(s, 2) }, few, nil},
		{"few that grow", func(s *scene) {
			held(s, 2)
			s.turns(tcp.Established, "192.0.2.1:80", client(9), []edit{s.heldBy(programPID)}, becomes(tcp.FinWait2))
		}, verdict{"half-close-held", Warning, Certain, 2, nil, nil}, nil},
		{"as many ended in TIME-WAIT as came: no growth", func(s *scene) {
			held(s, 2)
			s.turns(tcp.Established, "192.0.2.1:80", client(9), []edit{s.heldBy(programPID)}, becomes(tcp.FinWait2))
			s.turns(tcp.FinWait2, "192.0.2.1:80", client(10), []edit{s.heldBy(programPID)}, becomes(tcp.TimeWait), mini, func(sk *host.Socket) { sk.Inode = 0 })
		}, few, nil},
		{"a keepalive timer runs, the program holds it all the same", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:80", client(n), s.heldBy(programPID), resent(0, host.TimerKeepalive))
			}
		}, many, nil},
		{"CLOSE-WAIT in like number: perhaps a proxy", func(s *scene) {
			held(s, 8)
			for n := range 8 {
				s.stays(tcp.CloseWait, "192.0.2.1:40001", client(n), s.heldBy(programPID))
			}
		}, verdict{"half-close-held", Warning, Possible, 8, []Cause{"proxied-culprit"}, nil}, nil},
		{"dialled, IPv6", func(s *scene) {
			for range 8 {
				s.stays(tcp.FinWait2, "[2001:db8::1]:40001", "[2001:db8::7]:443", s.heldBy(programPID))
			}
		}, many, nil},
	})
}

func TestFinWait2ThatNoProgramHolds(t *testing.T) {
	never := []Cause{"half-close-held"}
	runScenes(t, []sceneCase{
		{"minisockets of orphans", func(s *scene) {
			for n := range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:80", client(n), mini)
			}
		}, verdict{"peer-not-closing", Notice, Probable, 8, nil, nil}, append(never, "unexplained")},
		{"bytes still arrive: a half-closed transfer", func(s *scene) {
			for n := range 8 {
				s.turns(tcp.FinWait2, "192.0.2.1:80", client(n), []edit{s.heldBy(programPID)}, received(4000))
			}
		}, verdict{}, []Cause{"half-close-held", "unexplained"}},
		{"younger than the window", func(s *scene) {
			for n := range 8 {
				s.comes(tcp.FinWait2, "192.0.2.1:80", client(n), s.heldBy(programPID))
			}
		}, verdict{}, []Cause{"half-close-held", "unexplained"}},
	})
}

func TestHeldHalfCloseNeverEnds(t *testing.T) {
	s := quietHost()
	s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.7:443", s.heldBy(programPID))
	f := only(t, s.diagnose(), "half-close-held")
	if !f.Fate.Forever || f.Fate.Within != time.Duration(0) || f.Subject.Peer != "198.51.100.7:443" || f.Subject.Local != "" {
		t.Errorf("%+v", f)
	}
}
