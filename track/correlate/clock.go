package correlate

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Clock says how the clock of capture B differs from that of A. What shows 0 at A
// shows Offset more at B, at the time At; it changes by Drift.
type Clock struct {
	Known       bool // else there was nothing to compare
	Offset      time.Duration
	Uncertainty time.Duration // the true offset lies within Offset plus or minus this
	OneWay      bool          // segments were compared in one direction only: the offset may be wrong by their transit time, believed to be a second at most
	At          time.Time     // by A, the middle of what was compared
	Drift       float64       // seconds per second, 0 where the captures are too short to tell
	DriftKnown  bool
	RoundTrip   time.Duration // the least time from A to B and back, if not OneWay
	Samples     int           // segments that were compared
	Jumped      bool          // no steady clock fits all of them

	at, low, high int64 // the offset at the time at lies between low and high
	slow          int64 // the longest transit seen beyond the least one
}

// sample is a segment that passed both points.
type sample struct {
	at    int64 // by A
	delta int64 // B - A
	up    bool  // it passed A first: the offset is at most delta
}

const (
	mostTransit   = int64(time.Second) // believed where one direction is known
	windows       = 24                 // of time, for drift
	leastPatience = int64(100 * time.Millisecond)
	driftSpan     = int64(20 * time.Second)       // shorter captures tell nothing of drift
	grain         = int64(200 * time.Microsecond) // captures may stamp packets this late
	mostSamples   = 1 << 18
	outliersPart  = 50 // of so many samples one may be false
)

// newClock aligns the clocks.
func newClock(samples []sample) Clock {
	if len(samples) == 0 {
		return Clock{low: math.MinInt64 / 4, high: math.MaxInt64 / 4}
	}
	if step := len(samples)/mostSamples + 1; step > 1 {
		thin := samples[:0]
		for i := 0; i < len(samples); i += step {
			thin = append(thin, samples[i])
		}
		samples = thin
	}
	c := Clock{Known: true, Samples: len(samples)}
	first, last := samples[0].at, samples[0].at
	for _, s := range samples {
		first, last = min(first, s.at), max(last, s.at)
	}
	c.at = first + (last-first)/2
	if last-first >= driftSpan {
		c.fitDrift(samples, first, last)
	}
	c.bound(samples)
	c.Offset, c.Uncertainty = time.Duration(c.low+(c.high-c.low)/2), time.Duration((c.high-c.low+1)/2)
	if c.OneWay { // as if the quickest had taken no time
		c.Uncertainty = time.Duration(mostTransit)
		if c.Offset = time.Duration(c.high); !samples[0].up {
			c.Offset = time.Duration(c.low)
		}
	}
	c.At = time.Unix(0, c.at).UTC()
	return c
}

// drifted is how far B has run ahead since the middle.
func (c *Clock) drifted(at int64) int64 { return int64(c.Drift * float64(at-c.at)) }

// fitDrift lays a line through the middles of the offsets that each window of time
// allows.
func (c *Clock) fitDrift(samples []sample, first, last int64) {
	var in [windows][]sample
	for _, s := range samples {
		i := int(float64(s.at-first) / float64(last-first+1) * windows)
		in[min(max(i, 0), windows-1)] = append(in[min(max(i, 0), windows-1)], s)
	}
	var n, sumX, sumY, sumXX, sumXY, width float64
	for _, list := range in {
		if len(list) == 0 {
			continue
		}
		low, high, both := interval(list)
		if !both {
			continue
		}
		x := float64(list[len(list)/2].at-c.at) / 1e9
		y := float64(low+(high-low)/2) / 1e9
		n, sumX, sumY, sumXX, sumXY = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y
		width = max(width, math.Abs(float64(high-low))/1e9)
	}
	spread := n*sumXX - sumX*sumX
	if n < 3 || spread <= 0 {
		return
	}
	drift := (n*sumXY - sumX*sumY) / spread
	// What the uncertainty of the windows could make up is not told as drift.
	if span := float64(last-first) / 1e9; math.Abs(drift)*span > width && math.Abs(drift) < 0.01 {
		c.Drift, c.DriftKnown = drift, true
	}
}

// interval finds the offsets that contradict the fewest samples; low is above high
// where too many would. both is false if there were samples of one direction only.
func interval(samples []sample) (low, high int64, both bool) {
	var ups, downs []int64
	for _, s := range samples {
		if s.up {
			ups = append(ups, s.delta)
		} else {
			downs = append(downs, s.delta)
		}
	}
	slices.Sort(ups)
	slices.SortFunc(downs, func(a, b int64) int { return cmp.Compare(b, a) })
	switch {
	case len(downs) == 0:
		return ups[0] - mostTransit, ups[0], false
	case len(ups) == 0:
		return downs[0], downs[0] + mostTransit, false
	}
	// Leave out the fewest from the beginnings of both lists so that they part.
	best, bestI, bestJ := len(samples)+1, 0, 0
	j := len(downs)
	for i := range ups {
		for j > 0 && downs[j-1] <= ups[i] {
			j--
		}
		if i+j < best {
			best, bestI, bestJ = i+j, i, j
		}
	}
	if bestJ >= len(downs) || best > len(samples)/outliersPart+1 {
		return downs[0], ups[0], true // contradictory: low is above high
	}
	return downs[bestJ], ups[bestI], true
}

// bound finds the offset at the middle.
func (c *Clock) bound(samples []sample) {
	flat := make([]sample, len(samples))
	for i, s := range samples {
		flat[i] = s
		flat[i].delta -= c.drifted(s.at)
	}
	low, high, both := interval(flat)
	c.OneWay = !both
	if low > high { // no offset fits: the truth is somewhere among what was seen
		low, high, c.Jumped = high, low, true
	}
	c.low, c.high = low, high
	if both && !c.Jumped {
		c.RoundTrip = time.Duration(high - low)
	}
	for _, s := range flat {
		late := s.delta - high
		if !s.up {
			late = low - s.delta
		}
		c.slow = max(c.slow, late)
	}
}

// patience is how much longer than the quickest segment another may take.
func (c *Clock) patience() int64 { return 2*c.slow + int64(c.RoundTrip) + leastPatience }

// inTime tells whether a segment seen at a by A and at b by B may be one. Where the
// order of the points is known, it must pass the nearer one first.
func (c *Clock) inTime(a, b int64, order, nearA bool) bool {
	if !c.Known {
		return true
	}
	delta := b - a - c.drifted(a)
	low, high := c.low-grain, c.high+grain
	if !order {
		return delta >= low-c.patience() && delta <= high+c.patience()
	}
	if nearA {
		return delta >= low && delta <= high+c.patience()
	}
	return delta <= high && delta >= low-c.patience()
}

// elsewhere returns the times by the clock of the other point between which a
// segment passes it that is seen at one point; later is where it goes there, else
// it came from there.
func (c *Clock) elsewhere(p Point, at int64, later bool) (s span) {
	if p == A {
		d := c.drifted(at)
		s = span{at + c.low + d, at + c.high + d}
	} else {
		byA := at - (c.low + (c.high-c.low)/2)
		d := c.drifted(byA)
		s = span{at - c.high - d, at - c.low - d}
	}
	if later {
		return span{s.from - grain, s.to + c.patience()}
	}
	return span{s.from - c.patience(), s.to + grain}
}

// ByA turns a time of a point into one by the clock of A.
func (c *Clock) ByA(p Point, at int64) int64 {
	if p == A || !c.Known {
		return at
	}
	at -= int64(c.Offset)
	return at - c.drifted(at)
}
