package packet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// told is what a reader says of a capture in the end.
func told(r *Reader) string {
	return fmt.Sprint(r.Packets(), r.Damage(), r.Skipped(), r.Err(), r.Interfaces())
}

// checkParts fails unless each packet that shows its flow is in the part of the
// flow, every other one in all parts, and each part says the same of the capture.
func checkParts(t *testing.T, capture []byte, of, room int) {
	t.Helper()
	whole, err := NewReader(bytes.NewReader(capture))
	if err != nil {
		return
	}
	want := make([][]string, of)
	line := func(f *Frame) string { return fmt.Sprintf("%+v", *f) }
	parts := make([]Part, of)
	for i := range parts {
		parts[i] = Part{Of: of, Number: i, Key: 7}
	}
	for f := (Frame{}); whole.Next(&f); {
		flow, shown := f.Flow()
		for i := range parts {
			if !shown || parts[i].Has(flow) {
				want[i] = append(want[i], line(&f))
			}
		}
	}
	for i := range parts {
		r, err := NewReader(iotest.HalfReader(bytes.NewReader(capture)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		frames := make([]Frame, room)
		for n, mine := r.NextOf(&parts[i], frames); n > 0; n, mine = r.NextOf(&parts[i], frames) {
			for j := range n {
				if _, shown := frames[j].Flow(); shown != (mine || of == 1 && shown) {
					t.Errorf("part %d of %d: flow shown %v, said %v", i, of, shown, mine)
				}
				got = append(got, line(&frames[j]))
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want[i]) || told(r) != told(whole) {
			t.Errorf("part %d of %d: %d frames and %s, not %d and %s", i, of, len(got), told(r), len(want[i]), told(whole))
		}
	}
}

// mixed is a capture of frames that show their flow, and of some that do not.
func mixed(frames int) []byte {
	random := rand.New(rand.NewPCG(8, 1))
	o := bothOrders[0]
	file := pcapFile(o, magicMicro, 4, LinkEthernet)
	for i := range frames {
		data := string(benchFrame(nil, uint32(random.IntN(500)), i, random))
		switch i % 16 {
		case 3:
			data = string(overEthernet(etherIP6, whole6()))
		case 8:
			data = data[:30]
		}
		file = pcapRecord(o, file, uint32(1_700_000_000+i), uint32(i), len(data)+i%3, data)
	}
	return file
}

// TestNextOf: captures whole, damaged and cut.
func TestNextOf(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	whole := mixed(600)
	for round := range 60 {
		capture := bytes.Clone(whole[:len(whole)-round*7])
		for range round {
			capture[24+random.IntN(len(capture)-24)] = byte(random.Uint32())
		}
		checkParts(t, capture, 1+round%4, 1+random.IntN(100))
	}
}

func FuzzNextOf(f *testing.F) {
	f.Add(mixed(20), uint8(2))
	f.Fuzz(func(t *testing.T, capture []byte, of uint8) { checkParts(t, capture, 1+int(of)%5, 16) })
}

// BenchmarkNextOf is what a packet of another part costs, beside reading one.
func BenchmarkNextOf(b *testing.B) {
	capture := million()
	for name, p := range map[string]Part{"all": {Of: 1}, "half": {Of: 2}} {
		b.Run(name, func(b *testing.B) {
			frames := make([]Frame, mostPicked)
			packets := uint64(0)
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(capture))
				if err != nil {
					b.Fatal(err)
				}
				for n, _ := r.NextOf(&p, frames); n > 0; n, _ = r.NextOf(&p, frames) {
				}
				packets += r.Packets()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
		})
	}
}
