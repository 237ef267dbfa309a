package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

// expects makes a baseline of listeners, of any program.
func (s *scene) expects(locals ...string) {
	s.b.Baseline = &host.Baseline{}
	for _, local := range locals {
		s.b.Baseline.Listeners = append(s.b.Baseline.Listeners, host.KnownListener{Local: at(local)})
	}
}

func TestUnexpectedListener(t *testing.T) {
	named := verdict{"unexpected-listener", Warning, Certain, 1, nil, nil}
	silent := verdict{}
	runScenes(t, []sceneCase{
		{"a new port", func(s *scene) { s.listens("0.0.0.0:4444", 128, queue(0)); s.expects("0.0.0.0:80") }, named, nil},
		{"nothing was expected", func(s *scene) { s.listens("0.0.0.0:4444", 128, queue(0)); s.expects() }, named, nil},
		{"the port was on loopback", func(s *scene) { s.listens("0.0.0.0:80", 128, queue(0)); s.expects("127.0.0.1:80") }, named, nil},
		{"IPv4 was open, now IPv6 is too", func(s *scene) { s.listens("[::]:80", 128, queue(0)); s.expects("0.0.0.0:80") }, named, nil},
		{"another program has it", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.b.Baseline = &host.Baseline{Listeners: []host.KnownListener{{Local: at("0.0.0.0:80"), Name: "httpd", Exe: "/usr/sbin/httpd"}}}
		}, named, nil},
		{"as expected", func(s *scene) { s.listens("0.0.0.0:80", 128, queue(0)); s.expects("0.0.0.0:80") }, silent, []Cause{"unexpected-listener"}},
		{"narrower than expected", func(s *scene) { s.listens("127.0.0.1:80", 128, queue(0)); s.expects("0.0.0.0:80") }, silent, []Cause{"unexpected-listener"}},
		{"the wildcard of both families", func(s *scene) { s.listens("192.0.2.1:80", 128, queue(0)); s.expects("[::]:80") }, silent, []Cause{"unexpected-listener"}},
		{"who has it cannot be seen", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0), s.unseenHolder())
			s.b.Baseline = &host.Baseline{Listeners: []host.KnownListener{{Local: at("0.0.0.0:80"), Exe: "/usr/sbin/httpd"}}}
		}, silent, []Cause{"unexpected-listener"}},
	})
	if report := quietHost().diagnose(); !needs(report, "unexpected-listener", needsBaseline) {
		t.Error("without a baseline it cannot be judged")
	}
}

func TestExposedListener(t *testing.T) {
	runScenes(t, []sceneCase{
		{"Redis on all addresses", func(s *scene) { s.listens("0.0.0.0:6379", 128, queue(0)) }, verdict{"exposed-listener", Notice, Probable, 1, nil, nil}, nil},
		{"MongoDB on all of both families", func(s *scene) { s.listens("[::]:27017", 128, queue(0)) }, verdict{"exposed-listener", Notice, Probable, 1, nil, nil}, nil},
		{"Redis on loopback", func(s *scene) { s.listens("127.0.0.1:6379", 128, queue(0)) }, verdict{}, []Cause{"exposed-listener"}},
		{"Redis on one address", func(s *scene) { s.listens("192.0.2.1:6379", 128, queue(0)) }, verdict{}, []Cause{"exposed-listener"}},
		{"a web server", func(s *scene) { s.listens("0.0.0.0:80", 128, queue(0)) }, verdict{}, []Cause{"exposed-listener"}},
	})
}
