package track

import (
	"math/bits"
	"sync"

	"github.com/synoptic-net/synoptic/packet"
)

// Parallel follows connections with several Trackers at the same time, for their
// sum: both directions of a connection go to the same one, so that they share
// nothing. It lists no connections. Add and Summary are for one goroutine.
type Parallel struct {
	keys   keyed
	shards []shard
	free   chan *lot // to be filled again
	work   sync.WaitGroup
	counts totals // of what is not followed
	last   int64  // time of the latest segment
	sum    *Summary
}

// shard is a Tracker, the lots that wait for it, and the one that is being filled.
type shard struct {
	tracker *Tracker
	copies  copies // looked up where segments are handed out, as a Tracker does
	lots    chan *lot
	next    *lot
}

// lot is a batch on its way to its Tracker.
type lot struct {
	slots [batchSize]slot
	size  int
}

// lotsWaiting may wait for a Tracker: enough to keep it busy, few enough to stay
// in the cache.
const lotsWaiting = 16

// NewParallel returns n Trackers, at least one, that share the memory of the
// configuration.
func NewParallel(c Config, n int) *Parallel {
	n = max(n, 1)
	c = c.complete()
	c.List, c.Transitions, c.Efforts = false, false, false
	p := &Parallel{keys: newKeyed(c.Seed), shards: make([]shard, n), free: make(chan *lot, n*(lotsWaiting+2))}
	c.Memory /= n
	if n == 1 { // nothing to hand over
		p.shards[0].tracker = New(c)
		return p
	}
	for i := range p.shards {
		s := &p.shards[i]
		s.tracker, s.lots, s.next = New(c), make(chan *lot, lotsWaiting), new(lot)
		p.work.Add(1)
		go p.follow(s)
	}
	return p
}

func (p *Parallel) follow(s *shard) {
	defer p.work.Done()
	for l := range s.lots {
		s.tracker.follow(l.slots[:l.size])
		l.size = 0
		p.free <- l
	}
}

// shardOf returns the shard of a hash, by bits that are no part of it: places,
// tags and the sketch of a Tracker need all of them.
func (p *Parallel) shardOf(hash uint64) *shard {
	high, _ := bits.Mul64(mix(hash, p.keys[1]), uint64(len(p.shards)))
	return &p.shards[high]
}

// Add takes a segment. It is not kept: the caller may change it.
func (p *Parallel) Add(s *packet.Segment) {
	if len(p.shards) == 1 {
		p.shards[0].tracker.Add(s)
		return
	}
	if !p.counts.counts(s) {
		return
	}
	p.last = max(p.last, s.Time)
	var x slot
	x.fill(&p.keys, false, s)
	to := p.shardOf(x.hash)
	x.copy = to.copies.again(s, x.hash, int(x.side))
	to.next.slots[to.next.size] = x
	if to.next.size++; to.next.size < batchSize {
		return
	}
	to.lots <- to.next
	to.next = p.lot()
}

func (p *Parallel) lot() *lot {
	select {
	case l := <-p.free:
		return l
	default:
		return new(lot)
	}
}

// Summary ends the work and returns the sum, and does so again when it is asked
// again. Until it is called the Trackers wait for segments. Nothing can be added
// afterwards.
func (p *Parallel) Summary() Summary {
	if len(p.shards) == 1 {
		return p.shards[0].tracker.Summary()
	}
	if p.sum != nil {
		return *p.sum
	}
	for i := range p.shards {
		s := &p.shards[i]
		s.lots <- s.next
		close(s.lots)
	}
	p.work.Wait()
	sum := p.counts.Summary
	for i := range p.shards {
		t := p.shards[i].tracker
		t.Expire(p.last) // the clock of the whole capture, not of this part
		part := t.Summary()
		sum.Merge(&part)
	}
	p.sum = &sum
	return sum
}
