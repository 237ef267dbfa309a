package packet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// seen is what tests keep of a frame.
type seen struct {
	data      string
	length    int
	time      int64
	link      LinkType
	iface     uint32
	direction Direction
	comment   string
	dropped   uint64
}

func keep(f *Frame) seen {
	return seen{string(f.Data), f.Length, f.Time, f.Link, f.Interface, f.Direction, string(f.Comment), f.Dropped}
}

// readAll reads a capture in three ways, which must agree: at once, octet by
// octet, and in memory.
func readAll(t testing.TB, file []byte) ([]seen, *Reader) {
	t.Helper()
	frames, r := drain(t, bytes.NewReader(file), nil)
	slow, rs := drain(t, iotest.OneByteReader(bytes.NewReader(file)), nil)
	mapped, rm := drain(t, nil, file)
	for _, other := range []*Reader{rs, rm} {
		if r.Damage() != other.Damage() || r.Skipped() != other.Skipped() || fmt.Sprint(r.Err()) != fmt.Sprint(other.Err()) {
			t.Fatalf("damage %v %v, skipped %v %v, errors %v %v", r.Damage(), other.Damage(), r.Skipped(), other.Skipped(), r.Err(), other.Err())
		}
	}
	if !slices.Equal(frames, slow) || !slices.Equal(frames, mapped) {
		t.Fatalf("frames differ:\n%v\n%v\n%v", frames, slow, mapped)
	}
	return frames, r
}

func drain(t testing.TB, from io.Reader, capture []byte) (frames []seen, r *Reader) {
	t.Helper()
	var err error
	if capture == nil {
		r, err = NewReader(from)
	} else {
		r, err = NewBytesReader(capture)
	}
	if err != nil {
		t.Fatal(err)
	}
	for f := new(Frame); r.Next(f); {
		frames = append(frames, keep(f))
		if f.Number != uint64(len(frames)) {
			t.Fatalf("frame %d has number %d", len(frames), f.Number)
		}
	}
	if r.Packets() != uint64(len(frames)) {
		t.Fatalf("%d packets counted, %d read", r.Packets(), len(frames))
	}
	return frames, r
}

// order appends numbers in either byte order.
type order interface {
	binary.AppendByteOrder
	binary.ByteOrder
}

func pcapFile(o order, magic uint32, minor uint16, link LinkType) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...)
	b = o.AppendUint32(b, 65535)
	return o.AppendUint32(b, uint32(link))
}

func pcapRecord(o order, b []byte, seconds, fraction uint32, length int, data string) []byte {
	b = o.AppendUint32(b, seconds)
	b = o.AppendUint32(b, fraction)
	b = o.AppendUint32(b, uint32(len(data)))
	b = o.AppendUint32(b, uint32(length))
	return append(b, data...)
}

// TestPcap has every kind of file header.
func TestPcap(t *testing.T) {
	for _, o := range []order{binary.LittleEndian, binary.BigEndian} {
		for magic, tick := range map[uint32]int64{magicMicro: 1000, magicNano: 1} {
			t.Run(fmt.Sprintf("%v %x", o, magic), func(t *testing.T) {
				file := pcapFile(o, magic, 4, LinkEthernet)
				file = pcapRecord(o, file, 1_700_000_000, 123_456, 5, "first")
				file = pcapRecord(o, file, 1_700_000_001, 0, 900, "cut by snaplen")
				frames, r := readAll(t, file)
				want := []seen{
					{data: "first", length: 5, time: 1_700_000_000*second + 123_456*tick, link: LinkEthernet},
					{data: "cut by snaplen", length: 900, time: 1_700_000_001 * second, link: LinkEthernet},
				}
				if !slices.Equal(frames, want) || r.Err() != nil || r.Damage() != (Damages{}) {
					t.Errorf("%v, %v, %v", frames, r.Err(), r.Damage())
				}
				if i := r.Interfaces(); len(i) != 1 || i[0].Link != LinkEthernet || i[0].SnapLength != 65535 || int64(i[0].Clock.Units)*tick != second {
					t.Errorf("%+v", i)
				}
			})
		}
	}
}

