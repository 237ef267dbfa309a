package hold

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// A reaper that dies again and again is started less and less often.
const (
	soonest = time.Second
	latest  = time.Minute
)

func (s *Session) charge(handing bool) charge {
	return charge{Folder: s.options.State, Grace: s.options.Grace, Handing: handing, Holder: s.who()}
}

// watch starts a reaper and gives it all that there is.
func (s *Session) watch(handing bool) error {
	r, err := start(s.charge(handing), s.listener)
	if err != nil {
		return err
	}
	if s.guard != nil {
		if err := r.hold(s.guard); err != nil {
			r.giveUp()
			return err
		}
	}
	s.engage(r)
	return nil
}

// engage makes a reaper that has everything the session's.
func (s *Session) engage(r *child) {
	if s.reaper != nil {
		s.reaper.giveUp()
	}
	s.reaper = r
	s.view.Lock()
	defer s.view.Unlock()
	s.holder.Reaper = r.pid
}

// watched makes sure that there is a reaper that hears.
func (s *Session) watched() error {
	if _, err := s.reaper.tell("resume"); err == nil {
		return nil
	}
	return s.thread.do(func() error { return s.watch(false) })
}

// awaited is a reaper that was started in the background.
type awaited struct {
	child  *child        // nil while none is
	failed error         // how the one before went, until it is told
	wait   time.Duration // before another one after the last
	begun  time.Time     // of the last
}

// due tells whether another one may be started now.
func (a *awaited) due(now time.Time) bool {
	since := now.Sub(a.begun)
	if a.child != nil || since < a.wait {
		return false
	}
	if since > 2*latest { // the last one lived long
		a.wait = 0
	}
	a.wait, a.begun = min(max(2*a.wait, soonest), latest), now
	return true
}

// drop gives up the one that is on its way. Without it, one that has everything and
// that nobody tells of a handover would take the end of this process for its case.
func (a *awaited) drop() {
	if a.child != nil {
		a.child.giveUp()
		a.child = nil
	}
}

// missed starts another reaper where the one before died. It waits for nothing: on a
// flooded host a process may take longer to begin than the lease lasts. s.mu is held.
func (s *Session) missed() error {
	err := s.next.failed
	s.next.failed = nil
	if s.reaper.alive() || !s.next.due(time.Now()) {
		return err
	}
	handles, e := s.copies()
	if e != nil {
		return errors.Join(err, e)
	}
	r, e := spawn(s.charge(false), s.listener)
	if e != nil {
		closeHandles(handles)
		return errors.Join(err, e)
	}
	s.next.child = r
	go s.await(r, handles)
	return err
}

// copies are descriptors of all that a reaper holds, good also when the session ends
// meanwhile.
func (s *Session) copies() (list []bpf.Handle, err error) {
	handles, err := s.guard.Handles()
	for _, h := range handles {
		fd, e := unix.FcntlInt(uintptr(h.FD), unix.F_DUPFD_CLOEXEC, 0)
		if e != nil {
			closeHandles(list)
			return nil, e
		}
		list = append(list, bpf.Handle{Name: h.Name, FD: fd})
	}
	return list, err
}

// await gives a reaper everything once it listens, unless it was dropped by then.
func (s *Session) await(r *child, handles []bpf.Handle) {
	err := r.first()
	if err == nil {
		err = r.given(handles)
	}
	closeHandles(handles)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next.child != r {
		return
	}
	s.next.child = nil
	if err != nil {
		r.giveUp()
		s.next.failed = err
		return
	}
	s.engage(r)
}
