package diagnose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// leaked adds n connections of the listener on port 80 whose clients finished.
func (s *scene) leaked(n int, edits ...edit) {
	for i := range n {
		s.stays(tcp.CloseWait, "192.0.2.1:80", client(i), append([]edit{s.heldBy(programPID)}, edits...)...)
	}
}

func TestAppNotClosing(t *testing.T) {
	inbound := verdict{"app-not-closing", Warning, Certain, 8, nil, []Cause{"closed-before-accept", "idle-pool", "app-blocked", "proxied-culprit"}}
	few := inbound
	few.severity, few.count = Notice, 2
	listening := func(fill func(*scene)) func(*scene) {
		return func(s *scene) { s.listens("0.0.0.0:80", 128, queue(0)); fill(s) }
	}
	runScenes(t, []sceneCase{
		{"many", listening(func(s *scene) { s.leaked(8) }), inbound, []Cause{"unexplained"}},
		{"few that do not grow are only worth knowing", listening(func(s *scene) { s.leaked(2) }), few, nil},
		{"few that grow", listening(func(s *scene) {
			s.leaked(2)
			s.comes(tcp.CloseWait, "192.0.2.1:80", client(70), s.heldBy(programPID))
		}), verdict{"app-not-closing", Warning, Certain, 2, nil, nil}, nil},
		{"as many closed as came: no growth", listening(func(s *scene) {
			s.leaked(2)
			s.comes(tcp.CloseWait, "192.0.2.1:80", client(70), s.heldBy(programPID))
			s.goes(tcp.CloseWait, "192.0.2.1:80", client(71), s.heldBy(programPID))
		}), few, nil},
		{"another process's growth is not this one's", listening(func(s *scene) {
			s.runs(900, "other")
			s.leaked(2)
			s.comes(tcp.CloseWait, "192.0.2.1:80", client(70), s.heldBy(900))
		}), few, nil},
		{"the program never read the end", listening(func(s *scene) { s.leaked(8, unread(1)) }), inbound, nil},
		{"unread data: perhaps the program is blocked", listening(func(s *scene) { s.leaked(8, unread(24)) }),
			verdict{"app-not-closing", Warning, Possible, 8, []Cause{"app-blocked"}, []Cause{"idle-pool"}}, nil},
		{"FIN-WAIT-2 in like number: perhaps a proxy", listening(func(s *scene) {
			s.leaked(8)
			for n := range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", client(n), s.heldBy(programPID))
			}
		}), verdict{"app-not-closing", Warning, Possible, 8, []Cause{"proxied-culprit"}, nil}, nil},
		{"FIN-WAIT-2 of another program is no pair", listening(func(s *scene) {
			s.runs(900, "other")
			s.leaked(8)
			for n := range 8 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", client(n), s.heldBy(900))
			}
		}), inbound, nil},
		{"FIN-WAIT-2 minisockets are orphans, no pair", listening(func(s *scene) {
			s.leaked(8)
			for n := range 4 {
				s.stays(tcp.FinWait2, "192.0.2.1:40001", client(n), mini)
			}
		}), inbound, nil},
		{"nobody is seen to hold them: one source", listening(func(s *scene) {
			s.b.ProcessesAfter.Hidden = 2
			for n := range 8 {
				s.stays(tcp.CloseWait, "192.0.2.1:80", client(n), s.unseenHolder())
			}
		}), verdict{"app-not-closing", Warning, Probable, 8, nil, nil}, nil},
		{"a dual-stack listener and IPv4 clients", func(s *scene) {
			s.listens("[::]:80", 128, queue(0))
			s.leaked(8)
		}, inbound, nil},
		{"IPv6", func(s *scene) {
			s.listens("[::]:80", 128, queue(0), v6only)
			for n := range 8 {
				s.stays(tcp.CloseWait, "[2001:db8::1]:80", client6(n), s.heldBy(programPID))
			}
		}, inbound, nil},
	})
}

