package hold

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// Options say what a session holds.
type Options struct {
	Interfaces []string      // that SYNs come in by; at least one
	State      string        // folder of the journals
	Replace    bool          // take the place of the guard that runs here
	Lease      time.Duration // how long armed listeners stay so without Beat; 0: LeaseStay
	Grace      time.Duration // how long ACKs are taken after the end, bpf.AcksStay at most; 0: as long; less than 0: not at all
}

// LeaseStay is how long armed listeners stay so without Beat, unless Options say
// otherwise. It is many ticks of a guard on a host that is flooded.
const LeaseStay = 5 * time.Second

func (o *Options) check() error {
	if len(o.Interfaces) == 0 {
		return errors.New("guard: no interface is named")
	}
	folder, err := filepath.Abs(o.State) // the reaper is elsewhere
	if err != nil {
		return fmt.Errorf("guard: folder of the journals: %w", err)
	}
	o.State = folder
	o.Lease = cmp.Or(o.Lease, LeaseStay)
	o.Grace = min(max(cmp.Or(o.Grace, bpf.AcksStay), 0), bpf.AcksStay)
	return nil
}

// ErrHandedOver says that another guard has taken the place of this one.
var ErrHandedOver = errors.New("guard: another one has taken its place")

// ErrEnded says that the session has ended.
var ErrEnded = errors.New("guard: it has ended")

// Session is a guard that runs. Its methods may be called from several goroutines.
// While another guard takes its place they wait.
type Session struct {
	options Options
	thread  *thread
	handed  chan struct{}
	took    bool

	mu       sync.Mutex // over all that follows
	over     error      // why nothing can be done any more
	guard    *bpf.Guard
	hand     *apply.Hand
	reaper   *child
	next     awaited // the reaper that follows one that died
	listener *net.UnixListener
	mtu      int // octets, the least of the interfaces

	view   sync.Mutex // over holder, which callers ask for meanwhile
	holder Holder
}

// Arm answers SYNs to the listener with cookies from now on.
func (s *Session) Arm(at netip.AddrPort) error { return s.set(at, (*bpf.Guard).Arm) }

// Shadow counts what would be done for the listener, and touches nothing.
func (s *Session) Shadow(at netip.AddrPort) error { return s.set(at, (*bpf.Guard).Shadow) }

// Disarm lets SYNs to the listener pass. Its ACKs are taken for bpf.AcksStay.
func (s *Session) Disarm(at netip.AddrPort) error {
	return s.act(func() error { return s.guard.Disarm(at) })
}

func (s *Session) set(at netip.AddrPort, how func(*bpf.Guard, bpf.Listener) error) error {
	return s.act(func() error {
		l, err := s.guard.ListenerAt(at, s.mtu)
		if err != nil {
			return err
		}
		return how(s.guard, l)
	})
}

// Counters returns what was done for a listener since it was first armed or
// shadowed, also by guards whose place this one took.
func (s *Session) Counters(at netip.AddrPort) (c bpf.Counters, err error) {
	err = s.act(func() (err error) { c, err = s.guard.Counters(at); return err })
	return c, err
}

// RotateKey makes a new key. ACKs of the one before are taken for bpf.AcksStay:
// rotate no more often.
func (s *Session) RotateKey() error { return s.act(func() error { return s.guard.RotateKey() }) }

// Drop makes armed listeners drop SYNs from sources that proved hostile.
func (s *Session) Drop(p netip.Prefix) error { return s.act(func() error { return s.guard.Drop(p) }) }

// Undrop takes a prefix off the drop list.
func (s *Session) Undrop(p netip.Prefix) error {
	return s.act(func() error { return s.guard.Undrop(p) })
}

// Apply makes changes through a journal, which End takes back. Its error is an
// apply.BusyError while another synoptic changes this host.
func (s *Session) Apply(p remedy.Plan) (e apply.Entry, err error) {
	p.Remedy = guard.RunName
	err = s.act(func() (err error) { e, err = s.hand.Apply(p); return err })
	return e, err
}

// TakeBack undoes all that Apply made, also of guards whose place this one took,
// the last change first.
func (s *Session) TakeBack() error { return s.act(func() error { return guard.RevertRun(s.hand) }) }

