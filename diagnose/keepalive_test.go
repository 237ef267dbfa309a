package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// idle adds n connections that came in and on which nothing moves.
func (s *scene) idle(n int, ago time.Duration, edits ...edit) {
	s.listens("0.0.0.0:88", 128, queue(0))
	for i := range n {
		s.stays(tcp.Established, "192.0.2.1:88", client(i), append([]edit{
			s.heldBy(programPID), heard(ago), func(sk *host.Socket) { sk.Info.LastDataSent = ago },
		}, edits...)...)
	}
}

func TestNoKeepalive(t *testing.T) {
	rivals := []Cause{"peer-vanished", "peer-not-reading"}
	never := []Cause{"no-keepalive"}
	runScenes(t, []sceneCase{
		{"many, for long", func(s *scene) { s.idle(200, time.Hour) }, verdict{"no-keepalive", Notice, Probable, 200, nil, rivals}, []Cause{"unexplained"}},
		{"many, for a while", func(s *scene) { s.idle(200, time.Minute) }, verdict{"no-keepalive", Info, Probable, 200, nil, rivals}, nil},
		{"dialled, to one place", func(s *scene) {
			for range manyIdle {
				s.stays(tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(programPID), heard(time.Hour), func(sk *host.Socket) { sk.Info.LastDataSent = time.Hour })
			}
		}, verdict{"no-keepalive", Notice, Probable, manyIdle, nil, rivals}, nil},
		{"dialled, to two places and to many", func(s *scene) {
			for n := range 3 * manyIdle {
				to := []string{"198.51.100.7:5432", "198.51.100.8:6379", client(n)}[n%3]
				s.stays(tcp.Established, "192.0.2.1:40001", to, s.heldBy(programPID), heard(time.Hour), func(sk *host.Socket) { sk.Info.LastDataSent = time.Hour })
			}
		}, verdict{"no-keepalive", Notice, Probable, 2 * manyIdle, nil, rivals}, nil},
		{"dialled, each elsewhere", func(s *scene) {
			for n := range 200 {
				s.stays(tcp.Established, "192.0.2.1:40001", client(n), s.heldBy(programPID), heard(time.Hour), func(sk *host.Socket) { sk.Info.LastDataSent = time.Hour })
			}
		}, verdict{}, never},
		{"twenty", func(s *scene) { s.idle(20, time.Hour) }, verdict{}, never},
		{"keepalive is on", func(s *scene) { s.idle(200, time.Hour, resent(0, host.TimerKeepalive)) }, verdict{}, never},
		{"used a moment ago", func(s *scene) { s.idle(200, time.Second) }, verdict{}, never},
		{"data waits to be read", func(s *scene) { s.idle(200, time.Hour, unread(9)) }, verdict{}, never},
	})
}
