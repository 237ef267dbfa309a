package track

import (
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Tracker follows connections. It is made by New and not safe for concurrent
// use; Shard shares the work between several of them.
//
// Segments are gathered in batches, so that waiting for the memory of one
// connection overlaps with that for others. Summary, Each and Flush look at
// everything that was added.
type Tracker struct {
	config   Config
	keys     keyed
	timeWait uint32 // ticks
	attempt  uint32 // ticks
	now      uint32 // latest time of capture, ticks

	four table[key4]
	six  table[key6]
	half halfOpen
	room int // octets that the tables of connections may take

	batch   [batchSize]slot
	waiting int
	touched uint64 // keeps the loads of touch alive

	copies copies
	holes  holes

	totals  totals
	sources sources
	records []record
	efforts []efforts // by the place of the record, with Config.Efforts
	most    int       // records that are kept at most
}

// New returns a Tracker.
func New(c Config) *Tracker {
	c = c.complete()
	t := &Tracker{
		config: c, keys: newKeyed(c.Seed), timeWait: ticksIn(c.TimeWait), attempt: ticksIn(c.Attempt),
		four: newTable[key4](), six: newTable[key6](),
		half: newHalfOpen(c.Memory / 4), room: c.Memory * 3 / 4,
	}
	if c.List {
		t.room = c.Memory / 4
		each := recordSize
		if c.Efforts {
			each += effortSize
		}
		if c.Transitions {
			each += stepsSize
		}
		t.most = c.Memory / 2 / each
	}
	return t
}

// Add takes a segment. It is not kept: the caller may change it.
func (t *Tracker) Add(s *packet.Segment) {
	if !t.totals.counts(s) {
		return
	}
	if t.waiting == batchSize {
		t.Flush()
	}
	next := &t.batch[t.waiting]
	next.fill(&t.keys, t.config.Efforts, s)
	next.copy = t.copies.again(s, next.hash, int(next.side))
	t.waiting++
}

// counts tells whether the segment is one that a receiver would look at.
func (t *totals) counts(s *packet.Segment) bool {
	switch {
	case s.Checksum == packet.ChecksumBad || s.Marks&packet.IPChecksumBad != 0:
		t.BadChecksum++
	case s.Tuple.EqualEnds():
		t.EqualEnds++
	default:
		return true
	}
	return false
}

// open makes a line for the first segment of a connection, unless it is a SYN,
// which waits for an answer in the smaller table. It returns nil if there is
// nothing to follow.
func open[K comparable](t *Tracker, tab *table[K], k *K, s *slot, hashOf hasher[K]) *core {
	alone := s.flags&(tcp.SYN|tcp.ACK|tcp.RST) == tcp.SYN
	known := t.half.find(s.hash)
	if alone && (known == nil || known.side() == int(s.side)) {
		t.sources.count(s)
		if !t.listsAttempts() || !hasRoom(t, tab, s.hash, hashOf) {
			t.attemptAgain(known, s)
			return nil
		}
	}
	if !hasRoom(t, tab, s.hash, hashOf) {
		t.totals.Untracked++
		return nil
	}
	c := &tab.insert(k, s.hash).core
	c.last = ticksOf(s.time)
	t.totals.Connections++
	if known != nil {
		t.promote(known, c)
	} else {
		c.start(int(s.side), &s.observed, s.guess)
	}
	t.list(c, s)
	return c
}

// listsAttempts tells whether a SYN that nothing answered yet gets a record. Half
// of the records are kept for connections that were answered, whatever floods.
func (t *Tracker) listsAttempts() bool {
	return t.config.List && len(t.records) < t.most/2
}

// attemptAgain takes a SYN that has no connection: the first of an attempt, one
// more of it, or one with another ISN, which is another attempt.
func (t *Tracker) attemptAgain(known *attempt, s *slot) {
	now := ticksOf(s.time)
	switch {
	case known != nil && known.isn == s.seq:
		known.again(now)
		t.totals.count(SYNAgain)
		return
	case known != nil:
		t.totals.unanswered()
		known.fill(s.hash, int(s.side), &s.observed)
		t.totals.Attempts++
		return
	}
	place, gone := t.half.place(s.hash, now, t.attempt)
	if gone {
		t.totals.unanswered()
	}
	if place == nil {
		t.half.overflow(s.hash)
		return
	}
	t.totals.Attempts++
	place.fill(s.hash, int(s.side), &s.observed)
}

// promote makes a connection of an attempt that something answered.
func (t *Tracker) promote(a *attempt, c *core) {
	o := a.syn()
	c.start(a.side(), &o, false)
	c.take(a.side(), &o)
	c.last = a.last
	t.half.free(a)
}

// hasRoom makes sure that a line can be inserted: by a larger table while memory
// allows it, then by dropping connections that are over or were never heard from
// both ends. What both ends take part in is never dropped for a new one.
func hasRoom[K comparable](t *Tracker, tab *table[K], hash uint64, hashOf hasher[K]) bool {
	if !tab.full() {
		return true
	}
	if t.size()+2*tab.size() <= t.room {
		tab.grow(&t.keys, hashOf)
		return true
	}
	// The place is that of the newcomer, which is as good as random: going round
	// the table would crowd all lines in front of the sweep.
	for i, dropped := 0, 0; i < crowdedSweep && dropped < crowdedDrops; i++ {
		if drop(t, tab, int(hash+uint64(i))&(len(tab.lines)-1), hashOf, true) {
			dropped++
		}
	}
	return !tab.full()
}

// For a line that wants in, crowdedSweep are looked at and crowdedDrops dropped.
const (
	crowdedSweep = 64
	crowdedDrops = 4
)

// size returns the octets that the tables of connections take.
func (t *Tracker) size() int { return t.four.size() + t.six.size() }

// sweep looks at the next line. What is listed stays while there is room.
func sweep[K comparable](t *Tracker, tab *table[K], hashOf hasher[K]) {
	i := tab.sweep & (len(tab.lines) - 1)
	if t.config.List || !drop(t, tab, i, hashOf, false) { // else another line may have moved to i
		tab.sweep = i + 1
	}
}

// drop retires the connection at a place if it has been over for 2 MSL. When
// memory is short it waits for nothing, and gives up what only one end was heard of.
func drop[K comparable](t *Tracker, tab *table[K], i int, hashOf hasher[K], crowded bool) bool {
	c := &tab.lines[i].core
	if tab.tags[i] == 0 || !t.disposable(c, crowded) {
		return false
	}
	t.retire(c)
	tab.remove(i, &t.keys, hashOf)
	return true
}

// disposable tells whether a connection need not be followed any more.
func (t *Tracker) disposable(c *core, crowded bool) bool {
	if c.over() {
		return crowded || idle(t.now, c.last, t.timeWait)
	}
	return crowded && !(c.ends[0].has(heard) && c.ends[1].has(heard))
}

// retire adds a connection that will not be followed any more to the totals.
func (t *Tracker) retire(c *core) {
	t.totals.add(c, t.now, t.timeWait)
	if c.cold != 0 {
		t.records[c.cold-1].finish(c)
	}
}

// Expire sets the clock to a time of capture without a segment, so that
// TIME-WAIT ends on a quiet line. Units: ns since 1970. Earlier times change
// nothing.
func (t *Tracker) Expire(now int64) {
	t.Flush()
	t.advance(ticksOf(now))
}

func (t *Tracker) advance(now uint32) {
	if int32(now-t.now) > 0 || t.totals.Segments == 0 {
		t.now = now
	}
}
