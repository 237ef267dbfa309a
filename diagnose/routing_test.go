package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// unrouted refuses n SYNs of a listener because no route leads back.
func (s *scene) unrouted(n int64) {
	s.listens("0.0.0.0:80", 128, queue(0))
	s.refuses(uint32(n))
	s.rises("TcpExtListenDrops", n)
	s.rises("IpOutNoRoutes", n)
}

func TestNoReturnRoute(t *testing.T) {
	out := []Cause{"accept-backlog-too-small", "syn-flood", "syn-queue-too-small", "synack-lost-on-path", "synack-blocked-here"}
	want := verdict{"no-return-route", Warning, Certain, 24, nil, out}
	runScenes(t, []sceneCase{
		{"no default route", func(s *scene) { s.unrouted(24); s.b.Routes = s.b.Routes[1:] }, want, []Cause{"accept-backlog-too-small"}},
		{"a default route that is not for them", func(s *scene) { s.unrouted(24) }, want, nil},
		{"IPv6", func(s *scene) {
			s.unrouted(24)
			s.rises("IpOutNoRoutes", 0)
			s.rises("Ip6OutNoRoutes", 24)
		}, want, nil},
		{"a stray packet", func(s *scene) { s.unrouted(2) }, verdict{"no-return-route", Notice, Certain, 2, nil, out}, nil},
		{"our own connect() has no route", func(s *scene) { s.rises("IpOutNoRoutes", 24) }, verdict{}, nil},
		{"the accept queue overflows, and our own connect() has no route", func(s *scene) {
			s.rises("TcpExtListenDrops", 24)
			s.rises("TcpExtListenOverflows", 24)
			s.rises("IpOutNoRoutes", 24)
		}, verdict{}, []Cause{"no-return-route"}},
		{"SYNs are refused, and every one has a route", func(s *scene) { s.rises("TcpExtListenDrops", 24) }, verdict{}, []Cause{"no-return-route"}},
	})
}

// strictly drops n packets on eth1, whose way back is eth0.
func (s *scene) strictly(n int64) {
	s.listens("0.0.0.0:80", 128, queue(0))
	s.b.Settings["net.ipv4.conf.all.rp_filter"], s.b.Settings["net.ipv4.conf.eth0.rp_filter"] = "0", "0"
	s.b.Settings["net.ipv4.conf.eth1.rp_filter"] = "1"
	s.rises("TcpExtIPReversePathFilter", n)
}

func TestReturnPathFiltered(t *testing.T) {
	out := []Cause{"hairpin-source-dropped", "synack-dropped-here", "established-dropped"}
	runScenes(t, []sceneCase{
		{"strict where no default route leaves", func(s *scene) { s.strictly(48) }, verdict{"return-path-filtered", Warning, Certain, 48, nil, out}, nil},
		{"strict where it leaves too: forged senders", func(s *scene) {
			s.strictly(48)
			s.b.Settings["net.ipv4.conf.eth0.rp_filter"] = "1"
			delete(s.b.Settings, "net.ipv4.conf.eth1.rp_filter")
		}, verdict{"return-path-filtered", Notice, Certain, 48, nil, out}, nil},
		{"loose everywhere: no route leads back at all", func(s *scene) {
			s.strictly(48)
			s.b.Settings["net.ipv4.conf.all.rp_filter"] = "2"
		}, verdict{}, nil},
		{"a few stray packets", func(s *scene) { s.strictly(4) }, verdict{}, nil},
		{"our own SYNs wait: perhaps their answers", func(s *scene) {
			s.strictly(12)
			s.dials(6, target)
		}, verdict{"return-path-filtered", Notice, Possible, 12, []Cause{"synack-dropped-here"}, nil}, nil},
		{"one SYN waits, and far more is dropped", func(s *scene) {
			s.strictly(48)
			s.dials(1, target)
		}, verdict{"return-path-filtered", Warning, Certain, 48, nil, out}, nil},
		{"a connection is stuck: perhaps its packets", func(s *scene) {
			s.strictly(48)
			s.stays(tcp.Established, "192.0.2.1:80", client(1), s.heldBy(programPID), resent(5, host.TimerRetransmit))
		}, verdict{"return-path-filtered", Warning, Possible, 48, []Cause{"established-dropped"}, nil}, nil},
	})
}

func TestFilteredPathIsNamed(t *testing.T) {
	s := quietHost()
	s.strictly(48)
	f := only(t, s.diagnose(), "return-path-filtered")
	if f.Subject.Path != "eth1" || f.State != tcp.Unknown || len(f.Remedies) != 2 || f.Remedies[1].Undo[0] != "sysctl -w net.ipv4.conf.eth1.rp_filter=1" {
		t.Errorf("%+v", f)
	}
}