// TestOldPcap: before version 2.3 the lengths stood the other way round; in 2.3
// some writers still had them so.
func TestOldPcap(t *testing.T) {
	o := binary.LittleEndian
	for minor, swapped := range map[uint16]bool{2: true, 3: true, 4: false} {
		file := pcapFile(o, magicMicro, minor, LinkRaw)
		b := o.AppendUint64(nil, 7)
		if swapped {
			b = o.AppendUint32(o.AppendUint32(b, 100), 4)
		} else {
			b = o.AppendUint32(o.AppendUint32(b, 4), 100)
		}
		frames, r := readAll(t, append(append(file, b...), "data"...))
		if len(frames) != 1 || frames[0].data != "data" || frames[0].length != 100 || r.Damage() != (Damages{}) {
			t.Errorf("2.%d: %v %v", minor, frames, r.Damage())
		}
	}
}

// TestModifiedPcap has interface, protocol and packet type behind the lengths.
func TestModifiedPcap(t *testing.T) {
	o := binary.BigEndian
	file := pcapRecord(o, pcapFile(o, magicModified, 4, LinkEthernet), 5, 6, 4, "")
	o.PutUint32(file[len(file)-8:], 4)
	file = append(file, 0, 0, 0, 2, 8, 0, 4, 0)
	frames, _ := readAll(t, append(file, "data"...))
	if len(frames) != 1 || frames[0].data != "data" || frames[0].direction != Outbound || frames[0].time != 5*second+6000 {
		t.Errorf("%+v", frames)
	}
}

// TestFilesBehindOneAnother, as cat makes them, of different kinds.
func TestFilesBehindOneAnother(t *testing.T) {
	file := pcapRecord(binary.LittleEndian, pcapFile(binary.LittleEndian, magicMicro, 4, LinkEthernet), 5, 6, 4, "left")
	file = append(file, pcapRecord(binary.BigEndian, pcapFile(binary.BigEndian, magicNano, 4, LinkRaw), 5, 6, 4, "big!")...)
	file = append(file, pcapFile(binary.LittleEndian, magicMicro, 4, LinkNull)...)
	frames, r := readAll(t, file)
	want := []seen{
		{data: "left", length: 4, time: 5*second + 6000, link: LinkEthernet},
		{data: "big!", length: 4, time: 5*second + 6, link: LinkRaw, iface: 1},
	}
	if !slices.Equal(frames, want) || r.Err() != nil || r.Damage() != (Damages{}) {
		t.Errorf("%+v %v %v", frames, r.Err(), r.Damage())
	}
}

// TestNoCapture says what the input looks like.
func TestNoCapture(t *testing.T) {
	for begin, looks := range map[string]string{
		"\x1f\x8b\x08\x00": "gzip", "\x28\xb5\x2f\xfd": "zstd", "\xfd7zXZ": "xz", "hello": "", "ab": "",
		"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x00\x00\x00\x00": "",
	} {
		_, err := NewReader(bytes.NewReader([]byte(begin)))
		var format *FormatError
		if !errors.As(err, &format) || format.Looks != looks || format.Error() == "" {
			t.Errorf("%q: %v", begin, err)
		}
	}
	if _, err := NewReader(bytes.NewReader(nil)); err != io.EOF {
		t.Errorf("empty: %v", err)
	}
	broken := errors.New("broken disk")
	if _, err := NewReader(iotest.ErrReader(broken)); err != broken {
		t.Errorf("broken: %v", err)
	}
	if _, err := NewReader(bytes.NewReader(pcapFile(binary.LittleEndian, magicMicro, 4, 1)[:20])); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half a header: %v", err)
	}
}

