package loop

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

// Options say how a guard runs. The zero value is a real run with the usual times.
type Options struct {
	detect.Options
	Armed    []netip.AddrPort // what is armed already, by the guard before
	KeyLife  time.Duration    // how long a key is used; 0: KeyLife; less than bpf.AcksStay only in tests
	Patience time.Duration    // how long it may be blind with something armed; 0: Patience
}

// The usual times.
const (
	KeyLife  = 5 * time.Minute
	Patience = 3 * time.Second
)

// Run watches until the context ends or another guard takes over. Events are told
// in their order, on the calling goroutine, on which everything else is done too.
// What is armed at the end stays so: whoever ends the hands disarms it.
func Run(ctx context.Context, s Senses, h Hands, o Options, tell func(Event)) Summary {
	l := &loop{senses: s, hands: h, options: o, tell: tell, detector: detect.New(o.Options), before: map[netip.AddrPort]bpf.Counters{}, latest: map[netip.AddrPort]bpf.Counters{}}
	l.options.KeyLife, l.options.Patience = cmp.Or(o.KeyLife, KeyLife), cmp.Or(o.Patience, Patience)
	l.begun = time.Now()
	l.seen, l.rotated = l.begun, l.begun
	l.summary.Began, l.summary.DryRun = l.begun, o.DryRun
	l.adopt()
	due := l.begun
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return l.end()
		case <-h.HandedOver():
			l.summary.HandedOver = true
			return l.end()
		case <-wait.C:
		}
		next := l.tick()
		due = due.Add(next)
		if now := time.Now(); due.Before(now) { // it was held up: what was missed is not made up for
			due = now
		}
		wait.Reset(time.Until(due))
	}
}

// loop is one run.
type loop struct {
	senses   Senses
	hands    Hands
	options  Options
	tell     func(Event)
	detector *detect.Detector

	begun   time.Time
	last    time.Time // of the last sample
	wanted  time.Duration
	look    bool      // the next sample shall have one
	seen    time.Time // when the senses worked last
	blind   bool
	silent  bool // the lease or the key failed last time
	rotated time.Time
	before  map[netip.AddrPort]bpf.Counters // when the listener was first met
	latest  map[netip.AddrPort]bpf.Counters // when it was looked at last
	summary Summary
}

// adopt goes on with what the guard before had armed.
func (l *loop) adopt() {
	for _, at := range l.options.Armed {
		l.meet(at)
		l.say(l.detector.Adopt(at, 0), nil)
	}
}

// tick takes a sample and does what follows. It returns when the next one is due.
func (l *loop) tick() time.Duration {
	now := time.Now()
	if late := now.Sub(l.last) - l.wanted; !l.last.IsZero() && late > l.summary.Longest {
		l.summary.Longest = late
	}
	if len(l.detector.Armed()) > 0 && !l.last.IsZero() {
		l.summary.Armed += now.Sub(l.last)
	}
	l.last, l.wanted = now, detect.Tick
	sample, err := l.sample()
	if err != nil {
		l.fail(now, err)
		return detect.Tick
	}
	l.summary.Ticks++
	l.recover(now)
	l.keep(now)
	out := l.detector.Step(sample)
	for _, v := range out.Verdicts {
		l.carryOut(v)
	}
	l.look, l.wanted = out.Look, out.Next
	return out.Next
}

// sample asks the senses, and the hands for their counters. The look comes first:
// it takes its time, and what is counted shall be of one moment.
func (l *loop) sample() (s detect.Sample, err error) {
	if l.look {
		look, err := l.senses.Look()
		if err != nil {
			return s, err
		}
		s.Look = &look
	}
	s.At = time.Since(l.begun)
	if s.Kernel, err = l.senses.Counts(); err != nil {
		return s, err
	}
	s.Tallies = map[netip.AddrPort]detect.Tally{}
	for _, at := range l.detector.Following() {
		c, err := l.hands.Counters(at)
		if err != nil {
			return s, err
		}
		s.Tallies[at] = tally(c)
		l.latest[at] = c
	}
	return s, nil
}

