package packet

import (
	"bytes"
	"io"
	"reflect"
	"testing"
)

// endless repeats the records of a file behind its header.
type endless struct {
	file  []byte
	start int
	at    int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at == len(e.file) {
		e.at = e.start
	}
	n := copy(p, e.file[e.at:])
	e.at += n
	return n, nil
}

// TestReadingAllocatesNothing for a packet, in either format.
func TestReadingAllocatesNothing(t *testing.T) {
	for name, build := range formats {
		file, starts := build(40)
		r, err := NewReader(&endless{file: file, start: starts[0]})
		if err != nil {
			t.Fatal(err)
		}
		var f Frame
		if n := testing.AllocsPerRun(10_000, func() {
			if !r.Next(&f) {
				t.Fatal(r.Err())
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a packet", name, n)
		}
	}
}

// TestDecodingAllocatesNothing, whatever the frame holds.
func TestDecodingAllocatesNothing(t *testing.T) {
	g := newGenerator(4)
	var frames []*Frame
	for range 200 {
		data := g.frame()
		frames = append(frames, frameOf(LinkEthernet, data), frameOf(LinkEthernet, g.mutate(data)))
	}
	frames = append(frames, frameOf(Link80211, overWifi(8, 2, nil, snap(0x800, whole4()))), frameOf(LinkNFLOG, attributes(whole4())))
	var d Decoder
	var s Segment
	if n := testing.AllocsPerRun(100, func() {
		for _, f := range frames {
			d.Decode(f, &s)
		}
	}); n != 0 {
		t.Errorf("%v allocations for %d frames", n, len(frames))
	}
}

// TestWritingAllocatesNothing once the buffer has grown.
func TestWritingAllocatesNothing(t *testing.T) {
	w, err := NewWriter(io.Discard, LinkRaw, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := frameOf(LinkRaw, bytes.Repeat([]byte{1}, 1500))
	if n := testing.AllocsPerRun(1000, func() {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// TestSegmentIsReused: nothing of the segment before shines through.
func TestSegmentIsReused(t *testing.T) {
	var full Segment
	fill(reflect.ValueOf(&full).Elem())
	for _, data := range [][]byte{overEthernet(0x800, whole4()), overEthernet(0x86dd, chain([]part{{60, make([]byte, 7)}}, plainHeader(ends6)))} {
		clean, used := Segment{}, full
		var d Decoder
		if d.Decode(frameOf(LinkEthernet, data), &clean) != IsSegment || d.Decode(frameOf(LinkEthernet, data), &used) != IsSegment || clean != used {
			t.Errorf("%+v\n%+v", clean, used)
		}
	}
}

// fill sets every number in v to one that is not zero.
func fill(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case v.CanUint():
		v.SetUint(0x77)
	case v.CanInt():
		v.SetInt(0x77)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	}
}
