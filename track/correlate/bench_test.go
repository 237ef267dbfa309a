package correlate_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track/correlate"
)

// Packets of a capture, the unit of the benchmarks.
const packets = 1_000_000

// BenchmarkConnections reads and joins two captures of a million packets each, of
// 90,000 connections.
func BenchmarkConnections(b *testing.B) { run(b, traffic.NewConnections(1, 20_000)) }

// BenchmarkBulk is one connection that carries all of them.
func BenchmarkBulk(b *testing.B) { run(b, &bulk{}) }

func run(b *testing.B, source traffic.Source) {
	var captures [correlate.Points][]byte
	pair := split(source)
	for p := range captures {
		captures[p] = pair[p]
	}
	b.ResetTimer()
	for range b.N {
		c := correlate.New(correlate.Config{Memory: 512 << 20})
		for p, file := range captures {
			read(b, c, correlate.Point(p), file)
		}
		r := c.Correlate()
		var all correlate.Tally
		for i := range r.Pairs {
			all.Add(&r.Pairs[i].Tally)
		}
		if told := all.Of(0, correlate.Arrived) + all.Of(1, correlate.Arrived); told < packets*98/100 {
			b.Fatalf("%d of %d segments arrived: %v", told, packets, all)
		}
	}
	b.ReportMetric(float64(2*packets*b.N)/b.Elapsed().Seconds()/1e6, "Mpackets/s")
}

func read(b *testing.B, c *correlate.Correlator, p correlate.Point, file []byte) {
	r, err := packet.NewReader(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	var d packet.Decoder
	var f packet.Frame
	var s packet.Segment
	for r.Next(&f) {
		c.Watch(p, &f)
		if d.Decode(&f, &s) == packet.IsSegment {
			c.Add(p, &s)
		}
	}
}

// split makes both captures of what a source sends: A at the originators, B a router
// and 200 us further on, by a clock that is 3 s ahead.
func split(source traffic.Source) (out [2][]byte) {
	var all []packet.Segment
	for i := range packets {
		var s packet.Segment
		source.Next(&s)
		s.Time, s.ID, s.TTL = int64(traffic.Start)+int64(i)*int64(20*time.Microsecond), uint32(i)&0xffff|1, 64
		all = append(all, s)
	}
	for p := range out {
		shifted := make([]packet.Segment, len(all))
		copy(shifted, all)
		for i := range shifted {
			fromServer := shifted[i].Tuple.SourcePort < shifted[i].Tuple.DestinationPort
			if p == 1 {
				shifted[i].Time += int64(3 * time.Second)
			}
			if (p == 1) != fromServer {
				shifted[i].TTL--
			}
		}
		out[p], _ = traffic.Capture(&replay{list: shifted}, packets)
	}
	return out
}

type replay struct {
	list []packet.Segment
	at   int
}

func (r *replay) Next(s *packet.Segment) {
	*s = r.list[r.at]
	r.at++
}

// bulk is one download.
type bulk struct{ n int }

func (b *bulk) Next(s *packet.Segment) {
	client, server := packet.Address4(0x0a000001), packet.Address4(0xc0000201)
	*s = packet.Segment{IPVersion: 4, Tuple: packet.Tuple{Source: client, Destination: server, SourcePort: 40000, DestinationPort: 80}}
	s.TCP = tcp.Segment{Seq: 101, Ack: tcp.Seq(501 + b.n/3*2000), Flags: tcp.ACK, Window: 60000}
	switch {
	case b.n == 0:
		s.TCP = tcp.Segment{Seq: 100, Flags: tcp.SYN, Window: 60000}
	case b.n == 1:
		s.Tuple = s.Tuple.Reverse()
		s.TCP = tcp.Segment{Seq: 500, Ack: 101, Flags: tcp.SYN | tcp.ACK, Window: 60000}
	case b.n%3 != 0:
		s.Tuple = s.Tuple.Reverse()
		s.TCP = tcp.Segment{Seq: tcp.Seq(501 + b.n/3*2000 + (b.n%3-1)*1000), Ack: 101, Flags: tcp.ACK, Data: 1000}
	}
	b.n++
}
