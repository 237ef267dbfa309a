package track

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
)

// The captures of the benchmarks: five million packets of connections of which
// 200,000 are live at any time, and five million SYNs from random sources.
const (
	benchPackets = 5_000_000
	benchLive    = 200_000
)

var (
	connections = sync.OnceValue(func() []byte { return captured(traffic.NewConnections(8, benchLive)) })
	flood       = sync.OnceValue(func() []byte { return captured(traffic.NewFlood(8)) })
)

func captured(source traffic.Source) []byte {
	file, err := traffic.Capture(source, benchPackets)
	if err != nil {
		panic(err)
	}
	return file
}

func runOurs(b *testing.B, capture []byte) {
	r, err := packet.NewReader(bytes.NewReader(capture))
	if err != nil {
		b.Fatal(err)
	}
	tr := New(Config{Seed: 1})
	d := packet.Decoder{SkipChecksums: true}
	var f packet.Frame
	var s packet.Segment
	for r.Next(&f) {
		if d.Decode(&f, &s) == packet.IsSegment {
			tr.Add(&s)
		}
	}
	if sum := tr.Summary(); sum.Segments != benchPackets {
		b.Fatal(sum.Segments)
	}
}

// theirs is what a loop around gopacket's fastest parser keeps of a connection
// at least: what the simplest state machine needs.
type theirs struct {
	packets, octets uint64
	state           uint8
}

func runGopacket(b *testing.B, capture []byte) {
	r, err := pcapgo.NewReader(bytes.NewReader(capture))
	if err != nil {
		b.Fatal(err)
	}
	var ethernet layers.Ethernet
	var ip layers.IPv4
	var segment layers.TCP
	var text gopacket.Payload
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &segment, &text)
	parser.IgnoreUnsupported = true
	decoded := make([]gopacket.LayerType, 0, 8)
	flows := map[[2]gopacket.Flow]*theirs{}
	for n := 0; ; n++ {
		data, _, err := r.ZeroCopyReadPacketData()
		if err == io.EOF {
			return
		}
		if err == nil {
			err = parser.DecodeLayers(data, &decoded)
		}
		if err != nil {
			b.Fatal(err)
		}
		key := [2]gopacket.Flow{ip.NetworkFlow(), segment.TransportFlow()}
		flow := flows[key]
		if flow == nil {
			if flow = flows[[2]gopacket.Flow{key[0].Reverse(), key[1].Reverse()}]; flow == nil {
				flow = &theirs{}
				flows[key] = flow
			}
		}
		flow.packets++
		flow.octets += uint64(len(segment.Payload))
		if segment.FIN || segment.RST {
			flow.state++
		}
	}
}

// BenchmarkReading reads and tracks both captures from memory, decoding
// included, in turns with a loop around gopacket and a map of pointers.
func BenchmarkReading(b *testing.B) {
	for name, capture := range map[string]func() []byte{"connections": connections, "flood": flood} {
		b.Run(name, func(b *testing.B) {
			file := capture()
			var ours, gopackets time.Duration
			for b.Loop() {
				ours = faster(ours, func() { runOurs(b, file) })
				gopackets = faster(gopackets, func() { runGopacket(b, file) })
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(benchPackets/ours.Seconds()/1e6, "Mpkt/s")
			b.ReportMetric(gopackets.Seconds()/ours.Seconds(), "times-gopacket")
		})
	}
}

func faster(best time.Duration, run func()) time.Duration {
	start := time.Now()
	run()
	if took := time.Since(start); best == 0 || took < best {
		return took
	}
	return best
}

// BenchmarkFlood is the flood of 100 million SYNs with 10,000 connections open.
func BenchmarkFlood(b *testing.B) {
	const syns = 100_000_000
	for b.Loop() {
		tr := New(Config{Memory: 64 << 20})
		establish(tr, 10_000)
		start := time.Now()
		feed(tr, traffic.NewFlood(1), syns)
		b.ReportMetric(syns/time.Since(start).Seconds()/1e6, "Mpkt/s")
		if got := tr.Summary(); got.Words[S1] != 10_000 {
			b.Fatal(got.Words)
		}
	}
}

// BenchmarkParallel reads both captures with one Tracker and with one for each
// of two processors, in turns: wall time, decoding and checksums included.
func BenchmarkParallel(b *testing.B) {
	for name, capture := range map[string]func() []byte{"connections": connections, "flood": flood} {
		b.Run(name, func(b *testing.B) {
			file := capture()
			var one, two time.Duration
			for b.Loop() {
				one = faster(one, func() { runParallel(b, file, 1) })
				two = faster(two, func() { runParallel(b, file, 2) })
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(benchPackets/two.Seconds()/1e6, "Mpkt/s")
			b.ReportMetric(one.Seconds()/two.Seconds(), "times-one")
		})
	}
}

func runParallel(b *testing.B, capture []byte, shares int) {
	p := NewParallel(Config{Seed: 1}, shares)
	share(b, p, capture)
	if sum := p.Summary(); sum.Segments != benchPackets {
		b.Fatal(sum.Segments)
	}
}

// share gives every share the whole capture.
func share(t testing.TB, p *Parallel, capture []byte) {
	t.Helper()
	var work sync.WaitGroup
	for _, s := range p.Shares() {
		work.Go(func() {
			r, err := packet.NewReader(bytes.NewReader(capture))
			if err != nil {
				t.Error(err)
				return
			}
			for s.Next(r) {
			}
		})
	}
	work.Wait()
}