// Beat renews the lease, and has another reaper started where the one before died,
// which is waited for in the background. Call it on every tick.
func (s *Session) Beat() error {
	return s.act(func() error {
		return errors.Join(s.guard.Lease(s.options.Lease), s.missed())
	})
}

// Armed returns the listeners that are answered for.
func (s *Session) Armed() (list []netip.AddrPort) {
	_ = s.act(func() error { list = s.guard.Armed(); return nil }) // none where it is over
	slices.SortFunc(list, netip.AddrPort.Compare)
	return list
}

// Bound tells that the kernel makes the cookies, because it is older than 6.9.
func (s *Session) Bound() bool { return s.guard.Bound() }

// Took tells that the session went on where another guard ended.
func (s *Session) Took() bool { return s.took }

// Folder is where the journals are: where those of the guard before were, if the
// session took its place.
func (s *Session) Folder() string { return s.options.State }

// HandedOver is closed when another guard has taken the place of this one. Then
// there is nothing to end.
func (s *Session) HandedOver() <-chan struct{} { return s.handed }

// act does something on the session's thread, unless it is over.
func (s *Session) act(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return s.over
	}
	err := s.thread.do(f)
	if s.guard != nil {
		armed := s.guard.Armed()
		slices.SortFunc(armed, netip.AddrPort.Compare)
		s.view.Lock()
		s.holder.Armed = armed
		s.view.Unlock()
	}
	return err
}

// who tells a caller who holds the namespace.
func (s *Session) who() Holder {
	s.view.Lock()
	defer s.view.Unlock()
	h := s.holder
	h.Armed = slices.Clone(h.Armed)
	return h
}

// End puts everything back that the session changed, and lets SYNs pass. The
// reaper stays for the ACKs of handshakes under way, in the background.
func (s *Session) End() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return s.over
	}
	s.next.drop()
	err := s.watched()
	s.listener.Close() // it is the reaper's now
	if err == nil {
		_, err = s.reaper.tell("end")
	}
	if errors.Is(err, errGone) {
		err = s.restore()
	}
	return errors.Join(err, s.close(ErrEnded))
}

// restore does what a reaper would, but waits for no ACK.
func (s *Session) restore() error {
	k := keeper{charge: charge{Folder: s.options.State}}
	return s.thread.do(func() error { return errors.Join(s.guard.Withdraw(), k.undo(), s.guard.Remove()) })
}

// close lets go of what the session holds. s.mu is held.
func (s *Session) close(why error) error {
	s.over = why
	s.thread.end()
	return errors.Join(s.guard.Close(), s.reaper.Close())
}

// handOver gives everything to a guard that takes this one's place. Until it has
// all of it, and says so, nothing is given up: whoever dies, one of the reapers
// puts everything back.
func (s *Session) handOver(c channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return // whoever has the name now is asked next
	}
	s.next.drop()
	err := errors.Join(s.watched(), s.guard.Lease(s.options.Lease+2*patience))
	if err == nil {
		_, err = s.reaper.tell("hand")
	}
	if err != nil {
		_ = c.send(message{Error: err.Error()})
		return
	}
	name, err := duplicate(s.listener)
	if err == nil {
		s.listener.Close() // from now on the other one answers
		holder := s.who()
		err = offer(c, s.guard, name, message{Holder: &holder, Folder: s.options.State})
	}
	if err != nil {
		s.resume(name)
		return
	}
	unix.Close(name)
	_, _ = s.reaper.tell("leave") // it dies of our end, too
	_ = c.send(message{})
	_ = s.close(ErrHandedOver)
	close(s.handed)
}

// resume goes on after somebody wanted to take this guard's place and did not.
func (s *Session) resume(name int) {
	_, _ = s.reaper.tell("resume") // else Beat finds it dead
	if name < 0 {
		return
	}
	if l, err := listenerOf(name); err == nil {
		s.listener = l
		s.answer()
	}
}

func (s *Session) answer() {
	v := &server{listener: s.listener, who: s.who, take: s.handOver}
	go v.serve()
}
