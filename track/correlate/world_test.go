package correlate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// world is a truth from which two captures are made: connections played by
// endpoints over a network that loses, duplicates and reorders, and what gateways
// and captures do to them.
type world struct {
	seed        uint64
	connections int
	lose        string // of simulate.Changes
	duplicate   string
	reorder     string
	stamps      bool
	zeroIDs     bool
	nat         bool
	clamp       uint16 // MSS
	shift       [2]uint32
	strip       packet.OptionSet
	hops        uint8
	offset      time.Duration // of B
	drift       float64
	merge       bool          // A sees what is sent at once as one segment
	drop        int           // of 1000 packets, that each capture loses
	declared    bool          // and says so
	late        time.Duration // how much later than A capture B begins
	reset       bool          // something in between resets some connections
	tooShort    bool          // nothing follows behind the last segment
}

// record is a packet in a capture, with the truth about it.
type record struct {
	segment packet.Segment
	numbers []int // what it is: those of the simulation, with the connection; 0 is made in between
	copy    bool  // made by the network
	out     bool  // sent by the host of this point
}

// truth is what became of what was sent.
type truth struct {
	arrived map[int]bool
	a, b    []record
	conn    map[packet.Tuple]int // at A
}

const start = int64(1_700_000_000_000_000_000)

func (w *world) build(t testing.TB) *truth {
	t.Helper()
	out := &truth{arrived: map[int]bool{}, conn: map[packet.Tuple]int{}}
	r := rand.New(rand.NewPCG(w.seed, 1))
	for i := range w.connections {
		w.connection(t, out, i, r)
	}
	byTime := func(x, y record) int { return int(x.segment.Time - y.segment.Time) }
	slices.SortStableFunc(out.a, byTime)
	slices.SortStableFunc(out.b, byTime)
	if w.merge {
		out.a = mergeText(out.a)
	}
	for i := range out.b {
		s := &out.b[i].segment
		s.Time += int64(w.offset) + int64(w.drift*float64(s.Time-start))
	}
	return out
}

func (w *world) connection(t testing.TB, out *truth, i int, r *rand.Rand) {
	t.Helper()
	story, _ := simulate.FindStory("exchange")
	changes := simulate.Changes{Seed: w.seed*1000 + uint64(i), Do: []string{"originator:SEND=9000@ESTABLISHED+40ms", "responder:SEND=4000@ESTABLISHED+90ms"}}
	for _, rule := range []struct {
		text string
		to   *[]string
	}{{w.lose, &changes.Lose}, {w.duplicate, &changes.Duplicate}, {w.reorder, &changes.Reorder}} {
		if rule.text != "" {
			*rule.to = []string{rule.text}
		}
	}
	config, err := changes.Apply(story.Config)
	if err != nil {
		t.Fatal(err)
	}
	for side := range config.Ends {
		config.Ends[side].Timestamps = w.stamps
		config.Ends[side].Numbers = []tcp.Seq{tcp.Seq(r.Uint32())}
	}
	begin := start + int64(i)*int64(170*time.Millisecond)
	port := uint16(20000 + i)
	ids := [2]uint32{r.Uint32() & 0xffff, r.Uint32() & 0xffff}
	idOf, copies := map[int]uint32{}, map[int]int{}
	var last *record
	for _, h := range simulate.Run(config).Trace {
		number := i<<20 | h.Number
		switch h.Kind {
		case simulate.Sent:
			ids[h.Side]++
			idOf[h.Number] = ids[h.Side]&0xffff | 1<<15
			if w.zeroIDs {
				idOf[h.Number] = 0
			}
			last = w.put(out, h.Side, h.Side, &h, begin, port, idOf[h.Number], []int{number}, false)
		case simulate.Arrived:
			out.arrived[number] = true
			copies[h.Number]++
			w.put(out, h.Side, h.Side.Other(), &h, begin, port, idOf[h.Number], []int{number}, copies[h.Number] > 1)
		}
	}
	if w.reset && i%3 == 0 && last != nil {
		w.inject(out, last)
	}
}

// put adds a packet to the capture of a side.
func (w *world) put(out *truth, at, from simulate.Side, h *simulate.Happening, begin int64, port uint16, id uint32, numbers []int, again bool) *record {
	p := &h.Packet
	s := packet.Segment{TCP: p.Segment, Time: begin + int64(h.At), ID: id, IPVersion: 4, TTL: 64}
	s.TCP.Data = tcp.Size(len(p.Text))
	set := func(present bool, o packet.OptionSet) {
		if present {
			s.Options.Set |= o
		}
	}
	set(p.Options.MSS != 0, packet.OptionMSS)
	set(p.Options.WindowScale.Present, packet.OptionWindowScale)
	set(p.Options.SACKPermitted, packet.OptionSACKPermitted)
	set(p.Segment.Timestamp.Present, packet.OptionTimestamps)
	s.Options.MSS, s.Options.Scale, s.Options.Echo = p.Options.MSS, p.Options.WindowScale.Shift, p.Options.Echo
	client, server, behind := packet.Address4(0x0a000001), packet.Address4(0xc0000201), packet.Address4(0xc6336401)
	s.Tuple = packet.Tuple{Source: client, Destination: server, SourcePort: port, DestinationPort: 80}
	if at == simulate.Responder && w.nat {
		s.Tuple = packet.Tuple{Source: packet.Address4(0xcb007107), Destination: behind, SourcePort: port ^ 0x1000, DestinationPort: 8080}
	}
	if from == simulate.Responder {
		s.Tuple = s.Tuple.Reverse()
	}
	if at != from {
		w.pass(&s)
	}
	if at == simulate.Responder {
		w.renumber(&s, from)
	}
	if w.strip != 0 && at != from {
		w.withoutOptions(&s)
	}
	list := &out.a
	if at == simulate.Responder {
		list = &out.b
	} else if i, ok := out.conn[s.Tuple]; !ok || i == 0 {
		out.conn[s.Tuple] = numbers[0]>>20 + 1
	}
	*list = append(*list, record{segment: s, numbers: numbers, copy: again, out: at == from})
	return &(*list)[len(*list)-1]
}

