package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/tcp"
)

// Options say what is watched.
type Options struct {
	NetNS   uint32               // inode of one network namespace, 0: all
	Filter  *ssfilter.Filter     // nil: everything; a transition is in a state that it leaves or enters
	Visit   Visit                // how to get into the namespaces; nil: the caller's own is enough
	Exe     func(pid int) string // path of a program, "" when not known; nil: never
	Mishaps []host.MishapKind    // what goes wrong and is told as well; nil: nothing
	Tell    func(*Mishap) error  // hands them over, in one order with transitions; the Mishap is valid until it returns
	Idle    func() error         // called when all that waited has been told; nil: never
}

// Visit runs a function in every network namespace that is watched, one after
// the other, each time on a thread that is there.
type Visit func(func() error) error

// Watcher tells transitions from the moment when it is opened.
type Watcher struct {
	options     Options
	states      tcp.StateSet
	events      *bpf.Transitions
	minisockets *bpf.Minisockets // nil: not seen, Blind says why
	owners      *ownership
	incidents   incidents
	pool        *pool
	ports       ports
	batch       []bpf.Transition
	looking     pause
	clock       clock
	use         func(*Transition) error

	Blind []error // what is not seen on this kernel
}

const (
	tick      = 50 * time.Millisecond  // how long an event may wait to be told
	glance    = 200 * time.Millisecond // between two looks at minisockets
	batchSize = 4096
)

// ErrEnough is returned by use when no more transitions are wanted.
var ErrEnough = errors.New("enough")

// Open begins to watch. The error says what the caller or the kernel lacks.
func Open(o Options) (*Watcher, error) {
	w := &Watcher{
		options: o, states: tcp.AllStates, pool: newPool(), batch: make([]bpf.Transition, 0, batchSize),
		looking: pause{least: glance}, ports: ports{waiting: map[uint64]*bpf.Transition{}, missed: map[uint64]bool{}},
	}
	if o.Visit == nil {
		w.options.Visit = func(f func() error) error { return f() }
	}
	wanted, err := request(o.NetNS, o.Filter)
	if err != nil {
		return nil, err
	}
	if o.Filter != nil {
		w.states, _ = o.Filter.States()
	}
	if w.events, err = bpf.OpenTransitions(wanted); err != nil {
		return nil, err
	}
	w.Blind = w.openIncidents(wanted)
	if w.minisockets, err = bpf.OpenMinisockets(); err != nil {
		w.minisockets = nil
		w.Blind = append(w.Blind, fmt.Errorf("half-open connections and the end of TIME-WAIT are not seen: %w", err))
	}
	holders, err := bpf.OpenHolders()
	if err != nil {
		holders = nil
		w.Blind = append(w.Blind, fmt.Errorf("owners are seen at system calls only: %w", err))
	}
	w.owners = newOwnership(holders, o.Exe)
	return w, nil
}

// request says which events the kernel shall tell. Beside the states that are
// asked for it tells those by which half-open connections and minisockets are
// followed.
func request(netns uint32, filter *ssfilter.Filter) (bpf.Options, error) {
	o := bpf.Options{NetNS: netns}
	if filter == nil {
		return o, nil
	}
	code, exact := filter.Bytecode()
	if !exact {
		return o, errors.New("the filter is too long for the kernel: shorten it")
	}
	o.Filter = code
	if states, given := filter.States(); given {
		o.States = linuxSet(states | tcp.SetOf(tcp.SynReceived, tcp.FinWait2, tcp.TimeWait))
	}
	return o, nil
}

func linuxSet(states tcp.StateSet) (set uint32) {
	for _, s := range states.States() {
		set |= 1 << host.LinuxNumber(s)
	}
	return set
}

// Run hands over every transition until the context ends or use returns an
// error; ErrEnough and the end of the context are no failures. The transition
// is valid until use returns.
func (w *Watcher) Run(ctx context.Context, use func(*Transition) error) error {
	w.use = use
	err := w.look()
	for err == nil && ctx.Err() == nil {
		err = w.turn(time.Now().Add(tick))
	}
	if err == nil {
		err = w.finish()
	}
	if errors.Is(err, ErrEnough) {
		return nil
	}
	return err
}

// turn tells the events that come until the deadline, and looks when it is time.
func (w *Watcher) turn(deadline time.Time) error {
	w.clock.set(time.Now())
	if err := w.events.Read(deadline, w.collect); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if now := time.Now(); w.looking.over(now) {
		if err := w.look(); err != nil {
			return err
		}
		w.looking.took(now, time.Since(now))
	}
	if w.options.Idle != nil {
		return w.options.Idle()
	}
	return nil
}

