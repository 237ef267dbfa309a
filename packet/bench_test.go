package packet

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// The benchmark's capture: a million packets of connections of eleven packets
// each, as many sites see them: small ones, with timestamps, a few with text.
const (
	benchPackets     = 1_000_000
	benchConnections = benchPackets / 11
)

var million = sync.OnceValue(func() []byte {
	random := rand.New(rand.NewPCG(8, 1))
	var file bytes.Buffer
	w, err := NewWriter(&file, LinkEthernet, 65535)
	if err != nil {
		panic(err)
	}
	f := Frame{Time: 1_700_000_000 * second}
	for i := range benchPackets {
		connection := uint32(random.IntN(benchConnections))
		f.Data = benchFrame(f.Data[:0], connection, i, random)
		f.Time += 700
		if err := w.Write(&f); err != nil {
			panic(err)
		}
	}
	return file.Bytes()
})

func benchFrame(b []byte, connection uint32, i int, random *rand.Rand) []byte {
	text := 0
	if i%4 == 3 {
		text = random.IntN(200)
	}
	b = append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(20+32+text))
	b = append(b, byte(i>>8), byte(i), 0x40, 0, 64, 6, 0, 0)
	b = binary.BigEndian.AppendUint32(b, 0x0a000000+connection)
	b = binary.BigEndian.AppendUint32(b, 0xc0a80001)
	ip := b[14:]
	binary.BigEndian.PutUint16(ip[10:], ^wireSum(ip))
	b = append(b, byte(connection>>8), byte(connection), 0x01, 0xbb)
	b = binary.BigEndian.AppendUint32(b, random.Uint32())
	b = binary.BigEndian.AppendUint32(b, random.Uint32())
	b = append(b, 0x80, 0x18, 0xff, 0xff, 0, 0, 0, 0, 1, 1, 8, 10)
	b = binary.BigEndian.AppendUint64(b, random.Uint64())
	b = append(b, make([]byte, text)...)
	seal(b[34:], Tuple{Source: Address4(0x0a000000 + connection), Destination: Address4(0xc0a80001)})
	return b
}

// seal fills in the checksum of a segment.
func seal(segment []byte, t Tuple) {
	binary.BigEndian.PutUint16(segment[16:], 0)
	pseudo := addressSum(&t) + protoTCP + uint64(len(segment))
	binary.BigEndian.PutUint16(segment[16:], ^fold(uint64(wireSum(segment))+pseudo))
}

func runStream(b *testing.B, skip bool) {
	r, err := NewReader(bytes.NewReader(million()))
	if err != nil {
		b.Fatal(err)
	}
	runOurs(b, r, skip)
}

func runMapped(b *testing.B, skip bool) {
	r, err := NewBytesReader(million())
	if err != nil {
		b.Fatal(err)
	}
	runOurs(b, r, skip)
}

func runOurs(b *testing.B, r *Reader, skip bool) {
	var f Frame
	var s Segment
	d := Decoder{SkipChecksums: skip}
	var seen uint64
	for r.Next(&f) {
		if d.Decode(&f, &s) == IsSegment {
			seen += uint64(s.TCP.Data)
		}
	}
	if d.Counts[IsSegment] != benchPackets || r.Err() != nil {
		b.Fatal(d.Counts, r.Err())
	}
	sink += seen
}

var sink uint64

// runParser is gopacket's parser for layers known beforehand; without a copy of
// each packet it is the fastest loop that gopacket offers.
func runParser(b *testing.B, read func(*pcapgo.Reader) ([]byte, gopacket.CaptureInfo, error)) {
	r, err := pcapgo.NewReader(bytes.NewReader(million()))
	if err != nil {
		b.Fatal(err)
	}
	var ethernet layers.Ethernet
	var ip layers.IPv4
	var segment layers.TCP
	var text gopacket.Payload
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &segment, &text)
	parser.IgnoreUnsupported = true // the text is of no interest
	decoded := make([]gopacket.LayerType, 0, 8)
	n := 0
	for {
		data, _, err := read(r)
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		if err := parser.DecodeLayers(data, &decoded); err != nil {
			b.Fatal(err)
		}
		n++
		sink += uint64(len(segment.Payload))
	}
	if n != benchPackets {
		b.Fatal(n)
	}
}

// runSource is the loop of gopacket's documentation.
func runSource(b *testing.B) {
	r, err := pcapgo.NewReader(bytes.NewReader(million()))
	if err != nil {
		b.Fatal(err)
	}
	source := gopacket.NewPacketSource(r, r.LinkType())
	source.DecodeOptions = gopacket.DecodeOptions{Lazy: true, NoCopy: true}
	n := 0
	for {
		p, err := source.NextPacket()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		if l, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP); ok {
			sink += uint64(len(l.Payload))
			n++
		}
	}
	if n != benchPackets {
		b.Fatal(n)
	}
}

// BenchmarkAgainstGopacket reads and decodes the same million packets in turns,
// and gives ratios of the best times.
func BenchmarkAgainstGopacket(b *testing.B) {
	million()
	best := map[string]time.Duration{}
	measure := func(name string, run func()) {
		start := time.Now()
		run()
		if took := time.Since(start); best[name] == 0 || took < best[name] {
			best[name] = took
		}
	}
	for b.Loop() {
		measure("stream", func() { runStream(b, true) })
		measure("checked", func() { runStream(b, false) })
		measure("mapped", func() { runMapped(b, true) })
		measure("zero-copy", func() { runParser(b, (*pcapgo.Reader).ZeroCopyReadPacketData) })
		measure("copy", func() { runParser(b, (*pcapgo.Reader).ReadPacketData) })
		measure("source", func() { runSource(b) })
	}
	b.ReportMetric(0, "ns/op")
	for _, ours := range []string{"stream", "checked", "mapped"} {
		b.ReportMetric(benchPackets/best[ours].Seconds()/1e6, ours+"-Mpkt/s")
		for _, theirs := range []string{"zero-copy", "copy", "source"} {
			b.ReportMetric(best[theirs].Seconds()/best[ours].Seconds(), ours+"/"+theirs)
		}
	}
}

// BenchmarkDecode decodes one segment over and over.
func BenchmarkDecode(b *testing.B) {
	random := rand.New(rand.NewPCG(8, 2))
	f := Frame{Data: benchFrame(nil, 7, 0, random), Link: LinkEthernet}
	f.Length = len(f.Data)
	for name, skip := range map[string]bool{"checked": false, "unchecked": true} {
		b.Run(name, func(b *testing.B) {
			d := Decoder{SkipChecksums: skip}
			var s Segment
			for b.Loop() {
				d.Decode(&f, &s)
			}
		})
	}
}
