package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// waiting adds connections that no program has accepted.
func (s *scene) waiting(local string, from, to int) {
	for n := from; n < to; n++ {
		s.stays(tcp.Established, local, client(n))
	}
}

func TestAcceptStalled(t *testing.T) {
	stalled := verdict{"accept-stalled", Critical, Certain, 3, nil, []Cause{"accept-backlog-too-small"}}
	warned := stalled
	warned.severity = Warning
	runScenes(t, []sceneCase{
		{"the queue is full and nobody takes from it", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.waiting("192.0.2.1:80", 0, 3)
			s.rises("TcpExtListenOverflows", 17)
		}, stalled, []Cause{"accept-backlog-too-small", "unexplained"}},
		{"the queue has room left: nobody is refused yet", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
			s.waiting("192.0.2.1:80", 0, 3)
		}, warned, nil},
		{"one connection waits", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(1))
			s.waiting("192.0.2.1:80", 0, 1)
		}, verdict{"accept-stalled", Warning, Certain, 1, nil, nil}, nil},
		{"the queue grows while nobody takes", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(1, 1, 2, 2, 3, 3))
			s.waiting("192.0.2.1:80", 0, 1)
			s.comes(tcp.Established, "192.0.2.1:80", client(7))
			s.comes(tcp.Established, "192.0.2.1:80", client(8))
		}, warned, nil},
		{"IPv6", func(s *scene) {
			s.listens("[2001:db8::1]:80", 128, queue(3))
			for n := range 3 {
				s.stays(tcp.Established, "[2001:db8::1]:80", client6(n))
			}
		}, warned, nil},
		{"a dual-stack listener whose clients came by IPv4", func(s *scene) {
			s.listens("[::]:80", 128, queue(3))
			s.waiting("192.0.2.1:80", 0, 3)
		}, warned, nil},
		{"the program got one connection of another listener only", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
			s.listens("192.0.2.1:81", 128, queue(0))
			s.waiting("192.0.2.1:80", 0, 3)
			s.turns(tcp.Established, "192.0.2.1:81", client(9), nil, s.heldBy(programPID))
		}, warned, nil},
		{"clients that gave up wait in it too", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
			s.waiting("192.0.2.1:80", 0, 2)
			s.stays(tcp.CloseWait, "192.0.2.1:80", client(5), unread(1))
		}, warned, nil},
		{"some that waited are gone, perhaps reset: possible only", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
			s.waiting("192.0.2.1:80", 0, 3)
			s.goes(tcp.Established, "192.0.2.1:80", client(9))
		}, verdict{"accept-stalled", Warning, Possible, 3, []Cause{"accept-backlog-too-small"}, nil}, nil},
		{"all were reset, only the length is left: possible only", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
		}, verdict{"accept-stalled", Warning, Possible, 3, []Cause{"accept-backlog-too-small"}, nil}, nil},
		{"SO_REUSEPORT: one queue stands among draining ones", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
			s.listens("192.0.2.1:80", 128, queue(2, 0, 1, 0, 1, 0))
			s.waiting("192.0.2.1:80", 0, 3)
			s.turns(tcp.Established, "192.0.2.1:80", client(9), nil, s.heldBy(programPID))
		}, warned, nil},
	})
}

