package track

import (
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestSizes: a connection fills one line of the cache, an attempt a quarter.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		value any
		want  uintptr
	}{{line[key4]{}, 64}, {line[key6]{}, 96}, {core{}, 48}, {attempt{}, 16}, {bucket{}, 64}} {
		if got := reflect.TypeOf(c.value).Size(); got != c.want {
			t.Errorf("%T takes %d octets, want %d", c.value, got, c.want)
		}
	}
	if got := int(reflect.TypeOf(record{}).Size()); got > recordSize {
		t.Errorf("a record takes %d octets, more than recordSize", got)
	}
}

func feed(tr *Tracker, source traffic.Source, packets int) {
	var s packet.Segment
	for range packets {
		source.Next(&s)
		tr.Add(&s)
	}
}

// TestSummary: every connection of the generator is found, with the end it had.
func TestSummary(t *testing.T) {
	for _, six := range []bool{false, true} {
		source := traffic.NewConnections(1, 500)
		source.Six = six
		tr := New(Config{})
		const packets = 300_000
		feed(tr, source, packets)
		sum := tr.Summary()
		if sum.Segments != packets || sum.Untracked != 0 {
			t.Errorf("%d segments, %d not followed", sum.Segments, sum.Untracked)
		}
		// The live ones that have sent nothing are not known.
		if sum.Connections > source.Began || sum.Connections < source.Began-500 {
			t.Errorf("%d connections, %d were made", sum.Connections, source.Began)
		}
		ended := source.Began - 500 - source.Reset
		if got := sum.Words[SF]; got < ended || got > ended+500 {
			t.Errorf("%d SF, %d ended", got, ended)
		}
		if sum.Words[RSTO] != source.Reset || sum.Words[OTH]+sum.Words[REJ] != 0 {
			t.Errorf("words %v, %d resets", sum.Words, source.Reset)
		}
		for i, n := range sum.Anomalies {
			if n != 0 {
				t.Errorf("%d times %v in traffic without a fault", n, Anomalies(1<<i))
			}
		}
		if sum.Completed < ended || sum.Answers.Count() != sum.Answered || sum.Attempts != sum.Connections {
			t.Errorf("%d connections, %d attempts, %d answered, %d completed of %d", sum.Connections, sum.Attempts, sum.Answered, sum.Completed, ended)
		}
	}
}

// TestListAgrees: the list and the summary tell the same, for a mix of
// connections and attempts, also after TIME-WAIT.
func TestListAgrees(t *testing.T) {
	for _, later := range []time.Duration{0, time.Hour} {
		plain, listing := New(Config{}), New(Config{List: true, Transitions: true})
		for _, tr := range []*Tracker{plain, listing} {
			feed(tr, traffic.NewConnections(5, 300), 40_000)
			feed(tr, traffic.NewFlood(5), 3000)
			tr.Expire(traffic.Start + int64(later))
		}
		var words [words]uint64
		var pairs [states][states]uint64
		var segments uint64
		listing.Each(func(c *Conn) bool {
			words[c.Word]++
			pairs[c.Originator.State][c.Responder.State]++
			segments += c.Originator.Segments + c.Responder.Segments
			return true
		})
		sum, same := plain.Summary(), listing.Summary()
		if words != sum.Words || words != same.Words {
			t.Errorf("listed %v, counted %v and %v", words, sum.Words, same.Words)
		}
		if pairs != sum.States || pairs != same.States {
			t.Errorf("listed %v, counted %v and %v", pairs, sum.States, same.States)
		}
		if segments != sum.Segments || listing.Unlisted() != 0 {
			t.Errorf("%d of %d segments, %d unlisted", segments, sum.Segments, listing.Unlisted())
		}
	}
}

// TestNothingIsAllocated for a packet without a list.
func TestNothingIsAllocated(t *testing.T) {
	tr := New(Config{Memory: 4 << 20})
	source, flood := traffic.NewConnections(2, 1000), traffic.NewFlood(2)
	feed(tr, source, 100_000)
	feed(tr, flood, 200_000) // beyond the table: the sketch is there
	var s packet.Segment
	if n := testing.AllocsPerRun(100, func() {
		for range 1000 {
			source.Next(&s)
			tr.Add(&s)
			flood.Next(&s)
			tr.Add(&s)
		}
	}); n != 0 {
		t.Errorf("%v allocations in 2000 packets", n)
	}
}

// TestFlood: no connection is lost in a flood, memory stays below the cap, and
// the count of the SYNs is right within 1 %.
func TestFlood(t *testing.T) {
	const connections, limit = 10_000, 64 << 20
	syns := 20_000_000
	if testing.Short() {
		syns = 4_000_000
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tr := New(Config{Memory: limit, Seed: 7})
	establish(tr, connections)
	feed(tr, traffic.NewFlood(7), syns)
	sum := tr.Summary()
	runtime.ReadMemStats(&after)
	if got := sum.States[tcp.Established][tcp.Established]; got != connections {
		t.Errorf("%d of %d connections survived", got, connections)
	}
	if used := after.Sys - before.Sys; used > limit+8<<20 {
		t.Errorf("%d MiB taken, %d allowed", used>>20, limit>>20)
	}
	counted := float64(sum.Unanswered + sum.UnansweredBeyond)
	if off := counted/float64(syns) - 1; off < -0.01 || off > 0.01 {
		t.Errorf("%d SYNs counted as %.0f: %.2f %%", syns, counted, 100*off)
	}
	runtime.KeepAlive(tr)
}

// establish opens connections that stay open: a handshake and text from either
// end.
func establish(tr *Tracker, n int) {
	for i := range n {
		tuple := packet.Tuple{
			Source: packet.Address4(0x0a000000 + uint32(i)), Destination: packet.Address4(0xcb007107),
			SourcePort: 5000, DestinationPort: 80,
		}
		for _, segment := range []tcp.Segment{
			{Seq: 100, Flags: tcp.SYN},
			{Seq: 300, Ack: 101, Flags: tcp.SYN | tcp.ACK},
			{Seq: 101, Ack: 301, Flags: tcp.ACK, Data: 9},
			{Seq: 301, Ack: 110, Flags: tcp.ACK, Data: 9},
		} {
			segment.Window = 65535
			s := packet.Segment{Tuple: tuple, TCP: segment, Time: traffic.Start}
			if segment.Seq >= 300 {
				s.Tuple = tuple.Reverse()
			}
			tr.Add(&s)
		}
	}
}
