package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// clashing adds n leaked connections whose addresses and ports come round again.
func (s *scene) clashing(n int) {
	for i := range n {
		s.goes(tcp.CloseWait, "192.0.2.1:80", client(100+i), s.heldBy(programPID))
		s.comes(tcp.Established, "192.0.2.1:80", client(100+i), s.heldBy(programPID))
	}
}

func TestTupleClash(t *testing.T) {
	want := verdict{"tuple-clash", Warning, Certain, 4, nil, []Cause{"reset-storm"}}
	never := []Cause{"tuple-clash"}
	runScenes(t, []sceneCase{
		{"ports come round again", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.clashing(4)
			s.rises("TcpExtTCPSYNChallenge", 4)
			s.rises("TcpExtTCPChallengeACK", 4)
		}, want, nil},
		{"fewer challenges than places taken", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.clashing(4)
			s.rises("TcpExtTCPSYNChallenge", 1)
		}, verdict{"tuple-clash", Warning, Possible, 4, []Cause{"reset-storm"}, nil}, nil},
		{"closed and opened anew: no challenge", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.clashing(4)
		}, verdict{}, never},
		{"forged SYNs replace nothing", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8)
			s.rises("TcpExtTCPSYNChallenge", 400)
		}, verdict{}, never},
		{"other connections came", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 4 {
				s.goes(tcp.CloseWait, "192.0.2.1:80", client(n), s.heldBy(programPID))
				s.comes(tcp.Established, "192.0.2.1:80", client(50+n), s.heldBy(programPID))
			}
			s.rises("TcpExtTCPSYNChallenge", 4)
		}, verdict{}, never},
	})
}

func TestAClashFollowsFromTheLeak(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.leaked(8)
	s.clashing(4)
	s.rises("TcpExtTCPSYNChallenge", 4)
	if f := one(t, s.diagnose(), "tuple-clash"); f.BecauseOf != "app-not-closing" || f.Subject.PID != programPID {
		t.Errorf("%+v", f)
	}
}
