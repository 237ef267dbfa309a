package traffic

import (
	"testing"

	"github.com/synoptic-net/synoptic/packet"
)

// TestCapture: what is read back is what was made, with valid checksums.
func TestCapture(t *testing.T) {
	sources := map[string]func() Source{
		"four":  func() Source { return NewConnections(1, 30) },
		"six":   func() Source { c := NewConnections(2, 30); c.Six = true; return c },
		"flood": func() Source { return NewFlood(3) },
	}
	for name, source := range sources {
		const packets = 2000
		file, err := Capture(source(), packets)
		if err != nil {
			t.Fatal(err)
		}
		r, err := packet.NewBytesReader(file)
		if err != nil {
			t.Fatal(err)
		}
		want := source()
		var f packet.Frame
		var d packet.Decoder
		var got, made packet.Segment
		for r.Next(&f) {
			if reason := d.Decode(&f, &got); reason != packet.IsSegment || got.Checksum != packet.ChecksumValid {
				t.Fatalf("%s: packet %d: %v, checksum %v", name, f.Number, reason, got.Checksum)
			}
			want.Next(&made)
			if got.TCP != made.TCP || got.Tuple != made.Tuple || got.Time != made.Time || got.Number != made.Number {
				t.Fatalf("%s: read %v %v, made %v %v", name, got.Tuple, got.TCP, made.Tuple, made.TCP)
			}
		}
		if r.Err() != nil || r.Packets() != packets {
			t.Errorf("%s: %d packets, %v", name, r.Packets(), r.Err())
		}
	}
}

// TestConnections: the share of resets, and the number that were begun.
func TestConnections(t *testing.T) {
	c := NewConnections(4, 100)
	var s packet.Segment
	for range 110_000 {
		c.Next(&s)
	}
	if c.Began < 10_000 || c.Began > 10_600 {
		t.Errorf("%d connections in 110000 segments", c.Began)
	}
	if share := float64(c.Reset) / float64(c.Began); share < 0.02 || share > 0.04 {
		t.Errorf("%.1f %% were reset", 100*share)
	}
}
