package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestResetStorm(t *testing.T) {
	out := []Cause{"orphan-limit", "accept-stalled", "tuple-clash", "asymmetric-return"}
	storm := func(resets, opened int64) func(*scene) {
		return func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.rises("TcpEstabResets", resets)
			s.rises("TcpPassiveOpens", opened)
			s.rises("TcpOutRsts", resets)
		}
	}
	also := func(first func(*scene), counter string, by int64) func(*scene) {
		return func(s *scene) { first(s); s.rises(counter, by) }
	}
	ours := also(storm(90, 100), "TcpExtTCPAbortOnData", 90)
	runScenes(t, []sceneCase{
		{"a program aborts", ours, verdict{"reset-storm", Warning, Probable, 90, nil, out}, nil},
		{"peers abort", storm(90, 100), verdict{"reset-storm", Warning, Probable, 90, nil, out}, nil},
		{"a third of the connections", storm(90, 270), verdict{"reset-storm", Notice, Probable, 90, nil, out}, nil},
		{"a tenth of them", storm(90, 900), verdict{}, nil},
		{"a few, now and then", storm(9, 9), verdict{}, nil},
		{"the kernel aborts orphans", also(also(storm(90, 100), "TcpExtTCPAbortOnMemory", 90), "TcpExtTCPAbortOnData", 0),
			verdict{"reset-storm", Notice, Possible, 90, []Cause{"orphan-limit"}, out[1:]}, nil},
		{"accept queues overflow too", also(ours, "TcpExtListenOverflows", 90),
			verdict{"reset-storm", Notice, Possible, 90, []Cause{"accept-stalled"}, nil}, nil},
		{"SYNs meet old connections", also(ours, "TcpExtTCPSYNChallenge", 90),
			verdict{"reset-storm", Notice, Possible, 90, []Cause{"tuple-clash"}, nil}, nil},
		{"handshakes are reset", also(ours, "TcpExtEmbryonicRsts", 90),
			verdict{"reset-storm", Notice, Possible, 90, []Cause{"asymmetric-return"}, nil}, nil},
		{"nobody listens where SYNs come", func(s *scene) { s.rises("TcpOutRsts", 200) },
			verdict{"reset-storm", Notice, Possible, 200, []Cause{"asymmetric-return"}, nil}, nil},
	})
	s := quietHost()
	ours(s)
	if f := only(t, s.diagnose(), "reset-storm"); f.Subject.PID != programPID || f.Subject.Local != "0.0.0.0:80" || f.Summary.ID != "reset-storm-here" {
		t.Errorf("%+v", f)
	}
}

func TestGuessedResets(t *testing.T) {
	out := []Cause{"tuple-clash", "established-dropped"}
	guess := func(s *scene) { s.rises("TcpExtTCPChallengeACK", 167) }
	runScenes(t, []sceneCase{
		{"counted only", guess, verdict{"reset-storm", Warning, Probable, 167, nil, out}, nil},
		{"connections that they struck show it", func(s *scene) {
			guess(s)
			s.turns(tcp.Established, "192.0.2.1:80", client(1), []edit{s.heldBy(programPID), heard(time.Hour)}, func(sk *host.Socket) { sk.Info.SegmentsIn, sk.Info.SegmentsOut = 8, 8 })
		}, verdict{"reset-storm", Warning, Certain, 167, nil, out}, nil},
		{"a SYN within a connection is answered so too", func(s *scene) { guess(s); s.rises("TcpExtTCPSYNChallenge", 165) }, verdict{}, nil},
		{"the true peers meant it", func(s *scene) { guess(s); s.rises("TcpEstabResets", 150); s.rises("TcpActiveOpens", 900) },
			verdict{"reset-storm", Notice, Possible, 167, []Cause{"established-dropped"}, nil}, nil},
		{"one or two", func(s *scene) { s.rises("TcpExtTCPChallengeACK", 4) }, verdict{}, nil},
	})
}