func TestAcceptingProgramIsNotStalled(t *testing.T) {
	never := []Cause{"accept-stalled"}
	runScenes(t, []sceneCase{
		{"full at every look while its members change", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			for n := range 3 {
				s.goes(tcp.Established, "192.0.2.1:80", client(n))
				s.comes(tcp.Established, "192.0.2.1:80", client(10+n))
			}
		}, verdict{}, never},
		{"one of those that wait gained an owner", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.waiting("192.0.2.1:80", 0, 2)
			s.turns(tcp.Established, "192.0.2.1:80", client(9), nil, s.heldBy(programPID))
		}, verdict{}, never},
		{"one was taken, served and closed within the window", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.waiting("192.0.2.1:80", 0, 2)
			s.turns(tcp.Established, "192.0.2.1:80", client(9), nil, becomes(tcp.TimeWait), mini)
		}, verdict{}, never},
		{"a connection came and was taken within the window", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.waiting("192.0.2.1:80", 0, 3)
			s.comes(tcp.Established, "192.0.2.1:80", client(9), s.heldBy(programPID))
		}, verdict{}, never},
		{"the queue was empty at one look", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3, 2, 0, 1, 2, 3))
			s.waiting("192.0.2.1:80", 0, 3)
		}, verdict{}, never},
		{"the queue became shorter", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(9, 9, 9, 8, 9, 9))
			s.waiting("192.0.2.1:80", 0, 9)
		}, verdict{}, never},
		{"SO_REUSEPORT: every queue drains", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(2, 1, 2, 0, 1, 1))
			s.listens("192.0.2.1:80", 128, queue(1, 0, 1, 0, 1, 2))
			s.comes(tcp.Established, "192.0.2.1:80", client(9))
		}, verdict{}, never},
		{"SO_REUSEPORT: a queue that is long at every look, its members young", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(2))
			s.listens("192.0.2.1:80", 128, queue(1, 0, 1, 0, 1, 0))
			for n := range 2 {
				s.goes(tcp.Established, "192.0.2.1:80", client(n))
				s.comes(tcp.Established, "192.0.2.1:80", client(10+n))
			}
		}, verdict{}, never},
		{"SO_REUSEPORT: one of a queue's members waits long, the others change", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(3))
			s.listens("192.0.2.1:80", 128, queue(1, 0, 1, 0, 1, 0))
			s.waiting("192.0.2.1:80", 0, 1)
			for n := range 2 {
				s.goes(tcp.Established, "192.0.2.1:80", client(5+n))
				s.comes(tcp.Established, "192.0.2.1:80", client(10+n))
			}
		}, verdict{}, never},
		{"as many are gone as still wait", func(s *scene) {
			s.listens("192.0.2.1:80", 128, queue(4))
			s.waiting("192.0.2.1:80", 0, 2)
			for n := range 2 {
				s.goes(tcp.Established, "192.0.2.1:80", client(5+n))
				s.comes(tcp.Established, "192.0.2.1:80", client(10+n))
			}
		}, verdict{}, never},
		{"a v6-only listener takes no IPv4", func(s *scene) {
			s.listens("[::]:80", 128, queue(0), v6only)
			s.waiting("192.0.2.1:80", 0, 3)
		}, verdict{}, never},
		{"nobody waits", func(s *scene) { s.listens("192.0.2.1:80", 128, queue(0)) }, verdict{}, nil},
	})
}

func TestAcceptBacklogTooSmall(t *testing.T) {
	burst := func(s *scene) { // the program accepts all the time, the queue is full at most looks
		s.listens("192.0.2.1:80", 2, queue(3, 3, 1, 3, 3, 3))
		s.refuses(40)
		for n := range 3 {
			s.turns(tcp.Established, "192.0.2.1:80", client(n), nil, s.heldBy(programPID))
			s.comes(tcp.Established, "192.0.2.1:80", client(10+n))
		}
		s.rises("TcpExtListenOverflows", 40)
	}
	want := verdict{"accept-backlog-too-small", Warning, Certain, 40, nil, []Cause{"accept-stalled", "syn-flood"}}
	runScenes(t, []sceneCase{
		{"bursts overflow a short queue", burst, want, []Cause{"accept-stalled", "unexplained"}},
		{"full at every look, served and closed by the server", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.refuses(40)
			for n := range 3 {
				s.turns(tcp.Established, "192.0.2.1:80", client(n), nil, becomes(tcp.TimeWait), mini)
				s.comes(tcp.Established, "192.0.2.1:80", client(10+n))
			}
			s.rises("TcpExtListenOverflows", 40)
		}, want, []Cause{"accept-stalled"}},
		{"the half-open queue is full too: a flood is possible", func(s *scene) {
			burst(s)
			s.rises("TcpExtTCPReqQFullDoCookies", 30)
		}, verdict{"accept-backlog-too-small", Warning, Possible, 40, []Cause{"syn-flood"}, []Cause{"accept-stalled"}}, nil},
		{"nothing overflowed", func(s *scene) {
			burst(s)
			s.rises("TcpExtListenOverflows", 0)
		}, verdict{}, []Cause{"accept-backlog-too-small"}},
		{"another listener overflowed", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3, 0, 1, 0, 1, 0))
			s.refuses(0)
			s.rises("TcpExtListenOverflows", 40)
		}, verdict{}, []Cause{"accept-backlog-too-small"}},
		{"the kernel does not tell drops: a queue seen full answers for them", func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3, 0, 1, 0, 1, 0))
			s.rises("TcpExtListenOverflows", 40)
		}, verdict{"accept-backlog-too-small", Warning, Certain, 0, nil, []Cause{"accept-stalled"}}, nil},
	})
}

