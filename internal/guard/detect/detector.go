package detect

import (
	"maps"
	"net/netip"
	"slices"
	"time"
)

// The times of the detector. None of them is a measure of traffic.
const (
	// Tick is how often a sample is wanted in peace.
	Tick = 100 * time.Millisecond
	// closely is how often while it is suspected, and not yet judged.
	closely = 25 * time.Millisecond
	// ripe is how long is looked at before it is judged: with a tick before, and two
	// looks, it leaves room in 300 ms.
	ripe = 100 * time.Millisecond
	// arrival is how long a handshake is given: a SYN younger than that has not
	// failed to come.
	arrival = 60 * time.Millisecond
	// recent is how far back what is judged goes: the first retransmission timeout
	// (RFC 6298, section 2).
	recent = time.Second
	// calm is how long nothing may happen till a suspicion is dropped.
	calm = 10 * time.Second
	// lookAgain is how long a look holds that found a reason not to arm.
	lookAgain = time.Second
	// crowdedStay is how long Linux keeps a half-open connection in a queue that is
	// more than half full: 1, 2 and 4 s.
	crowdedStay = 7 * time.Second
	// DefaultHold is how long a listener stays armed after the last sign of the flood.
	DefaultHold = time.Minute
)

// The marks of those who ask and come, as a share. Those of a flood are near 0,
// those of clients near 1.
const (
	half    = 0.5
	clients = 0.9
)

// few is how many SYNs say nothing: of so many of a crowd, half may stay away by
// chance about once in a thousand times.
const few = 10

// mostShadows is how many listeners are looked at closely at a time. The guard has
// room for twice as many.
const mostShadows = 128

// Options say how patient a detector is.
type Options struct {
	Hold    time.Duration // how long a listener stays armed after the last sign of the flood; 0 is DefaultHold
	Longest time.Duration // the most that it is drawn out for a flood that comes in pulses; 0 is 60 times Hold
	DryRun  bool          // what is armed answers nothing: no proof is asked of it
}

// Detector is the state machine. The zero value is of no use: see New.
type Detector struct {
	hold, longest time.Duration
	dry           bool

	last      time.Duration // of the last sample
	begun     bool
	kernel    series[Counts]
	look      Look
	looked    time.Duration
	suspicion *suspicion
	listeners map[netip.AddrPort]*listener
	out       Output
}

// mode is what was decided for a listener.
type mode int

const (
	idle mode = iota
	watched
	armed
)

// listener is what the detector remembers of one.
type listener struct {
	address netip.AddrPort
	mode    mode
	since   time.Duration // when the mode began
	tally   series[Tally]
	queue   Queue // of the last look
	armour  armour

	flooded   bool          // it was, once
	sign      time.Duration // of the flood, the last one
	notBefore time.Duration // it is not suspected till then
}

// New returns a detector that has seen nothing.
func New(o Options) *Detector {
	d := &Detector{hold: o.Hold, longest: o.Longest, dry: o.DryRun, listeners: map[netip.AddrPort]*listener{}}
	if d.hold <= 0 {
		d.hold = DefaultHold
	}
	if d.longest <= 0 {
		d.longest = 60 * d.hold
	}
	return d
}

// Step takes a sample in and returns what follows. Samples that are not later
// than the one before say nothing, but for the look that they may bring.
func (d *Detector) Step(s Sample) Output {
	d.out = Output{Next: Tick}
	before := d.last
	if d.begun && s.At < before {
		return d.out
	}
	if !d.begun || fell(d.kernel.last(), s.Kernel) {
		d.kernel.reset()
		d.kernel.add(s.At, s.Kernel)
		before, d.begun = s.At, true
	}
	d.last = s.At
	was := d.kernel.last()
	met := d.take(s)
	for _, l := range d.sorted() {
		if l.mode == armed {
			d.defend(l, met > 0, before)
		}
	}
	d.suspect(met, grown(was.Overflows, s.Kernel.Overflows), before, s.Look != nil)
	d.forget()
	return d.out
}

// take remembers a sample, and returns how many SYNs met a full queue since the
// one before.
func (d *Detector) take(s Sample) (met uint64) {
	was := d.kernel.last()
	d.kernel.add(s.At, s.Kernel)
	if s.Look != nil {
		d.look, d.looked = *s.Look, s.At
	}
	for address, l := range d.listeners {
		if l.mode == idle {
			continue
		}
		if t, ok := s.Tallies[address]; ok {
			l.tally.add(s.At, t)
			if a := &l.armour; a.adopted { // its past is another's
				a.adopted, a.tally, a.kernel = false, t, s.Kernel
			}
		}
		if q, ok := d.look.Queues[address]; ok && s.Look != nil {
			l.queue = q
		}
	}
	if d.trifle() {
		return 0
	}
	return metFull(was, s.Kernel)
}

