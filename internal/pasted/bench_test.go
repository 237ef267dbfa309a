package pasted

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// crowd is as many sockets as the busiest hosts have.
const crowd = 500_000

func crowdOf(p printer) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var block bytes.Buffer
	for range 1000 {
		s := randomSample(random)
		p.keep(s)
		block.WriteString(p.print(s) + "\n")
	}
	return bytes.Repeat(block.Bytes(), crowd/1000)
}

func BenchmarkScan(b *testing.B) {
	for _, p := range printers {
		b.Run(string(p.tool), func(b *testing.B) {
			text := crowdOf(p)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if got, err := Scan(bytes.NewReader(text), func(*Row) error { return nil }); err != nil || got.Rows != crowd {
					b.Fatal(got.Rows, err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	text := crowdOf(printers[0])
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if got, err := Parse(bytes.NewReader(text)); err != nil || len(got.Sockets) != crowd {
			b.Fatal(err)
		}
	}
}
