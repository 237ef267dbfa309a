package detect

import (
	"maps"
	"net/netip"
	"slices"
	"time"
)

// suspicion is the time between the kernel's first word of a full queue and the
// verdict, and longer where it is a crowd or a program that does not accept.
type suspicion struct {
	from    time.Duration // of the last sample without it
	raised  time.Duration
	event   time.Duration // when any queue was met full last
	met     time.Duration // the same of a queue of half-open connections; -1: never
	shadows time.Duration // when the first listener was shadowed
	told    map[saying]bool
}

// saying is what is said once in a suspicion.
type saying struct {
	listener netip.AddrPort
	why      Reason
}

// suspect goes on with the suspicion, or begins one.
func (d *Detector) suspect(met, overflows uint64, before time.Duration, looked bool) {
	s := d.suspicion
	switch {
	case met+overflows > 0 && s == nil:
		s = &suspicion{from: before, raised: d.last, event: d.last, met: -1, told: map[saying]bool{}}
		d.suspicion = s
	case met+overflows > 0:
		s.event = d.last
	case s == nil:
		return
	case d.last-s.event >= calm:
		d.drop()
		return
	}
	if met > 0 {
		s.met = d.last
	}
	if looked && d.trifle() && !d.watches() {
		d.suspicion = nil
		return
	}
	if looked {
		d.shadow(s)
	}
	switch {
	case d.looked < s.raised:
		d.out.Look, d.out.Next = true, 0
	case s.met < 0: // only accept queues
	case d.last-s.raised < ripe:
		d.out.Next = min(closely, s.raised+ripe-d.last)
	case d.last-s.met < recent:
		d.judge(s, looked)
	}
}

// drop ends a suspicion that came to nothing, or to what is over.
func (d *Detector) drop() {
	d.suspicion = nil
	for _, l := range d.sorted() {
		if l.mode == watched {
			d.become(l, idle)
			d.say(Disarm, l, Calm, Facts{})
		}
	}
}

// shadow begins to count the SYNs of the listeners whose queue is crowded.
func (d *Detector) shadow(s *suspicion) {
	found, shadows := false, 0
	for _, address := range slices.SortedFunc(maps.Keys(d.look.Queues), netip.AddrPort.Compare) {
		q := d.look.Queues[address]
		if q.stalled() && d.last-s.event < lookAgain {
			d.once(s, &listener{address: address, queue: q}, AcceptFull, d.seen(s.from))
		}
		if !q.crowded() && !d.look.Always {
			continue
		}
		found = true
		l := d.listeners[address]
		if l == nil {
			l = &listener{address: address}
		}
		if l.mode == watched {
			shadows++
		}
		if l.mode != idle || d.last < l.notBefore || shadows >= mostShadows {
			continue
		}
		shadows++
		d.listeners[address] = l
		l.queue = q
		d.become(l, watched)
		if s.shadows == 0 {
			s.shadows = d.last
		}
		d.say(Shadow, l, QueueFull, d.seen(s.from))
	}
	if !found && s.met >= 0 && len(d.Armed()) == 0 {
		d.once(s, nil, Elsewhere, d.seen(s.from))
	}
}

// seen are the kernel's own counts since a moment.
func (d *Detector) seen(from time.Duration) Facts {
	was, is := d.kernel.at(from), d.kernel.last()
	return Facts{Over: d.last - from, MetFull: metFull(was, is), Overflows: grown(was.Overflows, is.Overflows)}
}

// judge decides, once there was time for a handshake.
func (d *Detector) judge(s *suspicion, looked bool) {
	if !d.watches() {
		if d.last-d.looked >= lookAgain {
			d.out.Look, d.out.Next = true, 0 // it may be one of ours by now
		}
		return
	}
	f, known := d.completion(s)
	switch {
	case !known:
	case f.Share() >= half:
		d.once(s, nil, Crowd, f)
	case looked:
		for _, l := range d.sorted() {
			if l.mode == watched && d.last-l.since >= arrival {
				d.decide(s, l, f)
			}
		}
		if d.look.Always && d.last-s.raised >= recent && len(d.Armed()) == 0 && len(s.told) == 0 {
			d.once(s, nil, Elsewhere, f)
		}
	case d.mayLook(s):
		d.out.Look, d.out.Next = true, 0
	}
}

// mayLook tells that a look may say something new: the suspicion is young and none
// has found a reason not to arm, it is some time ago, or somebody is watched since.
func (d *Detector) mayLook(s *suspicion) bool {
	if len(s.told) == 0 && d.last-s.raised < lookAgain || d.last-d.looked >= lookAgain {
		return true
	}
	for _, l := range d.listeners {
		if l.mode == watched && l.since >= d.looked && d.last-l.since >= arrival {
			return true
		}
	}
	return false
}

