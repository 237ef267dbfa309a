package track

import (
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// batchSize segments are looked up together. More do not help: the memory
// system follows about so many loads at a time.
const batchSize = 64

// slot is a segment that waits for its batch.
type slot struct {
	observed
	hash    uint64
	number  uint64 // of the frame
	four    key4
	stamp   uint32 // TSval, 0 without one
	six     key6
	place   uint32  // where its line seems to be
	strange strange // about the header alone
	side    uint8   // index of the sender
	is4     bool
	guess   bool // by the ports alone the sender seems to be the Originator
	copy    bool // the packet was captured before

	// With Config.Efforts only.
	ttl      uint8
	bare     bool // a SYN without an option but the MSS
	from, to packet.HardwareAddress
}

func (s *slot) fill(keys *keyed, efforts bool, p *packet.Segment) {
	side := sideOf(&p.Tuple)
	s.observed = observed{
		time: p.Time, seq: p.TCP.Seq, ack: p.TCP.Ack, data: p.TCP.Data,
		window: uint16(p.TCP.Window), flags: p.TCP.Flags, scale: noScale,
	}
	if p.TCP.Flags.Has(tcp.SYN) {
		s.scale = scaleOf(p)
	}
	s.number, s.side = p.Number, uint8(side)
	s.guess = p.Tuple.SourcePort > p.Tuple.DestinationPort
	if efforts {
		s.ttl, s.bare = p.TTL, p.Options.Set&^packet.OptionMSS == 0 && p.Marks&packet.OptionsTruncated == 0
		s.from, s.to = p.SourceHardware, p.DestinationHardware
	}
	zone := zoneOf(p)
	if s.is4 = p.Tuple.Source.Is4() && p.Tuple.Destination.Is4(); s.is4 {
		s.four = keyOf4(&p.Tuple, side, zone)
		s.hash = keys.of4(&s.four)
	} else {
		s.six = keyOf6(&p.Tuple, side, zone)
		s.hash = keys.of6(&s.six)
	}
	s.strange, s.stamp = strangeOf(p), p.TCP.Timestamp.Value
}

// scaleOf returns the window scale option of a SYN, if it was captured.
func scaleOf(p *packet.Segment) uint8 {
	switch {
	case p.Options.Set.Has(packet.OptionWindowScale):
		return min(p.Options.Scale, cutScale-1)
	case p.Marks&packet.OptionsTruncated != 0:
		return cutScale
	default:
		return noScale
	}
}

// Flush carries out what was added so far.
func (t *Tracker) Flush() {
	t.follow(t.batch[:t.waiting])
	t.waiting = 0
}

// follow takes a batch.
func (t *Tracker) follow(batch []slot) {
	t.touch(batch)
	for i := range batch {
		s := &batch[i]
		t.advance(ticksOf(s.time))
		if s.copy {
			t.twice(s)
			continue
		}
		t.totals.see(s)
		if s.is4 {
			follow4(t, s)
		} else {
			follow6(t, s)
		}
	}
	for range sweepShare * len(batch) / batchSize {
		sweep(t, &t.four, hash4)
		sweep(t, &t.six, hash6)
	}
}

// sweepShare lines are looked at for each batch.
const sweepShare = 16

// touch finds and loads the lines that the batch will need, so that the
// processor waits for all of them at once.
func (t *Tracker) touch(batch []slot) {
	var sum uint64
	for i := range batch {
		s := &batch[i]
		if s.is4 {
			sum += touchLine(&t.four, s)
		} else {
			sum += touchLine(&t.six, s)
		}
		if s.flags&tcp.SYN != 0 {
			sum += t.half.bucket(s.hash)[0].tag
		}
	}
	t.touched += sum
}

// touchLine loads the line of a segment, or that which it will fill: a SYN alone
// fills none.
func touchLine[K comparable](tab *table[K], s *slot) uint64 {
	place, found := tab.probe(s.hash)
	s.place = uint32(place)
	if !found && s.flags&(tcp.SYN|tcp.ACK) == tcp.SYN {
		return 0
	}
	return uint64(tab.lines[place].core.last)
}

func follow4(t *Tracker, s *slot) { update(t, &t.four, &s.four, s, hash4) }
func follow6(t *Tracker, s *slot) { update(t, &t.six, &s.six, s, hash6) }

// update finds the connection of a segment and takes it.
func update[K comparable](t *Tracker, tab *table[K], k *K, s *slot, hashOf hasher[K]) {
	var c *core
	if i := tab.at(int(s.place), k, s.hash); i >= 0 {
		c = &tab.lines[i].core
	} else if c = open(t, tab, k, s, hashOf); c == nil {
		if s.strange != 0 {
			t.totals.count(s.strange.anomalies())
		}
		return
	}
	side := int(s.side & 1)
	now, next := ticksOf(s.time), [2]tcp.Seq{c.ends[side].next, c.ends[1-side].next}
	if idle(now, c.last, t.timeWait) {
		c.expire()
	}
	was := c.ends[side].sent
	saw := c.states()
	odd, renewed := c.take(side, &s.observed)
	if renewed {
		t.renew(c, s)
		was, next = 0, [2]tcp.Seq{c.ends[side].next, c.ends[1-side].next}
		saw = c.states()
		odd, _ = c.take(side, &s.observed)
		odd |= Reused
	}
	if c.ends[side].sent != was {
		t.totals.handshake(c, side, sent(c.ends[side].sent&^was), now)
	}
	if odd != 0 || s.strange != 0 {
		if idle(now, c.last, askedFor) {
			odd &^= FastRetransmission // a timer did it
		}
		odd = t.holes.judge(s, next, odd) | s.strange.anomalies()
		t.totals.count(odd)
	}
	if c.cold != 0 {
		t.records[c.cold-1].note(c, s, odd, saw, t.config.Transitions)
		if t.config.Efforts {
			t.efforts[c.cold-1].note(s, odd)
		}
		if t.config.Watch != nil {
			t.tell(c, s, odd, saw)
		}
	}
	c.last = now
}

// askedFor is how soon text comes again that duplicate acknowledgments asked for:
// 20 ms behind the segment before, in ticks.
const askedFor = 20_000_000 >> tickShift

// renew begins another connection on the same line.
func (t *Tracker) renew(c *core, s *slot) {
	side := int(s.side & 1)
	opener := c.ends[1-side]
	answer := s.flags&tcp.ACK != 0 && opener.has(contested)
	t.retire(c)
	t.holes.forget(s)
	*c = core{last: ticksOf(s.time)}
	t.totals.Connections++
	c.start(side, &s.observed, s.guess)
	if answer {
		syn := observed{time: s.time, seq: opener.isn, flags: tcp.SYN, window: 1, scale: cutScale}
		*c = core{last: c.last}
		c.start(1-side, &syn, false)
		c.take(1-side, &syn)
	}
	t.list(c, s)
}