// trifle tells that the kernel's word means little: each SYN is said to meet a full
// queue, and those whose ACK is missing would not fill one.
func (d *Detector) trifle() bool { return d.look.Always && d.waiting() <= uint64(d.smallest()) }

// metFull counts SYNs that met a full queue.
func metFull(from, to Counts) uint64 {
	return grown(from.FullCookies, to.FullCookies) + grown(from.FullDrops, to.FullDrops)
}

// waiting is how many half-open connections there would be if cookies were none.
func (d *Detector) waiting() uint64 {
	from := d.kernel.at(d.last - crowdedStay)
	return grown(grown(from.CookiesBack, d.kernel.last().CookiesBack),
		grown(from.CookiesSent, d.kernel.at(d.last-arrival).CookiesSent))
}

// smallest is the least limit of all queues.
func (d *Detector) smallest() (least int) {
	for _, q := range d.look.Queues {
		if least == 0 || q.Limit < least {
			least = q.Limit
		}
	}
	return least
}

// fell tells that the counters began anew.
func fell(from, to Counts) bool {
	return to.FullCookies < from.FullCookies || to.FullDrops < from.FullDrops || to.CookiesSent < from.CookiesSent ||
		to.CookiesBack < from.CookiesBack || to.Overflows < from.Overflows || to.Opened < from.Opened
}

func (d *Detector) say(do Action, l *listener, why Reason, f Facts) {
	v := Verdict{At: d.last, Do: do, Why: why, Facts: f}
	if l != nil {
		v.Listener, v.Facts.Queue = l.address, l.queue
	}
	d.out.Verdicts = append(d.out.Verdicts, v)
}

// become puts a listener in another mode.
func (d *Detector) become(l *listener, m mode) {
	if m == idle || l.mode == idle {
		l.tally.reset()
	}
	l.mode, l.since = m, d.last
}

// sorted gives the listeners an order, so that the same samples lead to the same
// verdicts.
func (d *Detector) sorted() []*listener {
	return slices.SortedFunc(maps.Values(d.listeners), func(a, b *listener) int { return a.address.Compare(b.address) })
}

// forget drops what is remembered of listeners that are of no interest any more.
func (d *Detector) forget() {
	for address, l := range d.listeners {
		if l.mode == idle && d.last >= l.notBefore && (!l.flooded || d.last-l.sign > d.longest) {
			delete(d.listeners, address)
		}
	}
}

// Failed takes back a verdict that could not be carried out. It is tried again
// after some time, if there is reason to.
func (d *Detector) Failed(v Verdict) {
	if l := d.listeners[v.Listener]; l != nil && v.Do != Disarm && v.Do != Tell {
		d.become(l, idle)
		l.notBefore = d.last + calm
	}
}

// Adopt goes on with a listener that another guard has armed.
func (d *Detector) Adopt(at netip.AddrPort, when time.Duration) Verdict {
	l := &listener{address: at, flooded: true, sign: when}
	d.listeners[at] = l
	d.last = when
	d.become(l, armed)
	l.armour = armour{hold: d.hold, full: -stillFull, told: true, adopted: true}
	return Verdict{At: when, Do: Tell, Listener: at, Why: Continues, Facts: Facts{Hold: d.hold}}
}

// Blind ends what was decided, because nothing could be seen for too long: the
// next sample is the first again. What was armed must be disarmed by the caller;
// those listeners are returned.
func (d *Detector) Blind() (list []netip.AddrPort) {
	for _, l := range d.sorted() {
		if l.mode != idle {
			list = append(list, l.address)
			d.become(l, idle)
		}
	}
	d.begun, d.suspicion = false, nil
	d.kernel.reset()
	return list
}

// Following returns the listeners of which tallies are wanted: those that are
// shadowed or armed.
func (d *Detector) Following() (list []netip.AddrPort) {
	for _, l := range d.sorted() {
		if l.mode != idle {
			list = append(list, l.address)
		}
	}
	return list
}

// Armed returns the listeners that are armed.
func (d *Detector) Armed() (list []netip.AddrPort) {
	for _, l := range d.sorted() {
		if l.mode == armed {
			list = append(list, l.address)
		}
	}
	return list
}
