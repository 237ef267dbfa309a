package diagnose

import (
	"fmt"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestSelfConnect(t *testing.T) {
	out := []Cause{"accept-stalled", "peer-vanished", "no-keepalive"}
	self := func(confidence Confidence) verdict {
		return verdict{"self-connect", Warning, confidence, 1, nil, out}
	}
	runScenes(t, []sceneCase{
		{"on a port that connect() takes", func(s *scene) {
			s.ports(1000)
			s.stays(tcp.Established, "127.0.0.1:40500", "127.0.0.1:40500", s.heldBy(programPID))
		}, self(Certain), nil},
		{"on a port that the program chose", func(s *scene) {
			s.ports(1000)
			s.stays(tcp.Established, "127.0.0.1:4050", "127.0.0.1:4050", s.heldBy(programPID))
		}, self(Probable), nil},
		{"IPv6", func(s *scene) {
			s.ports(1000)
			s.stays(tcp.Established, "[::1]:40500", "[::1]:40500", s.heldBy(programPID))
		}, self(Certain), nil},
		{"two programs on one host", func(s *scene) {
			s.ports(1000)
			s.stays(tcp.Established, "127.0.0.1:40500", "127.0.0.1:40501", s.heldBy(programPID))
			s.stays(tcp.Established, "127.0.0.1:40501", "127.0.0.1:40500", s.heldBy(programPID))
		}, verdict{}, nil},
		{"the same port at both ends, as BGP and NTP like it", func(s *scene) {
			s.stays(tcp.Established, "192.0.2.1:179", "192.0.2.7:179", s.heldBy(programPID))
		}, verdict{}, nil},
		{"an attempt that is not answered yet", func(s *scene) {
			s.stays(tcp.SynSent, "127.0.0.1:40500", "127.0.0.1:40500", s.heldBy(programPID))
		}, verdict{}, nil},
	})
}

func TestReservedPortsStayReserved(t *testing.T) {
	for old, want := range map[string][2]string{
		"":              {"40500", "net.ipv4.ip_local_reserved_ports="},
		"22,40900-4100": {"'22,40900-4100,40500'", "net.ipv4.ip_local_reserved_ports='22,40900-4100'"},
	} {
		s := quietHost()
		s.ports(1000)
		s.b.Settings["net.ipv4.ip_local_reserved_ports"] = old
		s.stays(tcp.Established, "127.0.0.1:40500", "127.0.0.1:40500", s.heldBy(programPID))
		r := only(t, s.diagnose(), "self-connect").Remedies[0]
		if r.Apply[0] != "sysctl -w net.ipv4.ip_local_reserved_ports="+want[0] || r.Undo[0] != "sysctl -w "+want[1] {
			t.Error(fmt.Sprintf("%q", old), r.Apply, r.Undo)
		}
	}
}
