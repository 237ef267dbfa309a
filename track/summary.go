package track

import (
	"math/bits"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Histogram counts durations: bucket i holds those of at least 2^(i-1) and less
// than 2^i ticks of 65.536 us; bucket 0 those below one tick.
type Histogram [32]uint64

func (h *Histogram) add(ticks uint32) { h[bits.Len32(ticks)%len(h)]++ }

// Limit returns the duration below which bucket i lies.
func (h *Histogram) Limit(i int) time.Duration { return nanoseconds(1 << min(max(i, 0), 31)) }

// Count returns how many durations were counted.
func (h *Histogram) Count() (n uint64) {
	for _, c := range h {
		n += c
	}
	return n
}

// Quantile returns a duration below which at least the given share, 0 to 1, of
// the durations lie, exact within a factor of two; 0 if there are none.
func (h *Histogram) Quantile(share float64) time.Duration {
	need := uint64(share*float64(h.Count()) + 0.5)
	var seen uint64
	for i, c := range h {
		if seen += c; seen >= need && seen > 0 {
			return h.Limit(i)
		}
	}
	return 0
}

// Summary is what is known of all connections together. It holds no pointer to
// the Tracker; several add up with Merge.
type Summary struct {
	Segments    uint64    // that were looked at
	Octets      uint64    // of text in them
	First, Last time.Time // of capture; zero without segments

	// Connections counts every one, also attempts that nobody answered, but not
	// UnansweredBeyond.
	Connections uint64
	// States counts connections by the likely states of Originator and Responder.
	// Unknown is an end that was not heard.
	States [states][states]uint64
	// Certain counts ends that can be in one state only.
	Certain uint64
	// Words counts connections by conn_state.
	Words [words]uint64
	// Anomalies counts segments by what was odd about them, in the order of
	// AnomalyList.
	Anomalies [anomalies]uint64

	Attempts  uint64    // connections whose SYN was captured
	Answered  uint64    // SYNs that got a SYN,ACK
	Completed uint64    // handshakes whose last ACK was captured
	Answers   Histogram // from the last SYN to the SYN,ACK
	Finishes  Histogram // from the last SYN,ACK to its acknowledgment

	// Unanswered counts attempts that nobody answered.
	Unanswered uint64
	// UnansweredBeyond estimates how many different attempts came when there was
	// no room to remember them, within about 1 %.
	UnansweredBeyond uint64
	// Sources are the networks with most attempts, most first.
	Sources []Source

	// What was not followed: no room, a wrong checksum, and segments whose two
	// ends are the same.
	Untracked, BadChecksum, EqualEnds uint64
}

// totals is the part of a Summary that is counted as it happens.
type totals struct {
	Summary
	first, last int64
}

func (t *totals) see(s *slot) {
	if t.Segments == 0 || s.time < t.first {
		t.first = s.time
	}
	if t.Segments == 0 || s.time > t.last {
		t.last = s.time
	}
	t.Segments++
	t.Octets += uint64(s.data)
}

// count counts every anomaly of a segment.
func (t *totals) count(odd Anomalies) {
	for ; odd != 0; odd &= odd - 1 {
		if i := bits.TrailingZeros64(uint64(odd)); i < anomalies {
			t.Anomalies[i]++
		}
	}
}

// unanswered counts an attempt that is given up.
func (t *totals) unanswered() { t.waiting(1) }

// waiting counts attempts without an answer.
func (t *totals) waiting(n uint64) {
	t.Connections += n
	t.Unanswered += n
	t.Words[S0] += n
	t.States[tcp.SynSent][tcp.Unknown] += n
	t.Certain += n
}

// handshake follows the three steps; now is what the end has sent for the first
// time with this segment.
func (t *totals) handshake(c *core, side int, first sent, now uint32) {
	x, y := &c.ends[side], &c.ends[1-side]
	switch {
	case first&sentSYN != 0 && x.has(origin):
		t.Attempts++
	case first&sentSYNACK != 0:
		if y.sentAny(sentSYN) {
			t.Answered++
			t.Answers.add(now - c.last)
		}
	case first&sentACK != 0 && y.sentAny(sentSYNACK):
		t.Completed++
		t.Finishes.add(now - c.last)
	}
}

// add counts a connection as it stands.
func (t *totals) add(c *core, now, timeWait uint32) {
	if idle(now, c.last, timeWait) {
		c.expire()
	}
	o, r := c.pair()
	w := c.word()
	t.States[o%states][r%states]++
	t.Words[w]++
	if w == S0 {
		t.Unanswered++
	}
	for i := range c.ends {
		if c.ends[i].set.Len() == 1 {
			t.Certain++
		}
	}
}

// Summary returns the counts as they stand.
func (t *Tracker) Summary() Summary {
	t.Flush()
	sum := t.totals
	addAll(t, &sum, &t.four)
	addAll(t, &sum, &t.six)
	sum.waiting(uint64(t.half.used))
	sum.UnansweredBeyond = t.half.estimate()
	sum.Sources = t.sources.top()
	if sum.Segments > 0 {
		sum.First, sum.Last = time.Unix(0, sum.first).UTC(), time.Unix(0, sum.last).UTC()
	}
	return sum.Summary
}

func addAll[K comparable](t *Tracker, sum *totals, tab *table[K]) {
	for i := range tab.lines {
		if tab.tags[i] != 0 {
			c := tab.lines[i].core
			sum.add(&c, t.now, t.timeWait)
		}
	}
}

// Merge adds another Summary, of a Tracker that followed other connections.
func (s *Summary) Merge(o *Summary) {
	if o.Segments > 0 && (s.Segments == 0 || o.First.Before(s.First)) {
		s.First = o.First
	}
	if o.Last.After(s.Last) {
		s.Last = o.Last
	}
	pairs := [...]struct {
		to   *uint64
		from uint64
	}{
		{&s.Segments, o.Segments}, {&s.Octets, o.Octets}, {&s.Connections, o.Connections}, {&s.Certain, o.Certain},
		{&s.Attempts, o.Attempts}, {&s.Answered, o.Answered}, {&s.Completed, o.Completed},
		{&s.Unanswered, o.Unanswered}, {&s.UnansweredBeyond, o.UnansweredBeyond},
		{&s.Untracked, o.Untracked}, {&s.BadChecksum, o.BadChecksum}, {&s.EqualEnds, o.EqualEnds},
	}
	for _, p := range pairs {
		*p.to += p.from
	}
	for i := range s.States {
		addTo(s.States[i][:], o.States[i][:])
	}
	addTo(s.Words[:], o.Words[:])
	addTo(s.Anomalies[:], o.Anomalies[:])
	addTo(s.Answers[:], o.Answers[:])
	addTo(s.Finishes[:], o.Finishes[:])
	s.Sources = mergeSources(s.Sources, o.Sources)
}

func addTo(to, from []uint64) {
	for i := range to {
		to[i] += from[i]
	}
}