func TestCloseWaitThatWeDialled(t *testing.T) {
	dialled := func(s *scene, n int, edits ...edit) {
		for range n {
			s.stays(tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", append([]edit{s.heldBy(programPID)}, edits...)...)
		}
	}
	rivals := []Cause{"app-not-closing", "app-blocked", "closed-before-accept", "proxied-culprit"}
	pool := verdict{"idle-pool", Info, Probable, 8, nil, rivals}
	leak := verdict{"app-not-closing", Warning, Certain, 8, nil, []Cause{"idle-pool", "app-blocked"}}
	never := []Cause{"app-not-closing", "app-blocked", "unexplained"}
	runScenes(t, []sceneCase{
		{"a pool that has not looked since", func(s *scene) { dialled(s, 8, unread(1)) }, pool, never},
		{"a pool whose server said farewell", func(s *scene) { dialled(s, 8, unread(110)) }, pool, never},
		{"a pool that renews its connections does not grow", func(s *scene) {
			dialled(s, 8, unread(1))
			s.comes(tcp.CloseWait, "192.0.2.1:40002", "198.51.100.7:5432", s.heldBy(programPID))
			s.turns(tcp.CloseWait, "192.0.2.1:40003", "198.51.100.7:5432", []edit{s.heldBy(programPID)}, becomes(tcp.LastAck))
		}, pool, never},
		{"a pool that turns over has one more by chance", func(s *scene) {
			dialled(s, 8, unread(1))
			for n := range 7 {
				s.comes(tcp.CloseWait, fmt.Sprintf("192.0.2.1:%d", 41000+n), "198.51.100.7:5432", s.heldBy(programPID), unread(1))
			}
			for n := range 6 {
				s.goes(tcp.CloseWait, fmt.Sprintf("192.0.2.1:%d", 42000+n), "198.51.100.7:5432", s.heldBy(programPID), unread(1))
			}
		}, pool, never},
		{"the program has read the ends: it forgot them", func(s *scene) { dialled(s, 8) }, leak, []Cause{"idle-pool"}},
		{"it has read one end", func(s *scene) { dialled(s, 7, unread(1)); dialled(s, 1) }, leak, []Cause{"idle-pool"}},
		{"more than a pool has: perhaps a pool", func(s *scene) { dialled(s, poolMost+1, unread(1)) },
			verdict{"app-not-closing", Notice, Possible, poolMost + 1, []Cause{"idle-pool"}, nil}, []Cause{"idle-pool"}},
		{"answers lie unread", func(s *scene) { dialled(s, 8, unread(4000)) },
			verdict{"app-not-closing", Warning, Possible, 8, []Cause{"app-blocked"}, []Cause{"idle-pool"}}, []Cause{"idle-pool"}},
		{"they grow", func(s *scene) {
			dialled(s, 8, unread(1))
			s.comes(tcp.CloseWait, "192.0.2.1:40002", "198.51.100.7:5432", s.heldBy(programPID))
		}, leak, []Cause{"idle-pool"}},
		{"several places", func(s *scene) {
			dialled(s, 4, unread(1))
			for range 4 {
				s.stays(tcp.CloseWait, "192.0.2.1:40001", "198.51.100.8:5432", s.heldBy(programPID), unread(1))
			}
		}, leak, []Cause{"idle-pool"}},
	})
}

func TestCloseWaitThatIsNoLeak(t *testing.T) {
	both := []Cause{"app-not-closing", "closed-before-accept", "unexplained"}
	moving := func(before, after edit) func(*scene) {
		return func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 8 {
				s.turns(tcp.CloseWait, "192.0.2.1:80", client(n), []edit{s.heldBy(programPID), before}, after)
			}
		}
	}
	runScenes(t, []sceneCase{
		{"half-closed, the peer acknowledges what we send", moving(acked(1), acked(9000)), verdict{}, both},
		{"half-closed, we send", moving(unsent(0), unsent(700)), verdict{}, both},
		{"the program reads what is left", moving(unread(900), unread(1)), verdict{}, both},
		{"younger than the window", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			for n := range 8 {
				s.comes(tcp.CloseWait, "192.0.2.1:80", client(n), s.heldBy(programPID))
				s.turns(tcp.Established, "192.0.2.1:80", client(20+n), []edit{s.heldBy(programPID)}, becomes(tcp.CloseWait))
			}
		}, verdict{}, both},
	})
}