// TestBrokenSource: what was read before counts, and the error is passed on.
func TestBrokenSource(t *testing.T) {
	broken := errors.New("broken disk")
	o := binary.LittleEndian
	file := pcapRecord(o, pcapFile(o, magicMicro, 4, LinkRaw), 1, 2, 4, "data")
	file = pcapRecord(o, file, 1, 2, 4, "more")
	r, err := NewReader(io.MultiReader(bytes.NewReader(file[:len(file)-2]), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if !r.Next(&f) || r.Next(&f) || r.Next(&f) || r.Err() != broken || r.Packets() != 1 {
		t.Errorf("%v after %d", r.Err(), r.Packets())
	}
	if r.Damage() != (Damages{}) {
		t.Errorf("a broken source is no damage: %v", r.Damage())
	}
}

// silent never has anything to say.
type silent struct{ io.Reader }

func (s silent) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF {
		return n, nil
	}
	return n, err
}

// TestSilentSource: a reader that returns nothing forever is given up.
func TestSilentSource(t *testing.T) {
	o := binary.LittleEndian
	r, err := NewReader(silent{bytes.NewReader(pcapFile(o, magicMicro, 4, LinkRaw))})
	if err != nil {
		t.Fatal(err)
	}
	if r.Next(new(Frame)) || r.Err() != io.ErrNoProgress {
		t.Errorf("%v", r.Err())
	}
}

// TestWriter reads back what was written.
func TestWriter(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file, LinkRaw, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []Frame{{Data: []byte("abc"), Length: 900, Time: 4_000_000_000*second + 123_456_789}, {Data: []byte("defg")}} {
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	frames, r := readAll(t, file.Bytes())
	want := []seen{{data: "abc", length: 900, time: 4_000_000_000*second + 123_456_789, link: LinkRaw}, {data: "defg", length: 4, link: LinkRaw}}
	if !slices.Equal(frames, want) || r.Interfaces()[0].SnapLength != 100 || r.Damage() != (Damages{}) {
		t.Errorf("%v", frames)
	}
	for _, time := range []int64{-1, 1 << 32 * second} {
		if err := w.Write(&Frame{Time: time}); err != ErrTime {
			t.Errorf("%d: %v", time, err)
		}
	}
}

// TestReservedBits: above the link type stand the size of the FCS and others.
func TestReservedBits(t *testing.T) {
	o := binary.LittleEndian
	file := pcapRecord(o, pcapFile(o, magicMicro, 4, LinkEthernet), 1, 2, 4, "data")
	file[23] = 0x44
	if frames, _ := readAll(t, file); len(frames) != 1 || frames[0].link != LinkEthernet {
		t.Errorf("%+v", frames)
	}
}

// TestLargeRecords do not fit the first buffer.
func TestLargeRecords(t *testing.T) {
	o := binary.LittleEndian
	large := strings.Repeat("0123456789", 60_000)
	file := pcapFile(o, magicMicro, 4, LinkRaw)
	o.PutUint32(file[16:], 1<<20)
	n := &ng{order: o}
	n.section().describe(LinkRaw, 0)
	for range 5 {
		file = pcapRecord(o, file, 1, 2, len(large), large)
		n.enhanced(0, 1, uint32(len(large)), large)
	}
	for _, file := range [][]byte{file, n.b} {
		frames, r := readAll(t, file)
		if len(frames) != 5 || frames[4].data != large || r.Err() != nil || r.Damage() != (Damages{}) {
			t.Errorf("%d frames, %v, %v", len(frames), r.Err(), r.Damage())
		}
	}
}

// TestBoundedBuffer: a record that claims more than is believed is not waited
// for.
func TestBoundedBuffer(t *testing.T) {
	o := binary.LittleEndian
	file := pcapFile(o, magicMicro, 4, LinkRaw)
	o.PutUint32(file[16:], 1<<31)
	file = pcapRecord(o, file, 1, 2, 4, "data")
	o.PutUint32(file[len(file)-12:], 1<<30)
	r, err := NewReader(io.MultiReader(bytes.NewReader(file), io.LimitReader(zeros{}, 64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	if r.Next(new(Frame)) || len(r.w.buf) > 3*maxRecord || r.Damage() != (Damages{DamagedRecord: 1}) {
		t.Errorf("buffer of %d octets, %v", len(r.w.buf), r.Damage())
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
