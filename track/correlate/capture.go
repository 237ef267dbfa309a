package correlate

import (
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Point names one of the two captures.
type Point uint8

// The points. Points is how many there are.
const (
	A Point = iota
	B
	Points = iota
)

// Other returns the other point.
func (p Point) Other() Point { return 1 - p&1 }

// String returns "A" or "B".
func (p Point) String() string { return [Points]string{"A", "B"}[p&1] }

// span is a time during which a capture may lack packets, by its own word.
type span struct{ from, to int64 }

// mostGaps bounds what is remembered of dropped packets; beyond it, the last span
// is made longer.
const mostGaps = 4096

// capture is what is known of one point.
type capture struct {
	first, last int64 // of any frame
	frames      uint64
	dropped     uint64
	gaps        []span
	kept        []Kept // from index 1
	conns       []conn
	index       map[packet.Tuple]int32  // the youngest connection of a canonical tuple
	heard       map[packet.Address]int  // lowest TTL heard from an address that sends
	sentTo      map[packet.Address]bool // addresses to which something was sent
	segments    uint64
	kinds       [Kinds]bool // captured anywhere
	ways        ways
	cutAt       int64 // from this time on nothing was kept, 0 is never
	cut         uint64
	used        int  // octets
	misses      bool // it lacks what demonstrably passed
	forwards    bool // it shows packets twice, on their way through a gateway
}

// conn is one connection at one point: all segments between two sockets from a
// SYN to the next.
type conn struct {
	key         packet.Tuple // canonical: the low end is the source
	first, last int32        // segments
	count       int32
	lead        int8 // the originator: 0 the low end, 1 the high one, -1 not known
	isnKnown    [2]bool
	isn         [2]tcp.Seq // by end, low and high
	syn         int32      // first SYN, 0 is none
	answer      int32      // first SYN,ACK
	cutAt       int64
	group       int32 // the first conn of the same connection at this point
}

// connSize is about what a connection costs besides its segments, octets.
const connSize = 400

// Watch tells of a frame, of whatever kind, in the order of capture: it shows that
// the capture goes on, what it dropped, and that it hears both directions.
func (c *Correlator) Watch(p Point, f *packet.Frame) {
	v := &c.captures[p&1]
	if v.frames == 0 {
		v.first, v.last = f.Time, f.Time
	}
	if f.Dropped > 0 {
		v.dropped += f.Dropped
		v.gap(span{min(v.last, f.Time), max(v.last, f.Time)})
	}
	v.frames++
	v.first, v.last = min(v.first, f.Time), max(v.last, f.Time)
	v.ways.frame(f)
}

func (v *capture) gap(s span) {
	if n := len(v.gaps); n > 0 && (n >= mostGaps || v.gaps[n-1].to >= s.from) {
		v.gaps[n-1].from, v.gaps[n-1].to = min(v.gaps[n-1].from, s.from), max(v.gaps[n-1].to, s.to)
		return
	}
	v.gaps = append(v.gaps, s)
}

// canonical puts the low end first; forward tells whether it sent the segment.
func canonical(t packet.Tuple) (key packet.Tuple, forward bool) {
	if t.Source.Hi != t.Destination.Hi {
		forward = t.Source.Hi < t.Destination.Hi
	} else if t.Source.Lo != t.Destination.Lo {
		forward = t.Source.Lo < t.Destination.Lo
	} else {
		forward = t.SourcePort <= t.DestinationPort
	}
	if !forward {
		t = t.Reverse()
	}
	return t, forward
}

// Add takes a segment, in the order of capture.
func (c *Correlator) Add(p Point, s *packet.Segment) {
	v := &c.captures[p&1]
	if s.Tuple.EqualEnds() {
		return
	}
	k := keep(s)
	v.hear(s, &k)
	var key packet.Tuple
	key, k.forward = canonical(s.Tuple)
	i, ok := v.index[key]
	if !ok || v.conns[i].reused(v, &k) {
		if !c.room(v, connSize, k.Time) {
			return
		}
		i = int32(len(v.conns))
		v.conns = append(v.conns, conn{key: key, lead: -1, group: i})
		v.index[key] = i
	}
	n := &v.conns[i]
	if n.cutAt != 0 {
		v.cut++
		return
	}
	if int(n.count) >= c.mostOfOne {
		n.cutAt = k.Time
		v.cut++
		return
	}
	if c.room(v, keptSize, k.Time) {
		n.take(v, k)
	}
}

// room takes memory, or notes that nothing is kept any more.
func (c *Correlator) room(v *capture, size int, now int64) bool {
	if v.cutAt != 0 || v.used+size > c.memory/Points {
		if v.cutAt == 0 {
			v.cutAt = max(now, 1)
		}
		v.cut++
		return false
	}
	v.used += size
	return true
}

// hear notes what a capture takes at all.
func (v *capture) hear(s *packet.Segment, k *Kept) {
	v.kinds[k.Kind()] = true
	v.segments++
	if s.Direction != packet.DirectionUnknown {
		v.ways.direction(s.Direction)
	}
	if ttl, ok := v.heard[s.Tuple.Source]; len(v.heard) < mostHeard || ok {
		if !ok || int(s.TTL) < ttl {
			v.heard[s.Tuple.Source] = int(s.TTL)
		}
	}
	if len(v.sentTo) < mostHeard {
		v.sentTo[s.Tuple.Destination] = true
	}
}

// mostHeard bounds how many addresses are remembered.
const mostHeard = 1 << 16

// reused tells whether a segment begins another connection between the sockets of
// one: a SYN with another number. A SYN behind nothing but its own answer is the
// same connection, captured in the wrong order.
func (n *conn) reused(v *capture, k *Kept) bool {
	if !k.Flags.Has(tcp.SYN) || k.Flags.Has(tcp.ACK) {
		return false
	}
	from, other := side(k.forward), 1-side(k.forward)
	if n.isnKnown[from] {
		return n.isn[from] != k.Seq
	}
	if n.answer != 0 && v.kept[n.answer].Ack == k.Seq.Add(1) {
		return false
	}
	return n.syn == 0 || !n.isnKnown[other] // else both ends send SYNs: a simultaneous open
}

func side(forward bool) int {
	if forward {
		return 0
	}
	return 1
}

// take keeps a segment.
func (n *conn) take(v *capture, k Kept) {
	if len(v.kept) == 0 {
		v.kept = append(v.kept, Kept{})
	}
	i := int32(len(v.kept))
	v.kept = append(v.kept, k)
	if n.count == 0 {
		n.first = i
	} else {
		v.kept[n.last].next = i
	}
	n.last = i
	n.count++
	if !k.opens() || k.Flags.Has(tcp.RST) {
		return
	}
	from := side(k.forward)
	if !n.isnKnown[from] {
		n.isnKnown[from], n.isn[from] = true, k.Seq
	}
	switch {
	case !k.Flags.Has(tcp.ACK) && n.syn == 0:
		n.syn, n.lead = i, int8(from)
	case k.Flags.Has(tcp.ACK) && n.answer == 0:
		n.answer = i
		if n.lead < 0 {
			n.lead = int8(1 - from)
		}
	}
}

// each visits the segments of a connection in the order of capture.
func (v *capture) each(n *conn, visit func(i int32, k *Kept)) {
	for i := n.first; i != 0; i = v.kept[i].next {
		visit(i, &v.kept[i])
	}
}

// ways finds out whether a capture hears packets that come as well as packets that
// go.
type ways struct {
	in, out bool
	from    []packet.HardwareAddress // link-layer senders and receivers seen, a few
	to      []packet.HardwareAddress
	both    bool
}

const mostWays = 64

func (w *ways) direction(d packet.Direction) {
	w.in = w.in || d == packet.Inbound
	w.out = w.out || d == packet.Outbound
	w.both = w.both || w.in && w.out
}

// frame looks at the addresses of an Ethernet frame: one that both sends and is
// sent to is heard both ways.
func (w *ways) frame(f *packet.Frame) {
	if w.both {
		return
	}
	if f.Direction != packet.DirectionUnknown {
		w.direction(f.Direction)
		return
	}
	if f.Link != packet.LinkEthernet || len(f.Data) < 12 {
		return
	}
	to, from := hardware(f.Data[:6]), hardware(f.Data[6:12])
	if to == from {
		return
	}
	w.both = slices.Contains(w.from, to) || slices.Contains(w.to, from)
	if len(w.from) < mostWays {
		w.from = append(w.from, from)
		if f.Data[0]&1 == 0 { // not a group address
			w.to = append(w.to, to)
		}
	}
}

func hardware(b []byte) (h packet.HardwareAddress) {
	for _, o := range b {
		h = h<<8 | packet.HardwareAddress(o)
	}
	return h
}