// finish tells what has come since the last turn.
func (w *Watcher) finish() error {
	if err := w.turn(time.Now()); err != nil {
		return err
	}
	if err := w.look(); err != nil {
		return err
	}
	return w.ports.giveUp(true, w.event)
}

func (w *Watcher) collect(t *bpf.Transition) error {
	w.batch = append(w.batch, *t)
	if len(w.batch) == batchSize {
		return w.flush()
	}
	return nil
}

// flush tells what was collected, but for what waits for its port.
func (w *Watcher) flush() error {
	w.owners.learn(w.batch, time.Now())
	w.owners.foresee(w.batch)
	w.ports.foresee(w.batch)
	w.incidents.foresee()
	for i := range w.batch {
		b := &w.batch[i]
		if err := w.tellIncidents(i); err != nil {
			return err
		}
		if early := w.ports.take(b); early != nil {
			if err := w.event(early); err != nil {
				return err
			}
		}
		if w.ports.hold(b) {
			continue
		}
		if err := w.event(b); err != nil {
			return err
		}
	}
	err := w.tellIncidents(len(w.batch))
	w.batch = w.batch[:0]
	return err
}

// event tells one event.
func (w *Watcher) event(b *bpf.Transition) error {
	t := translate(b)
	t.Time, t.Reason = w.clock.at(b.Time), w.incidents.reasonOf(b, t.To)
	t.Owners, t.OwnerKind = w.owners.of(b)
	if !w.pool.event(&t) || !w.wants(&t) {
		return nil
	}
	return w.use(&t)
}

// wants tells whether a transition leaves or enters a state that is asked for.
func (w *Watcher) wants(t *Transition) bool { return w.states.Has(t.From) || w.states.Has(t.To) }

// look looks at the half-open requests and minisockets of every namespace.
func (w *Watcher) look() error {
	if w.minisockets == nil {
		return w.ports.giveUp(true, w.event)
	}
	now := time.Now()
	w.clock.set(now)
	w.pool.begin()
	err := w.options.Visit(func() error {
		return w.minisockets.Each(func(m *bpf.Minisocket) error { return w.found(m, now) })
	})
	if err != nil {
		return err
	}
	failed := w.ports.giveUp(false, w.event)
	w.pool.end(now, func(t Transition) {
		if failed == nil {
			failed = w.tell(&t)
		}
	})
	return failed
}

func (w *Watcher) found(m *bpf.Minisocket, now time.Time) error {
	if early := w.ports.found(m); early != nil {
		return w.event(early)
	}
	s := sighting{at: tuple{m.NetNS, m.Local, m.Remote}, cookie: m.Cookie, mark: m.Mark, device: m.Device}
	if s.state, s.kind = host.StateOfLinux(m.State); s.state == tcp.SynSent {
		return nil
	}
	if s.kind != host.Request {
		s.kind = host.TimeWaitKind
	}
	if m.Since > 0 {
		s.since = w.clock.at(m.Since)
	}
	if t := w.pool.sight(&s, now); t.From != tcp.Unknown {
		return w.tell(&t)
	}
	return nil
}

// tell tells what a look revealed, if the filter selects it.
func (w *Watcher) tell(t *Transition) error {
	if !w.wants(t) {
		return nil
	}
	if f := w.options.Filter; f != nil && !f.Match(t.endpoint(w.states)) {
		return nil
	}
	return w.use(t)
}

// Losses is how many events were not told, and how many mishaps.
func (w *Watcher) Losses() (l bpf.Losses, m bpf.MishapLosses, err error) {
	if w.incidents.source != nil {
		m, err = w.incidents.source.Losses()
	}
	l, failed := w.events.Losses()
	return l, m, errors.Join(err, failed)
}

// Close ends the watch.
func (w *Watcher) Close() error {
	errs := []error{w.events.Close()}
	if w.incidents.source != nil {
		errs = append(errs, w.incidents.source.Close())
	}
	if w.minisockets != nil {
		errs = append(errs, w.minisockets.Close())
	}
	if w.owners.holders != nil {
		errs = append(errs, w.owners.holders.Close())
	}
	return errors.Join(errs...)
}

// clock turns CLOCK_MONOTONIC into the time of day.
type clock struct {
	wall time.Time
	mono time.Duration
}

func (c *clock) set(now time.Time) {
	var mono unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono) == nil {
		c.wall, c.mono = now.Round(0), time.Duration(mono.Nano())
	}
}

func (c *clock) at(mono time.Duration) time.Time { return c.wall.Add(mono - c.mono) }
