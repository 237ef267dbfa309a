package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestPeerNotReading(t *testing.T) {
	full := func(s *scene, n int, edits ...edit) {
		s.listens("0.0.0.0:80", 128, queue(0))
		for i := range n {
			s.stays(tcp.Established, "192.0.2.1:80", client(i), append([]edit{s.heldBy(programPID), shut}, edits...)...)
		}
	}
	rivals := []Cause{"peer-vanished", "established-dropped", "path-mtu-black-hole"}
	want := verdict{"peer-not-reading", Warning, Probable, 8, nil, rivals}
	counted := want
	counted.confidence = Certain
	one := verdict{"peer-not-reading", Notice, Probable, 1, nil, rivals}
	never := []Cause{"peer-not-reading"}
	runScenes(t, []sceneCase{
		{"windows are shut", func(s *scene) { full(s, 8) }, want, []Cause{"unexplained", "peer-vanished"}},
		{"probes are counted", func(s *scene) { full(s, 8); s.rises("TcpExtTCPWinProbe", 12) }, counted, nil},
		{"one", func(s *scene) { full(s, 1) }, one, nil},
		{"the kernel does not tell the window, the timer does", func(s *scene) {
			full(s, 8, func(sk *host.Socket) { sk.Info.HasSendWindow = false })
		}, want, nil},
		{"it has finished sending, and does not read", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8, shut)
		}, want, []Cause{"app-not-closing", "app-blocked", "unexplained"}},
		{"probes stay unanswered: it is gone", func(s *scene) { full(s, 8, heard(time.Hour)) }, verdict{}, never},
		{"several probes in a row", func(s *scene) { full(s, 8, resent(3, host.TimerProbe)) }, verdict{}, never},
		{"slow, but it reads", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 8 {
				s.turns(tcp.Established, "192.0.2.1:80", client(n), []edit{s.heldBy(programPID), shut}, acked(4000))
			}
		}, verdict{}, never},
		{"shut since a moment", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 8 {
				s.comes(tcp.Established, "192.0.2.1:80", client(n), s.heldBy(programPID), shut)
			}
		}, verdict{}, never},
		{"retransmitting", func(s *scene) { full(s, 8, resent(5, host.TimerRetransmit)) }, verdict{}, never},
	})
}

// TestAReaderOnThisHostIsTheOneToActOn: both ends are here.
func TestAReaderOnThisHostIsTheOneToActOn(t *testing.T) {
	s := quietHost()
	s.runs(900, "reader")
	s.listens("127.0.0.1:80", 128, queue(0))
	for n := range 8 {
		port := fmt.Sprintf("127.0.0.1:%d", 40001+n)
		s.stays(tcp.Established, "127.0.0.1:80", port, s.heldBy(programPID), shut)
		s.stays(tcp.Established, port, "127.0.0.1:80", s.heldBy(900), unread(65000))
	}
	f := only(t, s.diagnose(), "peer-not-reading")
	if _, ok := fact(f, "reader-here"); !ok || f.Subject.PID != 900 {
		t.Errorf("%+v", f)
	}
}