// fail is a tick without sight. What is armed is not kept armed any more, and after
// a while disarmed.
func (l *loop) fail(now time.Time, err error) {
	if over(l.hands) {
		return // it is another guard's now
	}
	if !l.blind {
		l.blind = true
		l.say(detect.Verdict{At: now.Sub(l.begun), Do: detect.Tell, Why: detect.Blind}, err)
	}
	if now.Sub(l.seen) < l.options.Patience {
		return
	}
	l.look = false
	for _, at := range l.detector.Blind() {
		v := detect.Verdict{At: now.Sub(l.begun), Do: detect.Disarm, Listener: at, Why: detect.TooBlind}
		l.say(v, l.hands.Disarm(at))
	}
}

func over(h Hands) bool {
	select {
	case <-h.HandedOver():
		return true
	default:
		return false
	}
}

func (l *loop) recover(now time.Time) {
	l.seen = now
	if l.blind {
		l.blind = false
		l.say(detect.Verdict{At: now.Sub(l.begun), Do: detect.Tell, Why: detect.Sees}, nil)
	}
}

// keep renews the lease, and the key in its time.
func (l *loop) keep(now time.Time) {
	err := l.hands.Beat()
	if now.Sub(l.rotated) >= l.options.KeyLife {
		l.rotated = now // also if it fails: the old one goes on
		err = errors.Join(err, l.hands.RotateKey())
	}
	if err != nil && !l.silent && !over(l.hands) {
		l.say(detect.Verdict{At: now.Sub(l.begun), Do: detect.Tell, Why: detect.NoBeat}, err)
	}
	l.silent = err != nil
}

// carryOut does what was decided.
func (l *loop) carryOut(v detect.Verdict) {
	var err error
	switch v.Do {
	case detect.Shadow:
		err = l.hands.Shadow(v.Listener)
		l.summary.Suspicions++
	case detect.Arm:
		if !l.options.DryRun {
			err = l.hands.Arm(v.Listener)
		}
	case detect.Disarm:
		err = l.hands.Disarm(v.Listener)
	}
	switch {
	case over(l.hands):
		return // it is another guard's now
	case err == nil && v.Do != detect.Tell:
		l.meet(v.Listener)
	case err != nil && v.Do == detect.Shadow:
		v = l.couldNot(v, detect.CannotWatch)
	case err != nil && v.Do == detect.Arm:
		v = l.couldNot(v, detect.CannotArm)
	}
	if v.Do == detect.Arm {
		l.summary.Armings++
		if d := l.of(v.Listener); d != nil {
			d.Armings++
		}
	}
	l.say(v, err)
}

// couldNot takes back what failed.
func (l *loop) couldNot(v detect.Verdict, why detect.Reason) detect.Verdict {
	l.detector.Failed(v)
	_ = l.hands.Disarm(v.Listener) // of the shadow that it may have
	v.Do, v.Why = detect.Tell, why
	return v
}

// meet remembers what a listener's counters were before this run.
func (l *loop) meet(at netip.AddrPort) {
	if l.of(at) != nil {
		return
	}
	c, err := l.hands.Counters(at)
	if err != nil {
		return // it will be heard of on the next tick
	}
	l.before[at], l.latest[at] = c, c
	l.summary.Listeners = append(l.summary.Listeners, Defended{Address: at})
}

func (l *loop) of(at netip.AddrPort) *Defended {
	for i := range l.summary.Listeners {
		if d := &l.summary.Listeners[i]; d.Address == at {
			return d
		}
	}
	return nil
}

func (l *loop) say(v detect.Verdict, err error) { l.tell(Event{l.begun.Add(v.At), v, err}) }

// end sums up.
func (l *loop) end() Summary {
	l.summary.Ended = time.Now()
	for i := range l.summary.Listeners {
		d := &l.summary.Listeners[i]
		c, err := l.hands.Counters(d.Address)
		if err != nil { // the hands are another's by now
			c = l.latest[d.Address]
		}
		d.Counters = c.Since(l.before[d.Address])
	}
	return l.summary
}
