package correlate

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestSilentDrops: a capture that loses packets without saying so gives itself away
// where it lacks what was acknowledged. From then on nothing is said to vanish.
func TestSilentDrops(t *testing.T) {
	for seed := range uint64(100) {
		w := world{seed: seed, connections: 10, stamps: true, hops: 2, lose: "4%", drop: 60}
		tr := w.build(t)
		c := New(Config{})
		what := w.capture(tr, c)
		r := c.Correlate()
		if !r.Points[A].Misses || !r.Points[B].Misses {
			t.Fatalf("seed %d: captures that lost 6 %% give nothing away: %+v", seed, r.Points)
		}
		for i := range r.Pairs {
			for j := range r.Pairs[i].Passages {
				x := &r.Pairs[i].Passages[j]
				if err := w.wrong(tr, r, &r.Pairs[i], x, what); err != "" && x.Verdict != Unknown {
					t.Errorf("seed %d: %s: %+v", seed, err, *x)
				}
			}
		}
	}
}

// scene makes captures by hand. Times are in ms by the clock of A.
type scene struct {
	c      *Correlator
	offset int64 // ms, of B
	n      [Points]uint64
	client packet.Tuple
}

func newScene() *scene {
	s := &scene{c: New(Config{}), client: packet.Tuple{
		Source: packet.Address4(0x0a000001), Destination: packet.Address4(0xc0000201), SourcePort: 40000, DestinationPort: 80,
	}}
	for p := range Point(Points) {
		s.c.Watch(p, &packet.Frame{Time: start - int64(10*time.Second)})
	}
	return s
}

// see puts a segment of the client, or of the server, into a capture.
func (s *scene) see(p Point, ms int64, fromClient bool, seg tcp.Segment, change func(*packet.Segment)) {
	if p == B {
		ms += s.offset
	}
	s.n[p]++
	out := packet.Segment{TCP: seg, Tuple: s.client, Time: start + ms*int64(time.Millisecond), Number: s.n[p], TTL: 64, IPVersion: 4, Direction: packet.Inbound}
	if fromClient == (p == A) {
		out.Direction = packet.Outbound
	} else {
		out.TTL = 61
	}
	if !fromClient {
		out.Tuple = out.Tuple.Reverse()
	}
	if change != nil {
		change(&out)
	}
	s.c.Watch(p, &packet.Frame{Time: out.Time, Number: out.Number, Direction: out.Direction})
	s.c.Add(p, &out)
}

// both lets a segment pass both points, 10 ms apart.
func (s *scene) both(ms int64, fromClient bool, seg tcp.Segment, id uint32) {
	from, to := A, B
	if !fromClient {
		from, to = B, A
	}
	name := func(p *packet.Segment) { p.ID = id }
	s.see(from, ms, fromClient, seg, name)
	s.see(to, ms+10, fromClient, seg, name)
}

func (s *scene) report() *Report {
	for p := range Point(Points) {
		s.c.Watch(p, &packet.Frame{Time: start + int64(100*time.Second)})
	}
	return s.c.Correlate()
}