// pass is what the way does to a packet.
func (w *world) pass(s *packet.Segment) {
	s.TTL -= w.hops
	if w.clamp != 0 && s.Options.Set.Has(packet.OptionMSS) && s.Options.MSS > w.clamp {
		s.Options.MSS = w.clamp
	}
}

// renumber gives a packet the numbers that B sees: a firewall in between shifts
// those of either end.
func (w *world) renumber(s *packet.Segment, from simulate.Side) {
	s.TCP.Seq = s.TCP.Seq.Add(tcp.Size(w.shift[from]))
	if s.TCP.Flags.Has(tcp.ACK) {
		s.TCP.Ack = s.TCP.Ack.Add(tcp.Size(w.shift[from.Other()]))
	}
}

func (w *world) withoutOptions(s *packet.Segment) {
	s.Options.Set &^= w.strip
	if w.strip.Has(packet.OptionTimestamps) {
		s.TCP.Timestamp, s.Options.Echo = tcp.Timestamp{}, 0
	}
}

// inject adds a RST to both captures that neither end sent.
func (w *world) inject(out *truth, near *record) {
	for _, list := range [2]*[]record{&out.a, &out.b} {
		var like *packet.Segment
		for i := range *list {
			if r := &(*list)[i]; !r.out && sameConn(&r.segment, &near.segment, w.nat) && r.segment.TCP.Flags.Has(tcp.ACK) {
				like = &r.segment
			}
		}
		if like == nil {
			continue
		}
		s := *like
		s.TCP.Flags, s.TCP.Data, s.TTL, s.ID, s.Time = tcp.RST, 0, 250, 0x1234, like.Time+int64(3*time.Millisecond)
		s.TCP.Seq = s.TCP.Seq.Add(like.TCP.Len())
		s.Options = packet.Options{}
		s.TCP.Timestamp = tcp.Timestamp{}
		*list = append(*list, record{segment: s, numbers: []int{0}})
	}
}

func sameConn(a, b *packet.Segment, nat bool) bool {
	port := func(s *packet.Segment) uint16 {
		for _, p := range [2]uint16{s.Tuple.SourcePort, s.Tuple.DestinationPort} {
			if p != 80 && p != 8080 {
				if nat && (s.Tuple.SourcePort == 8080 || s.Tuple.DestinationPort == 8080) {
					p ^= 0x1000
				}
				return p
			}
		}
		return 0
	}
	return port(a) == port(b)
}

// mergeText joins text that A's host sends at once, as a capture above segmentation
// offload shows it.
func mergeText(list []record) []record {
	var out []record
	for _, r := range list {
		if n := len(out); n > 0 && r.out && r.segment.TCP.Data > 0 && !r.segment.TCP.Flags.Any(tcp.SYN|tcp.FIN|tcp.RST) {
			l := &out[n-1]
			s := &l.segment
			if l.out && s.Tuple == r.segment.Tuple && s.TCP.Data > 0 && s.TCP.End() == r.segment.TCP.Seq && s.Time == r.segment.Time && s.TCP.Timestamp == r.segment.TCP.Timestamp {
				s.TCP.Data += r.segment.TCP.Data
				s.TCP.Flags |= r.segment.TCP.Flags
				l.numbers = append(slices.Clone(l.numbers), r.numbers...)
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// capture feeds the captures to a Correlator; what[p][number of frame] is the truth.
func (w *world) capture(tr *truth, c *Correlator) (what [Points]map[uint64]*record) {
	for p, list := range [Points][]record{tr.a, tr.b} {
		what[p] = map[uint64]*record{}
		r := rand.New(rand.NewPCG(w.seed, uint64(p)+7))
		from, dropped, number := int64(0), uint64(0), uint64(0)
		margin := int64(5 * time.Second)
		if Point(p) == B && w.late > 0 {
			from = start + int64(w.offset) + int64(w.late)
		} else if len(list) > 0 {
			c.Watch(Point(p), &packet.Frame{Time: list[0].segment.Time - margin})
		}
		for i := range list {
			s := list[i].segment
			if s.Time < from {
				continue
			}
			if w.drop > 0 && r.IntN(1000) < w.drop {
				dropped++
				continue
			}
			number++
			s.Number, s.Direction = number, packet.Inbound
			if list[i].out {
				s.Direction = packet.Outbound
			}
			f := packet.Frame{Time: s.Time, Number: number, Direction: s.Direction}
			if w.declared {
				f.Dropped = dropped
			}
			dropped = 0
			c.Watch(Point(p), &f)
			what[p][number] = &list[i]
			c.Add(Point(p), &s)
		}
		if !w.tooShort && len(list) > 0 {
			f := packet.Frame{Time: list[len(list)-1].segment.Time + margin, Number: number + 1}
			if w.declared {
				f.Dropped = dropped
			}
			c.Watch(Point(p), &f)
		}
	}
	return what
}
