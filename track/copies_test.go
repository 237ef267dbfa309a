package track

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// twins are two Trackers: one gets every segment twice.
type twins struct {
	once, twice *Tracker
	fed         uint64
}

func newTwins() *twins {
	c := Config{List: true, Transitions: true}
	return &twins{once: New(c), twice: New(c)}
}

// feed gives a segment and a copy that was captured a microsecond later, behind a
// router.
func (w *twins) feed(s packet.Segment) {
	w.fed++
	s.ID = uint32(w.fed&0x7fff + 1)
	w.once.Add(&s)
	w.twice.Add(&s)
	s.Time += 1000
	s.TTL--
	w.twice.Add(&s)
}

// check demands that nothing differs but the count of copies.
func (w *twins) check(t *testing.T) {
	t.Helper()
	one, two := w.once.Summary(), w.twice.Summary()
	copied := 0
	for i, a := range AnomalyList() {
		if a == CapturedTwice {
			copied = i
		}
	}
	if two.Anomalies[copied] != w.fed || one.Anomalies[copied] != 0 {
		t.Errorf("of %d copies %d were known; %d segments were taken for copies", w.fed, two.Anomalies[copied], one.Anomalies[copied])
	}
	two.Anomalies[copied] = 0
	if !reflect.DeepEqual(one, two) {
		t.Errorf("captured once %+v, twice %+v", one, two)
	}
	a, b := conns(w.once), conns(w.twice)
	for i := range b {
		b[i].Anomalies &^= CapturedTwice
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("the connections differ")
	}
}

func conns(t *Tracker) (all []Conn) {
	t.Each(func(c *Conn) bool {
		all = append(all, *c)
		return true
	})
	return all
}

// TestCapturedTwice: capturing each packet twice changes no state and no count, of
// common connections, a flood, connections over a bad network and of nonsense.
func TestCapturedTwice(t *testing.T) {
	t.Run("traffic", func(t *testing.T) {
		w := newTwins()
		var s packet.Segment
		for _, source := range []traffic.Source{traffic.NewConnections(3, 200), traffic.NewFlood(3)} {
			for range 20_000 {
				source.Next(&s)
				w.feed(s)
			}
		}
		w.check(t)
	})
	t.Run("a bad network", func(t *testing.T) {
		w := newTwins()
		for seed := range uint64(50) {
			n := newTapped(t, seed)
			n.copy = func(from, _ int, at time.Duration, p tcp.Packet) {
				s := between(seed, from, p)
				s.Time = int64(time.Duration(seed)*time.Hour + at)
				w.feed(s)
			}
			n.run()
		}
		w.check(t)
	})
	t.Run("nonsense", func(t *testing.T) {
		random, w := rand.New(rand.NewPCG(3, 3)), newTwins()
		data := make([]byte, 11*2000)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		fuzzed(data, func(s *packet.Segment) {
			if !s.Tuple.EqualEnds() {
				w.feed(*s)
			}
		})
		w.check(t)
	})
}

// TestCopies states by hand what is a copy of the segment before.
func TestCopies(t *testing.T) {
	text := packet.Segment{Time: 1e9, TTL: 64, TCP: tcp.Segment{Seq: 7, Ack: 9, Data: 5, Window: 100, Flags: tcp.ACK}}
	text.Tuple = packet.Tuple{Source: packet.Address4(1), Destination: packet.Address4(2), SourcePort: 9, DestinationPort: 80}
	stamped := func(s *packet.Segment, value uint32) { s.TCP.Timestamp = tcp.Timestamp{Present: true, Value: value} }
	for _, c := range []struct {
		name          string
		first, second func(*packet.Segment)
		copied        bool
	}{
		{"4 ms later with an identification", func(s *packet.Segment) { s.ID = 5 }, func(s *packet.Segment) { s.Time += 4e6 }, true},
		{"stamped earlier by another processor", func(s *packet.Segment) { s.ID = 5 }, func(s *packet.Segment) { s.Time -= 1e6 }, true},
		{"6 ms later", func(s *packet.Segment) { s.ID = 5 }, func(s *packet.Segment) { s.Time += 6e6 }, false},
		{"another identification", func(s *packet.Segment) { s.ID = 5 }, func(s *packet.Segment) { s.ID = 6 }, false},
		{"another window", func(s *packet.Segment) { s.ID = 5 }, func(s *packet.Segment) { s.TCP.Window = 99 }, false},
		{"an acknowledgment with an identification", func(s *packet.Segment) { s.ID, s.TCP.Data = 5, 0 }, func(s *packet.Segment) { s.Time += 1e6 }, true},
		{"text without one, 50 us later", func(*packet.Segment) {}, func(s *packet.Segment) { s.Time += 5e4 }, true},
		{"text without one, 0.2 ms later", func(*packet.Segment) {}, func(s *packet.Segment) { s.Time += 2e5 }, false},
		{"the same behind a router", func(*packet.Segment) {}, func(s *packet.Segment) { s.Time += 2e5; s.TTL-- }, true},
		{"the same on another interface", func(*packet.Segment) {}, func(s *packet.Segment) { s.Time += 2e5; s.IfIndex = 3 }, true},
		{"the same, sent and received", func(*packet.Segment) {}, func(s *packet.Segment) { s.Time += 2e5; s.Direction = packet.Outbound }, true},
		{"too late behind a router", func(*packet.Segment) {}, func(s *packet.Segment) { s.Time += 2e6; s.TTL-- }, false},
		{"an acknowledgment without one", func(s *packet.Segment) { s.TCP.Data = 0 }, func(s *packet.Segment) { s.Time += 1e3 }, false},
		{"that acknowledgment behind a router", func(s *packet.Segment) { s.TCP.Data = 0 }, func(s *packet.Segment) { s.Time += 1e3; s.TTL-- }, true},
		{"a reset without one", func(s *packet.Segment) { s.TCP.Flags = tcp.RST }, func(s *packet.Segment) { s.Time += 1e3 }, false},
		{"another timestamp", func(s *packet.Segment) { stamped(s, 5) }, func(s *packet.Segment) { stamped(s, 6) }, false},
		{"another SACK block", func(s *packet.Segment) { s.ID = 5 }, func(s *packet.Segment) { s.Options.Blocks, s.Options.SACK[0].Right = 1, 9 }, false},
		{"the other direction", func(s *packet.Segment) { s.TCP.Ack = 7; s.ID = 5 }, func(s *packet.Segment) { s.Tuple = s.Tuple.Reverse() }, false},
	} {
		tr, s := New(Config{}), text
		c.first(&s)
		tr.Add(&s)
		c.second(&s)
		if got := tr.oddOf(&s).Has(CapturedTwice); got != c.copied {
			t.Errorf("%s: a copy %v, want %v", c.name, got, c.copied)
		}
	}
}