// verdicts writes what became of the segments of a pair, in order.
func verdicts(r *Report, pair int) (list []string) {
	p := &r.Pairs[pair]
	for i := range p.Passages {
		x := &p.Passages[i]
		k := r.Kept(A, x.Seen[A])
		if k == nil {
			k = r.Kept(B, x.Seen[B])
		}
		text := fmt.Sprintf("%s %s %s", k.Kind(), x.Verdict, x.Why)
		if x.Changes != 0 {
			text += " " + x.Changes.String()
		}
		list = append(list, text)
	}
	return list
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

const (
	syn    = tcp.SYN
	synack = tcp.SYN | tcp.ACK
	ack    = tcp.ACK
	push   = tcp.PSH | tcp.ACK
)

// TestSYNProxy: something between the points answers the SYN, and opens its own
// connection to the server afterwards (RFC 4987 section 3.6).
func TestSYNProxy(t *testing.T) {
	s := newScene()
	s.offset = 3000
	s.see(A, 0, true, tcp.Segment{Seq: 100, Flags: syn, Window: 64240}, func(p *packet.Segment) { p.ID = 7 })
	s.see(A, 4, false, tcp.Segment{Seq: 900, Ack: 101, Flags: synack}, nil)
	s.see(A, 5, true, tcp.Segment{Seq: 101, Ack: 901, Flags: ack}, func(p *packet.Segment) { p.ID = 8 })
	s.see(B, 12, true, tcp.Segment{Seq: 100, Flags: syn, Window: 64240}, nil)
	s.see(B, 12, false, tcp.Segment{Seq: 5000, Ack: 101, Flags: synack}, nil)
	s.see(B, 22, true, tcp.Segment{Seq: 101, Ack: 5001, Flags: ack}, nil)
	for i := range int64(6) {
		at, text := 100+i*100, tcp.Seq(i*50)
		shift := func(p *packet.Segment) { p.ID = uint32(20 + i) }
		s.see(A, at, true, tcp.Segment{Seq: 101 + text, Ack: 901, Flags: push, Data: 50}, shift)
		s.see(B, at+10, true, tcp.Segment{Seq: 101 + text, Ack: 5001, Flags: push, Data: 50}, shift)
		shift = func(p *packet.Segment) { p.ID = uint32(50 + i) }
		s.see(B, at+11, false, tcp.Segment{Seq: 5001, Ack: 151 + text, Flags: ack}, shift)
		s.see(A, at+21, false, tcp.Segment{Seq: 901, Ack: 151 + text, Flags: ack}, shift)
	}
	r := s.report()
	if d := r.Clock.Offset - 3*time.Second; d < -10*time.Millisecond || d > 10*time.Millisecond {
		t.Errorf("the clocks differ by %v, want 3 s", r.Clock.Offset)
	}
	equal(t, verdicts(r, 0)[:6], []string{
		"SYN vanished taken-for-answer", "SYN,ACK made too-early", "ACK vanished absent", "SYN made in-its-place",
		"SYN,ACK vanished taken-for-answer", "ACK unknown genuine",
	})
	for _, v := range verdicts(r, 0)[6:] {
		if v != "text changed seen numbers" && v != "ACK changed seen numbers" {
			t.Errorf("behind the handshake: %q", v)
		}
	}
	if f := r.Findings(nil); f[0].Topic != Proxied || f[0].Count != 1 {
		t.Errorf("found %+v", f[0])
	}
}

// TestReset: a RST that comes to the client with another time to live, and that the
// server never sent.
func TestReset(t *testing.T) {
	s := newScene()
	s.both(0, true, tcp.Segment{Seq: 100, Flags: syn}, 1)
	s.both(20, false, tcp.Segment{Seq: 500, Ack: 101, Flags: synack}, 2)
	s.both(40, true, tcp.Segment{Seq: 101, Ack: 501, Flags: ack}, 3)
	s.both(60, true, tcp.Segment{Seq: 101, Ack: 501, Flags: push, Data: 9}, 4)
	s.see(A, 65, false, tcp.Segment{Seq: 501, Flags: tcp.RST}, func(p *packet.Segment) { p.TTL = 250 })
	s.both(71, false, tcp.Segment{Seq: 501, Ack: 110, Flags: ack}, 5)
	r := s.report()
	equal(t, verdicts(r, 0), []string{"SYN arrived seen", "SYN,ACK arrived seen", "ACK arrived seen", "text arrived seen", "RST made foreign", "ACK arrived seen"})
	if f := r.Findings(nil); len(f) != 1 || f[0].Topic != MadeBetween || f[0].TTL != [2]int{250, 61} || f[0].From != B {
		t.Errorf("found %+v", f)
	}
}

// TestGenuine: what comes with the sender's own time to live, and was not captured
// where it left, may be the sender's.
func TestGenuine(t *testing.T) {
	s := newScene()
	s.both(0, true, tcp.Segment{Seq: 100, Flags: syn}, 1)
	s.both(20, false, tcp.Segment{Seq: 500, Ack: 101, Flags: synack}, 2)
	s.see(A, 65, false, tcp.Segment{Seq: 501, Flags: tcp.RST}, nil)
	r := s.report()
	equal(t, verdicts(r, 0), []string{"SYN arrived seen", "SYN,ACK arrived seen", "RST unknown genuine"})
}

// TestReuse: the sockets of a connection are used again; each is joined with its
// own.
func TestReuse(t *testing.T) {
	s := newScene()
	for i := range int64(3) {
		at, isn := i*1000, tcp.Seq(i*1_000_000)
		s.both(at, true, tcp.Segment{Seq: isn, Flags: syn}, uint32(10*i+1))
		s.both(at+20, false, tcp.Segment{Seq: isn + 77, Ack: isn + 1, Flags: synack}, uint32(10*i+2))
		s.both(at+40, true, tcp.Segment{Seq: isn + 1, Ack: isn + 78, Flags: tcp.RST | tcp.ACK}, uint32(10*i+3))
	}
	r := s.report()
	if len(r.Pairs) != 3 {
		t.Fatalf("%d pairs, want 3", len(r.Pairs))
	}
	for i := range r.Pairs {
		equal(t, verdicts(r, i), []string{"SYN arrived seen", "SYN,ACK arrived seen", "RST arrived seen"})
	}
}

// TestAlone: a SYN that passes A and not B vanished if B lies before the responder's
// host, and is not judged where nothing shows that B is on its way.
func TestAlone(t *testing.T) {
	for _, known := range []bool{true, false} {
		s := newScene()
		s.both(0, true, tcp.Segment{Seq: 100, Flags: syn}, 1)
		s.both(20, false, tcp.Segment{Seq: 500, Ack: 101, Flags: synack}, 2)
		s.client.SourcePort = 41000
		if !known {
			s.client.Destination = packet.Address4(0xcb007109)
		}
		s.see(A, 200, true, tcp.Segment{Seq: 9000, Flags: syn}, nil)
		want := "SYN vanished absent"
		if !known {
			want = "SYN unknown not-on-the-way"
		}
		equal(t, verdicts(s.report(), 1), []string{want})
	}
}

// TestMemory: what there is no memory for is counted, and not said to have vanished.
func TestMemory(t *testing.T) {
	w := world{seed: 3, connections: 30, stamps: true, hops: 2}
	tr := w.build(t)
	c := New(Config{Memory: 100 * keptSize})
	what := w.capture(tr, c)
	r := c.Correlate()
	kept := len(c.captures[A].kept) + len(c.captures[B].kept)
	if kept > 102 || r.Points[A].NotKept == 0 || r.Points[A].CutAt.IsZero() {
		t.Errorf("%d segments are kept in the memory of 100: %+v", kept, r.Points)
	}
	for i := range r.Pairs {
		for j := range r.Pairs[i].Passages {
			x := &r.Pairs[i].Passages[j]
			if err := w.wrong(tr, r, &r.Pairs[i], x, what); err != "" && x.Verdict != Unknown {
				t.Errorf("%s: %+v", err, *x)
			}
		}
	}
}

// TestFlood: SYNs that all have the same number are not taken for one another.
func TestFlood(t *testing.T) {
	s := newScene()
	for i := range 3000 {
		s.client.Source = packet.Address4(0x0b000000 + uint32(i)*7)
		s.both(int64(i), true, tcp.Segment{Seq: 0, Flags: syn}, 0)
	}
	r := s.report()
	for i := range r.Pairs {
		if p := &r.Pairs[i]; p.Joined && p.Tuples[A][0] != p.Tuples[B][0] {
			t.Fatalf("joined %v and %v", p.Tuples[A], p.Tuples[B])
		}
	}
}

// TestEmpty: no input, and one empty capture, are no reason to panic.
func TestEmpty(t *testing.T) {
	if r := New(Config{}).Correlate(); len(r.Pairs) != 0 || r.Clock.Known {
		t.Errorf("%+v", r)
	}
	s := newScene()
	s.see(A, 1, true, tcp.Segment{Seq: 1, Flags: syn}, nil)
	equal(t, verdicts(s.report(), 0), []string{"SYN unknown no-clock"})
}
