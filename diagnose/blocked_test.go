package diagnose

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// waits sets what the threads of the program wait for.
func (s *scene) waits(list ...host.Wait) { s.b.ProcessesAfter.List[0].Waits = list }

func threadsIn(function string, n int) host.Wait { return host.Wait{In: function, Threads: n} }

func TestAppBlocked(t *testing.T) {
	left := func(s *scene) {
		s.listens("0.0.0.0:80", 128, queue(0))
		s.leaked(8, unread(201))
	}
	rivals := []Cause{"app-not-closing", "closed-before-accept", "idle-pool", "proxied-culprit"}
	want := verdict{"app-blocked", Warning, Certain, 8, nil, rivals}
	never := []Cause{"app-not-closing", "unexplained"}
	runScenes(t, []sceneCase{
		{"a deadlock; one thread still accepts", func(s *scene) {
			left(s)
			s.waits(threadsIn("futex_do_wait", 12), threadsIn("inet_csk_accept", 1), threadsIn("anon_pipe_read", 1), threadsIn("hrtimer_nanosleep", 1))
		}, want, never},
		{"all wait for the answer of a database", func(s *scene) {
			left(s)
			s.stays(tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(programPID))
			s.waits(host.Wait{In: "wait_woken", Inode: uint32(s.inode), Threads: 8}, threadsIn("inet_csk_accept", 1))
		}, want, never},
		{"a disk does not answer", func(s *scene) { left(s); s.waits(threadsIn("folio_wait_bit_common", 4)) }, want, never},
		{"a stopped program reads not even ends", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8, unread(1))
			s.b.ProcessesAfter.List[0].State = "T"
		}, want, never},
		{"half of them read", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(4)
			s.leaked(4, unread(90))
			s.waits(threadsIn("futex_do_wait", 4))
		}, want, never},
	})
}

func TestProgramsThatAreNotBlocked(t *testing.T) {
	never := []Cause{"app-blocked"}
	leak := verdict{"app-not-closing", Warning, Certain, 8, nil, []Cause{"app-blocked"}}
	perhaps := verdict{"app-not-closing", Warning, Possible, 8, []Cause{"app-blocked"}, nil}
	left := func(waits ...host.Wait) func(*scene) {
		return func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8, unread(201))
			s.waits(waits...)
		}
	}
	runScenes(t, []sceneCase{
		{"idle workers and no unread data", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8)
			s.waits(threadsIn("futex_do_wait", 12))
		}, leak, never},
		{"it reads from others meanwhile", func(s *scene) {
			left(threadsIn("futex_do_wait", 12))(s)
			s.turns(tcp.Established, "192.0.2.1:80", client(90), []edit{s.heldBy(programPID), received(10)}, received(900))
		}, leak, never},
		{"bytes that only arrive are not read", func(s *scene) {
			left(threadsIn("futex_do_wait", 12))(s)
			s.turns(tcp.Established, "192.0.2.1:80", client(90), []edit{s.heldBy(programPID), received(10)}, received(900), unread(890))
		}, verdict{"app-blocked", Warning, Certain, 8, nil, nil}, nil},
		{"a thread waits for events", left(threadsIn("futex_do_wait", 12), threadsIn("ep_poll", 1)), perhaps, never},
		{"a thread waits for the next request of another client", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(8, unread(201))
			s.stays(tcp.Established, "192.0.2.1:80", client(90), s.heldBy(programPID))
			s.waits(threadsIn("futex_do_wait", 12), host.Wait{In: "wait_woken", Inode: uint32(s.inode), Threads: 1})
		}, perhaps, never},
		{"a thread runs, or may not be seen", left(threadsIn("futex_do_wait", 12), threadsIn("", 1)), perhaps, never},
		{"which socket it waits for may not be seen", left(threadsIn("futex_do_wait", 12), threadsIn("wait_woken", 1)), perhaps, never},
		{"nobody asked the threads", left(), perhaps, never},
		{"one thread, and it accepts", left(threadsIn("inet_csk_accept", 1)), perhaps, never},
		{"unread data on one of them", func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.leaked(7)
			s.leaked(1, unread(90))
			s.waits(threadsIn("futex_do_wait", 4))
		}, perhaps, never},
	})
}

func TestBlockedNeedsProcesses(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.leaked(8, unread(201))
	s.lose(evidence.SourceProcesses)
	s.b.ProcessesAfter, s.b.ProcessesBefore = host.Processes{}, host.Processes{}
	report := s.diagnose()
	if !needs(report, "app-blocked", "processes") {
		t.Error("app-blocked was judged without processes")
	}
	if f := one(t, report, "app-not-closing"); f.Confidence != Possible || !has(f.Open, "app-blocked") {
		t.Errorf("%+v", f)
	}
}

func TestADependencyIsNamed(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.leaked(8, unread(201))
	s.stays(tcp.Established, "192.0.2.1:40001", "198.51.100.7:5432", s.heldBy(programPID), heard(time.Minute))
	s.waits(host.Wait{In: "wait_woken", Inode: uint32(s.inode), Threads: 8})
	f := only(t, s.diagnose(), "app-blocked")
	if e, ok := fact(f, "waits-for-dependency"); !ok || e.Value != 8 || e.Text.Args[1] != "198.51.100.7:5432" {
		t.Errorf("%+v", f.Evidence)
	}
}