func (d *Detector) watches() bool {
	for _, l := range d.listeners {
		if l.mode == watched {
			return true
		}
	}
	return false
}

// completion is how many of those who asked came. Where the kernel sends
// cookies it counts both; else those who found room in the queue are compared
// with all connections that were begun.
func (d *Detector) completion(s *suspicion) (f Facts, known bool) {
	from, to := max(s.from, d.last-recent-arrival), d.last-arrival
	was, is := d.kernel.at(from), d.kernel.last()
	if is.CookiesSent > was.CookiesSent {
		f = d.seen(from)
		f.Asked = grown(was.CookiesSent, d.kernel.at(to).CookiesSent)
		f.Came = grown(was.CookiesBack, is.CookiesBack)
		return f, f.Asked >= few
	}
	from = max(from, s.shadows)
	was = d.kernel.at(from)
	f = d.seen(from)
	for _, l := range d.listeners {
		if l.mode == watched {
			f.Asked += grown(l.tally.at(from).SYNs, l.tally.at(to).SYNs)
		}
	}
	dropped := grown(was.FullDrops, d.kernel.at(to).FullDrops)
	f.Came = grown(was.Opened, is.Opened)
	switch room := grown(dropped, f.Asked); {
	case room >= few:
		f.Asked = room
	case f.Came >= few:
		f.Asked = f.Came
	} // else hardly anybody found room: those who were turned away asked too
	return f, f.Asked >= few && dropped > 0
}

// decide arms a listener, or says why not.
func (d *Detector) decide(s *suspicion, l *listener, f Facts) {
	q, there := d.look.Queues[l.address]
	first, last := l.tally.at(l.since), l.tally.last()
	f.Passed, f.Damaged = grown(first.Passed, last.Passed), grown(first.BadChecksum, last.BadChecksum)
	whole := grown(first.SYNs, last.SYNs)
	own := d.own(l, d.last-recent-arrival)
	switch {
	case !there: // nobody listens any more
		d.become(l, idle)
		d.say(Disarm, l, Calm, f)
	case q.stalled() || f.Overflows > 0 && f.Overflows >= f.MetFull && !d.stalledBeside(l):
		d.once(s, l, AcceptFull, f)
	case !d.look.Always && !q.crowded(): // another's queue is full
	case f.Damaged > whole && metFull(d.kernel.at(l.since), d.kernel.last()) > 2*whole:
		d.once(s, l, Checksums, f) // the kernel does not find them damaged
	case whole == 0 && !d.look.Always:
		d.once(s, l, Elsewhere, f)
	case own.Asked == 0:
		d.out.Next = closely // they are under way
	case own.Share() >= half: // another is flooded
	case d.look.Always && (own.Asked < few || !d.crowds(l, &q)):
	default:
		d.arm(l, f)
	}
}

// own is what a watched listener's SYNs came to at best. Nobody counts for each
// listener whose handshakes the kernel completes, so all of them are taken for those
// of this one: where its clients come it is never less than half.
func (d *Detector) own(l *listener, from time.Duration) Facts {
	from = max(l.since, from)
	f := d.seen(from)
	was, is := d.kernel.at(from), d.kernel.last()
	f.Asked = grown(l.tally.at(from).SYNs, l.tally.at(d.last-arrival).SYNs)
	f.Came = max(grown(was.CookiesBack, is.CookiesBack), grown(was.Opened, is.Opened))
	return f
}

// crowds tells that those who did not come would fill half of a queue, where the
// kernel keeps nobody in it.
func (d *Detector) crowds(l *listener, q *Queue) bool {
	f := d.own(l, d.last-crowdedStay)
	return 2*grown(f.Came, f.Asked) >= uint64(max(q.Limit, 0))
}

// stalledBeside tells that the accept queue of another listener is full, so that
// the kernel's count is of that one.
func (d *Detector) stalledBeside(l *listener) bool {
	for address, q := range d.look.Queues {
		if address.Port() != l.address.Port() && q.stalled() {
			return true
		}
	}
	return false
}

// once says something if it was not said in this suspicion.
func (d *Detector) once(s *suspicion, l *listener, why Reason, f Facts) {
	key := saying{why: why}
	if l != nil {
		key.listener = l.address
	}
	if !s.told[key] {
		s.told[key] = true
		d.say(Tell, l, why, f)
	}
}