func TestRetransmittedBytesAreNoMovement(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.turns(tcp.CloseWait, "192.0.2.1:80", client(1), []edit{s.heldBy(programPID)}, func(sk *host.Socket) { sk.Info.BytesSent = 9000 })
	only(t, s.diagnose(), "app-not-closing")
}

func TestClosedBeforeAccept(t *testing.T) {
	gaveUp := func(s *scene, n int) {
		for i := range n {
			s.stays(tcp.CloseWait, "192.0.2.1:80", client(i), unread(1))
		}
	}
	runScenes(t, []sceneCase{
		{"clients gave up in the queue", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(3))
			gaveUp(s, 3)
		}, verdict{"closed-before-accept", Warning, Probable, 3, nil, []Cause{"app-not-closing"}}, []Cause{"app-not-closing", "unexplained"}},
		{"IPv4 clients of a dual-stack listener", func(s *scene) {
			s.listens("[::]:80", 128, queue(3))
			gaveUp(s, 3)
		}, verdict{"closed-before-accept", Warning, Probable, 3, nil, nil}, nil},
		{"accepted ones are a leak", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(3, unread(1))
		}, verdict{}, []Cause{"closed-before-accept", "accept-stalled"}},
		{"younger than the window", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0, 0, 0, 0, 0, 1))
			s.comes(tcp.CloseWait, "192.0.2.1:80", client(1), unread(1))
		}, verdict{}, []Cause{"closed-before-accept"}},
		{"no listener there", func(s *scene) { gaveUp(s, 3) }, verdict{}, []Cause{"closed-before-accept", "app-not-closing"}},
	})
}

func TestOneFindingForEachLeak(t *testing.T) {
	s := quietHost()
	s.runs(900, "other")
	s.listens("0.0.0.0:80", 128, queue(0))
	s.leaked(8)
	for n := range 6 {
		s.stays(tcp.CloseWait, "192.0.2.1:80", client(100+n), s.heldBy(900))
		s.stays(tcp.CloseWait, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(900))
	}
	found := s.diagnose().of("app-not-closing")
	if len(found) != 3 || found[0].Subject.PID != programPID || found[0].Subject.Local != "0.0.0.0:80" {
		t.Fatalf("want three leaks, the largest first: %+v", found)
	}
	for _, f := range found[1:] {
		if f.Subject.PID != 900 || (f.Subject.Local == "") == (f.Subject.Peer == "") {
			t.Errorf("subject %+v", f.Subject)
		}
	}
}

func TestLeakSharedAfterAForkBelongsToTheParent(t *testing.T) {
	s := quietHost()
	s.runs(900, "child")
	s.listens("0.0.0.0:80", 128, queue(0))
	s.leaked(5)
	for _, o := range s.b.ProcessesAfter.Owners {
		o.PID = 900
		s.b.ProcessesAfter.Owners = append(s.b.ProcessesAfter.Owners, o)
	}
	if f := only(t, s.diagnose(), "app-not-closing"); f.Subject.PID != programPID {
		t.Errorf("%+v", f.Subject)
	}
}

func TestOwnersOfTheFirstReadingStandWhenThereIsNoLater(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.leaked(5)
	s.b.ProcessesAfter = host.Processes{}
	if f := only(t, s.diagnose(), "app-not-closing"); f.Subject.PID != programPID {
		t.Errorf("%+v", f.Subject)
	}
}

func TestRestartNamesTheUnitOnlyWhenItsNameIsPlain(t *testing.T) {
	for cgroup, want := range map[string]string{
		"/system.slice/nginx.service": "systemctl restart nginx.service", "/user.slice/session-3.scope": "", "/system.slice/a;reboot.service": "", "/-x.service": "", "": "",
	} {
		s := quietHost()
		s.b.ProcessesAfter.List[0].Cgroup = cgroup
		s.listens("0.0.0.0:80", 128, queue(0))
		s.leaked(5)
		f := only(t, s.diagnose(), "app-not-closing")
		if got := strings.Join(f.Remedies[1].Apply, ""); got != want {
			t.Errorf("%q: %q", cgroup, got)
		}
	}
}