func TestWhatBoundsTheQueue(t *testing.T) {
	for somaxconn, want := range map[string]string{"2": "bound-by-somaxconn", "4096": "bound-by-listen"} {
		s := quietHost()
		s.b.Settings["net.core.somaxconn"] = somaxconn
		s.listens("192.0.2.1:80", 2, queue(3, 0, 3, 0, 3, 0))
		s.rises("TcpExtListenOverflows", 9)
		f := one(t, s.diagnose(), "accept-backlog-too-small")
		if e, _ := fact(f, "accept-queue-limit"); e.Text.ID != want {
			t.Errorf("somaxconn %s: %s", somaxconn, e.Text)
		}
		if raise := f.Remedies[len(f.Remedies)-1]; (raise.ID == "raise-somaxconn") != (somaxconn == "2") {
			t.Errorf("somaxconn %s: remedies %v", somaxconn, f.Remedies)
		} else if somaxconn == "2" && raise.Undo[0] != "sysctl -w net.core.somaxconn=2" {
			t.Errorf("the way back is not exact: %v", raise.Undo)
		}
	}
}

func TestWhatTheStalledProgramDoes(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*host.Process)
		text   string
		remedy string
	}{
		{"stopped", func(p *host.Process) { p.State = "T" }, "program-stopped", "continue-program"},
		{"blocked", func(p *host.Process) { p.State = "D" }, "program-blocked", "look-at-program"},
		{"busy", func(p *host.Process) { p.State, p.CPU = "R", 5e9 }, "program-busy", "look-at-program"},
		{"waiting", func(p *host.Process) {}, "program-waits", "look-at-program"},
	} {
		s := quietHost()
		s.listens("192.0.2.1:80", 128, queue(1))
		s.waiting("192.0.2.1:80", 0, 1)
		c.change(&s.b.ProcessesAfter.List[0])
		f := only(t, s.diagnose(), "accept-stalled")
		if e, _ := fact(f, "program-state"); e.Text.ID != c.text {
			t.Errorf("%s: %s", c.name, e.Text)
		}
		if f.Remedies[0].ID != c.remedy {
			t.Errorf("%s: first remedy is %s", c.name, f.Remedies[0].ID)
		}
		if f.Subject.PID != programPID || f.Subject.Name != "nginx" || f.Subject.Local != "192.0.2.1:80" {
			t.Errorf("%s: subject %+v", c.name, f.Subject)
		}
	}
}

func TestStalledProgramThatWeMayNotSee(t *testing.T) {
	for hidden, want := range map[int]string{0: "who-kernel", 3: "who-hidden"} {
		s := quietHost()
		s.b.ProcessesAfter.Hidden = hidden
		s.listens("192.0.2.1:80", 128, queue(1), s.unseenHolder())
		s.waiting("192.0.2.1:80", 0, 1)
		f := only(t, s.diagnose(), "accept-stalled")
		if who := f.Summary.Args[0].(Message); who.ID != want {
			t.Errorf("%d hidden processes: %s", hidden, who)
		}
		if f.Confidence != Probable || f.Subject.PID != 0 {
			t.Errorf("listeners and sockets are one source: %s of %+v", f.Confidence, f.Subject)
		}
	}
}

// TestListenerOf follows the kernel's look-up.
func TestListenerOf(t *testing.T) {
	s := quietHost()
	s.listens("192.0.2.1:80", 1, queue(0))
	s.listens("0.0.0.0:80", 1, queue(0))
	s.listens("[::]:80", 1, queue(0), v6only)
	s.listens("[2001:db8::1]:80", 1, queue(0))
	s.listens("[::]:443", 1, queue(0))
	s.listens("[::]:8443", 1, queue(0), v6only)
	x := newIndex(s.bundle())
	for local, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1:80", "192.0.2.2:80": "0.0.0.0:80", "[2001:db8::1]:80": "[2001:db8::1]:80", "[2001:db8::2]:80": "[::]:80",
		"192.0.2.1:443": "[::]:443", "[::ffff:192.0.2.1]:443": "[::]:443", "[2001:db8::2]:443": "[::]:443",
		"192.0.2.1:8443": "", "[2001:db8::1]:8443": "[::]:8443", "192.0.2.1:22": "",
	} {
		got := ""
		if l := x.listenerOf(at(local)); l != nil {
			got = l.at.String()
		}
		if got != want {
			t.Errorf("%s belongs to %q, want %q", local, got, want)
		}
	}
}
