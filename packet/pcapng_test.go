package packet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
)

// ng builds pcapng files, in either byte order, without help of the writer.
type ng struct {
	order
	b []byte
}

func (n *ng) block(kind uint32, body ...[]byte) *ng {
	all := slices.Concat(body...)
	for len(all)%4 != 0 {
		all = append(all, 0)
	}
	size := uint32(12 + len(all))
	n.b = n.AppendUint32(n.AppendUint32(n.b, kind), size)
	n.b = n.AppendUint32(append(n.b, all...), size)
	return n
}

func (n *ng) n16(v uint16) []byte { return n.AppendUint16(nil, v) }
func (n *ng) n32(v uint32) []byte { return n.AppendUint32(nil, v) }
func (n *ng) n64(v uint64) []byte { return n.AppendUint64(nil, v) }

func (n *ng) option(code uint16, value []byte) []byte {
	b := slices.Concat(n.n16(code), n.n16(uint16(len(value))), value)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (n *ng) section() *ng {
	return n.block(blockSection, n.n32(orderMagic), n.n16(1), n.n16(0), n.n64(math.MaxUint64))
}

func (n *ng) describe(link LinkType, snap uint32, options ...[]byte) *ng {
	return n.block(blockInterface, n.n16(uint16(link)), n.n16(0), n.n32(snap), slices.Concat(options...))
}

func (n *ng) enhanced(iface uint32, ticks uint64, length uint32, data string, options ...[]byte) *ng {
	padded := append([]byte(data), make([]byte, -len(data)&3)...)
	return n.block(blockEnhanced, n.n32(iface), n.n32(uint32(ticks>>32)), n.n32(uint32(ticks)),
		n.n32(uint32(len(data))), n.n32(length), padded, slices.Concat(options...))
}

var bothOrders = []order{binary.LittleEndian, binary.BigEndian}

// TestPcapng has every block, in both byte orders.
func TestPcapng(t *testing.T) {
	for _, o := range bothOrders {
		t.Run(fmt.Sprint(o), func(t *testing.T) {
			n := &ng{order: o}
			n.section()
			n.describe(LinkEthernet, 0, n.option(2, []byte("eth0")), n.option(9, []byte{9}), n.n32(0))
			n.describe(LinkRaw, 6, n.option(9, []byte{0x80 | 10}), n.option(14, n.n64(1000)))
			n.enhanced(0, 1_700_000_000*second+1, 900, "odd", n.option(1, []byte("said")), n.option(1, []byte("more")),
				n.option(2, n.n32(2)), n.option(4, n.n64(3)), n.n32(0))
			n.block(blockNames, n.n32(0))
			n.enhanced(1, 5<<10|512, 4, "even")
			n.block(blockCounters, n.n32(0), n.n64(0))
			n.block(blockSecrets, n.n32(0), n.n32(0))
			n.block(blockCustom, n.n32(1), []byte("anything"))
			n.block(0x1234, []byte("unknown"))
			n.block(blockSimple, n.n32(900), []byte("simple as it is."))
			n.block(blockPacket, n.n16(1), n.n16(9), n.n32(0), n.n32(1024), n.n32(3), n.n32(3), []byte("old\x00"), n.option(2, n.n32(1)))
			frames, r := readAll(t, n.b)
			want := []seen{
				{data: "odd", length: 900, time: 1_700_000_000*second + 1, link: LinkEthernet, direction: Outbound, comment: "said", dropped: 3},
				{data: "even", length: 4, time: 1005*second + second/2, link: LinkRaw, iface: 1},
				{data: "simple as it is.", length: 900, link: LinkEthernet},
				{data: "old", length: 3, time: 1001 * second, link: LinkRaw, iface: 1, direction: Inbound, dropped: 9},
			}
			if !slices.Equal(frames, want) || r.Err() != nil || r.Damage() != (Damages{}) || r.Skipped() != 0 {
				t.Errorf("%+v\n%v %v", frames, r.Err(), r.Damage())
			}
			interfaces := []Interface{
				{Name: "eth0", Link: LinkEthernet, Clock: Clock{Units: 1e9}},
				{Link: LinkRaw, SnapLength: 6, Clock: Clock{Units: 1024, Offset: 1000}},
			}
			if !slices.Equal(r.Interfaces(), interfaces) {
				t.Errorf("%+v", r.Interfaces())
			}
		})
	}
}

// TestSimplePacket: the snapshot length says how much of it is there.
func TestSimplePacket(t *testing.T) {
	n := &ng{order: binary.LittleEndian}
	n.section().describe(LinkRaw, 5).block(blockSimple, n.n32(900), []byte("seven+.."))
	n.block(blockSimple, n.n32(3), []byte("tri\x00"))
	frames, _ := readAll(t, n.b)
	if len(frames) != 2 || frames[0].data != "seven" || frames[1].data != "tri" || frames[1].length != 3 {
		t.Errorf("%+v", frames)
	}
}

// TestSections: each has its byte order and its interfaces; like ones are one.
func TestSections(t *testing.T) {
	n := &ng{order: binary.LittleEndian}
	n.section().describe(LinkRaw, 0).enhanced(0, 1, 1, "a")
	n.order = binary.BigEndian
	n.section().describe(LinkEthernet, 0).describe(LinkRaw, 0).enhanced(1, 1, 1, "b").enhanced(0, 1, 1, "c")
	n.section().describe(LinkRaw, 0).enhanced(0, 1, 1, "d").enhanced(1, 1, 1, "nobody's")
	frames, r := readAll(t, n.b)
	var got []string
	for _, f := range frames {
		got = append(got, fmt.Sprintf("%s%d%v", f.data, f.iface, f.link))
	}
	if want := []string{"a0raw", "b2raw", "c1ethernet", "d0raw"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if r.Damage() != (Damages{DamagedInterface: 1}) {
		t.Errorf("%v", r.Damage())
	}
}

// TestClocks convert ticks of all resolutions.
func TestClocks(t *testing.T) {
	for _, c := range []struct {
		resolution byte
		offset     int64
		ticks      uint64
		want       int64
	}{
		{0, 0, 7, 7 * second},
		{3, 0, 7001, 7*second + 1_000_000},
		{6, 0, 1_700_000_000_000_001, 1_700_000_000*second + 1000},
		{6, -5, 7_000_000, 2 * second},
		{9, 0, 7, 7},
		{12, 0, 7_999_999_999_999, 7*second + 999_999_999},
		{19, 0, 10_000_000_000_000_000_001, second},
		{0x80, 0, 9, 9 * second},
		{0x80 | 32, 0, 3<<32 | 1<<31, 3*second + second/2},
		{0x80 | 63, 0, 1<<63 | 1<<62, second + second/2},
		{6, math.MaxInt64, math.MaxUint64, math.MaxInt64},
		{0, 0, math.MaxUint64, math.MaxInt64},
		{9, 0, math.MaxUint64, math.MaxInt64},
		{6, math.MinInt64, 0, math.MinInt64},
	} {
		units, ok := resolution(c.resolution)
		if !ok {
			t.Errorf("%#x is refused", c.resolution)
			continue
		}
		clock := Clock{units, c.offset}
		l := local{Interface: Interface{Clock: clock}, perTick: clock.factor()}
		if got := l.time(c.ticks); got != c.want {
			t.Errorf("%#x %+d: %d ticks are %d, want %d", c.resolution, c.offset, c.ticks, got, c.want)
		}
	}
	for _, refused := range []byte{20, 0x7f, 0x80 | 64, 0xff} {
		if _, ok := resolution(refused); ok {
			t.Errorf("%#x is taken", refused)
		}
	}
}

// TestClocksAgree: the short way gives what the long one does.
func TestClocksAgree(t *testing.T) {
	for _, units := range []uint64{1, 1e3, 1e6, 1e9} {
		clock := Clock{Units: units}
		l := local{Interface: Interface{Clock: clock}, perTick: clock.factor()}
		for ticks := uint64(1); ticks < math.MaxInt64/(second/units); ticks = ticks*3 + 1 {
			if got, want := l.time(ticks), clock.nanoseconds(ticks); got != want {
				t.Errorf("%d a second, %d ticks: %d, want %d", units, ticks, got, want)
			}
		}
	}
}

// TestNGWriter reads back what was written.
func TestNGWriter(t *testing.T) {
	var file bytes.Buffer
	w, err := NewNGWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []Interface{{Name: "lo", Link: LinkRaw}, {Link: LinkEthernet, SnapLength: 96}} {
		if _, err := w.Add(i); err != nil {
			t.Fatal(err)
		}
	}
	want := []seen{
		{data: "abc", length: 900, time: 5_000_000_000*second + 123_456_789, link: LinkEthernet, iface: 1,
			direction: Inbound, comment: "remark", dropped: 1 << 40},
		{data: "defgh", length: 5, link: LinkRaw},
	}
	for _, s := range want {
		f := Frame{Data: []byte(s.data), Length: s.length, Time: s.time, Interface: s.iface, Direction: s.direction, Dropped: s.dropped}
		if s.comment != "" {
			f.Comment = []byte(s.comment)
		}
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	frames, r := readAll(t, file.Bytes())
	if !slices.Equal(frames, want) || r.Damage() != (Damages{}) || r.Err() != nil {
		t.Errorf("%+v %v", frames, r.Damage())
	}
	if i := r.Interfaces(); len(i) != 2 || i[0].Name != "lo" || i[1].SnapLength != 96 || i[1].Clock.Units != 1e9 {
		t.Errorf("%+v", i)
	}
	if err := w.Write(&Frame{Time: -1}); err != ErrTime {
		t.Errorf("%v", err)
	}
}

// TestManyInterfaces: their number is bounded, and what cannot be kept is
// counted.
func TestManyInterfaces(t *testing.T) {
	n := &ng{order: binary.LittleEndian}
	n.section()
	for i := range maxInterfaces + 10 {
		n.describe(LinkRaw, uint32(i))
	}
	n.enhanced(maxInterfaces-1, 1, 1, "a").enhanced(maxInterfaces, 1, 1, "b")
	r, err := NewBytesReader(n.b)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	for r.Next(&f) {
	}
	if r.Packets() != 1 || len(r.Interfaces()) != maxInterfaces || r.Damage() != (Damages{DamagedInterface: 11}) {
		t.Errorf("%d packets, %d interfaces, %v", r.Packets(), len(r.Interfaces()), r.Damage())
	}
}
