package detect

import (
	"math"
	"time"
)

// armour is what the detector remembers of a listener while it is armed.
type armour struct {
	hold   time.Duration
	tally  Tally // when it was armed
	kernel Counts
	came   uint64        // who came while it was judged
	within time.Duration // how long that was
	full   time.Duration // when a queue was met full last
	told   bool          // whether the defence works

	adopted bool // the first sample since is to come
}

// The times of the proof.
const (
	settle    = 500 * time.Millisecond // till then handshakes of the time before are under way
	proof     = time.Second            // when it is told whether the defence works
	absence   = 2 * time.Second        // how long nobody must come to be missed: a lost SYN comes again after one
	stillFull = proof / 2              // a queue that was met full this long ago still is
	unlikely  = 0.001                  // how improbable an absence must be to be believed
)

// arm decides for the defence.
func (d *Detector) arm(l *listener, f Facts) {
	hold := d.hold
	if away := d.last - l.sign; l.flooded && 2*away <= d.longest {
		hold = max(hold, 2*away) // it comes in pulses
	}
	l.armour = armour{hold: hold, tally: l.tally.last(), kernel: d.kernel.last(), came: f.Came, within: f.Over}
	l.flooded, l.sign = true, d.last
	d.become(l, armed)
	f.Hold = hold
	d.say(Arm, l, Flood, f)
}

// defend looks whether the defence works, and whether it is needed still. met
// tells that some queue was met full since the sample before.
func (d *Detector) defend(l *listener, met bool, before time.Duration) {
	a := &l.armour
	if met {
		a.full = d.last
	}
	f := d.since(l, l.since)
	f.Hold = a.hold
	if why := d.fails(l, &f); why != "" && !d.dry {
		d.become(l, idle)
		l.notBefore = l.since + a.hold
		d.say(Disarm, l, why, f)
		return
	}
	passed := grown(l.tally.at(before).Passed, l.tally.last().Passed) > 0
	if met && passed || d.floods(l) { // a full queue may be another listener's
		l.sign = d.last
	}
	d.prove(l, &f)
	if d.last-l.sign >= a.hold {
		d.become(l, idle)
		d.say(Disarm, l, Over, f)
	}
}

// prove tells once whether the defence works.
func (d *Detector) prove(l *listener, f *Facts) {
	a := &l.armour
	settled := d.since(l, l.since+settle)
	if a.told || d.dry || d.last-l.since < proof || settled.Asked == 0 || a.came > 0 && settled.Came == 0 {
		return
	}
	a.told = true
	switch {
	case d.last-a.full < stillFull && !d.kernels(l, f):
		d.say(Tell, l, StillFull, *f)
	case settled.Share() >= clients:
		d.say(Tell, l, CrowdNow, *f)
	default:
		d.say(Tell, l, Verified, *f)
	}
}

// kernels tells that the kernel itself makes the cookies of the listener: then it
// says of each SYN that is answered that it met a full queue, and counts no ACK as
// ours.
func (d *Detector) kernels(l *listener, f *Facts) bool {
	was, is := l.armour.tally, l.tally.last()
	return is.Accepted == was.Accepted && f.MetFull <= 2*grown(was.SYNs, is.SYNs) && f.MetFull > 2*f.Passed
}

// since is what an armed listener's SYNs came to since a moment. Whom the
// kernel's own cookies let in counts where ours let nobody in: it makes those of
// some listeners itself.
func (d *Detector) since(l *listener, from time.Duration) Facts {
	was, is := l.tally.at(from), l.tally.last()
	kernelWas, kernelIs := d.kernel.at(from), d.kernel.last()
	if from <= l.since {
		was, kernelWas = l.armour.tally, l.armour.kernel
	}
	f := Facts{
		Over:    d.last - from,
		Asked:   grown(was.SYNs, max(l.tally.at(d.last-arrival).SYNs, was.SYNs)),
		Came:    grown(was.Accepted, is.Accepted),
		MetFull: metFull(kernelWas, kernelIs), Overflows: grown(kernelWas.Overflows, kernelIs.Overflows),
		Passed: grown(was.Passed, is.Passed), Damaged: grown(was.BadChecksum, is.BadChecksum), Refused: grown(was.Refused, is.Refused),
		Forged: grown(was.Forged, is.Forged),
	}
	switch {
	case d.dry:
		f.Came = min(grown(kernelWas.Opened, kernelIs.Opened), f.Asked)
	case is.Accepted == l.armour.tally.Accepted:
		f.Came = min(grown(kernelWas.CookiesBack, kernelIs.CookiesBack), f.Asked)
	}
	return f
}

// floods tells that the flood goes on: more SYNs than half of the queue stay
// without their ACK, and they are not a few of a crowd's.
func (d *Detector) floods(l *listener) bool {
	f := d.since(l, max(l.since, d.last-crowdedStay))
	return f.Asked > f.Came && 2*(f.Asked-f.Came) > uint64(max(l.queue.Limit, 0)) && f.Share() < clients
}

// fails says why the defence does not work, or "".
func (d *Detector) fails(l *listener, f *Facts) Reason {
	a, stood := &l.armour, d.last-l.since
	missed := !a.told && d.missed(l)
	switch {
	case f.Refused > f.Came:
		return Refused
	case missed && f.Damaged > f.Asked:
		return Checksums
	case missed:
		return Nobody
	case stood >= proof && l.tally.last().SYNs == a.tally.SYNs && d.last-a.full < stillFull:
		return NotReached
	case d.ofOthers(l):
		return OthersACKs
	}
	return ""
}

// ofOthers tells that more ACKs are taken for forged ones than SYNs come, and that
// these are no flood: if nobody stood behind them they would fill less than half of
// the queue. Then the connections may be those of another host, to which a rule
// leads them.
func (d *Detector) ofOthers(l *listener) bool {
	from := max(l.since, d.last-absence)
	was, is := l.tally.at(from), l.tally.last()
	forged, asked := grown(was.Forged, is.Forged), grown(was.SYNs, is.SYNs)
	waiting := asked * uint64(crowdedStay/time.Second)
	return d.last-from >= absence && forged >= few && forged >= asked &&
		2*waiting <= uint64(max(l.queue.Limit, 0))*uint64(absence/time.Second)
}

// missed tells that clients came before, that none has come since, and that this
// is no chance: had they come as before, all of them would have had to come in the
// first part of the time.
func (d *Detector) missed(l *listener) bool {
	a := &l.armour
	f := d.since(l, max(l.since+settle, d.last-crowdedStay))
	chance := math.Pow(a.within.Seconds()/(a.within+f.Over).Seconds(), float64(a.came))
	return f.Over >= absence && f.Asked > 0 && f.Came == 0 && chance < unlikely
}
