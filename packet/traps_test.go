package packet

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// TestPaddingIsNoText: a frame is padded to 60 octets, and may have a trailer.
func TestPaddingIsNoText(t *testing.T) {
	bare := over4(6, ends4.Source, ends4.Destination, header(ends4, nil, nil))
	for _, padding := range []int{6, 10, 300} {
		s := mustDecode(t, frameOf(LinkEthernet, append(overEthernet(0x800, bare), make([]byte, padding)...)))
		if s.TCP.Data != 0 || s.TextSize != 0 || s.Checksum != ChecksumValid || s.Marks != 0 {
			t.Errorf("%d octets of padding: data %d, %v, %v", padding, s.TCP.Data, s.Checksum, s.Marks)
		}
	}
}

// TestPaddingCut: the padding alone was cut off, the segment is whole.
func TestPaddingCut(t *testing.T) {
	f := frameOf(LinkEthernet, overEthernet(0x800, whole4()))
	f.Length += 40
	checkSegment(t, mustDecode(t, f), ends4)
}

// TestTotalLengthZero: segmentation offload leaves zero; the frame's length says
// how much there is, captured or not.
func TestTotalLengthZero(t *testing.T) {
	packet := over4(6, ends4.Source, ends4.Destination, header(ends4, nil, make([]byte, 3000)))
	packet[2], packet[3] = 0, 0
	f := frameOf(LinkEthernet, overEthernet(0x800, packet))
	s := mustDecode(t, f)
	if s.TCP.Data != 3000 || !s.Marks.Has(LengthFromFrame) || s.Marks.Has(Truncated) {
		t.Errorf("data %d, marks %v", s.TCP.Data, s.Marks)
	}
	f.Data, f.Length = f.Data[:96], 150_054
	s = mustDecode(t, f)
	if s.TCP.Data != 150_000 || s.Marks&^IPChecksumBad != LengthFromFrame|Truncated || s.TextSize != 42 {
		t.Errorf("BIG TCP over IPv4: data %d, marks %v, text %d", s.TCP.Data, s.Marks, s.TextSize)
	}
}

// TestPayloadLengthZero: BIG TCP over IPv6, with the jumbo option and without.
func TestPayloadLengthZero(t *testing.T) {
	const text = 100_000
	segment := header(ends6, nil, make([]byte, text))
	jumbo := join([]byte{6, 0, 0xc2, 4}, u32(8+20+text), segment)
	packet := over6(0, ends6.Source, ends6.Destination, jumbo)
	packet[4], packet[5] = 0, 0
	f := frameOf(LinkRaw, append(packet, 1, 2, 3)) // trailer
	s := mustDecode(t, f)
	if s.TCP.Data != text || s.Marks != Jumbo || s.Checksum != ChecksumValid {
		t.Errorf("jumbogram: data %d, marks %v, checksum %v", s.TCP.Data, s.Marks, s.Checksum)
	}
	everyFewCuts(t, f)

	packet = over6(6, ends6.Source, ends6.Destination, segment)
	packet[4], packet[5] = 0, 0
	s = mustDecode(t, frameOf(LinkRaw, packet))
	if s.TCP.Data != text || s.Marks != LengthFromFrame || s.Checksum != ChecksumValid {
		t.Errorf("without the option: data %d, marks %v, checksum %v", s.TCP.Data, s.Marks, s.Checksum)
	}
}

func everyFewCuts(t *testing.T, whole *Frame) {
	for n := 0; n < 200; n++ {
		f := *whole
		f.Data = f.Data[:n]
		if s, reason := decode(&f); reason == IsSegment && s.TCP.Data != 100_000 || reason != IsSegment && reason != CutShort {
			t.Errorf("first %d octets: %v, data %d", n, reason, s.TCP.Data)
		}
	}
}

// TestSnapShorterThanOptions: what options were cut off is not known, those
// before are.
func TestSnapShorterThanOptions(t *testing.T) {
	options := []byte{2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}
	packet := over4(6, ends4.Source, ends4.Destination, header(ends4, options, text))
	for _, c := range []struct {
		captured int
		want     OptionSet
		marks    Marks
	}{
		{40, 0, Truncated | OptionsTruncated},
		{41, 0, Truncated | OptionsTruncated},
		{43, 0, Truncated | OptionsTruncated},
		{44, OptionMSS, Truncated | OptionsTruncated},
		{46, OptionMSS | OptionSACKPermitted, Truncated | OptionsTruncated},
		{55, OptionMSS | OptionSACKPermitted, Truncated | OptionsTruncated},
		{56, OptionMSS | OptionSACKPermitted | OptionTimestamps, Truncated | OptionsTruncated},
		{60, OptionMSS | OptionSACKPermitted | OptionTimestamps | OptionWindowScale, Truncated},
		{65, OptionMSS | OptionSACKPermitted | OptionTimestamps | OptionWindowScale, 0},
	} {
		f := frameOf(LinkRaw, packet[:c.captured])
		f.Length = len(packet)
		s := mustDecode(t, f)
		if s.Options.Set != c.want || s.Marks != c.marks || s.TCP.Data != 5 {
			t.Errorf("%d octets: options %b, marks %v, data %d", c.captured, s.Options.Set, s.Marks, s.TCP.Data)
		}
	}
}

// TestHeaderCut: without the whole fixed header there is no segment.
func TestHeaderCut(t *testing.T) {
	packet := whole4()
	f := frameOf(LinkRaw, packet[:39])
	f.Length = len(packet)
	if _, reason := decode(f); reason != CutShort {
		t.Errorf("%v", reason)
	}
}

// TestWindowScaleAbove14 keeps what was sent and says what it means.
func TestWindowScaleAbove14(t *testing.T) {
	for sent, means := range map[byte]uint8{0: 0, 14: 14, 15: 14, 255: 14} {
		s := mustDecode(t, frameOf(LinkRaw, over4(6, ends4.Source, ends4.Destination, header(ends4, []byte{3, 3, sent, 0}, nil))))
		if s.Options.Scale != sent || s.Options.Shift() != means {
			t.Errorf("%d: scale %d, shift %d", sent, s.Options.Scale, s.Options.Shift())
		}
	}
}

// TestWindowIsNotScaled: nobody knows the scale here.
func TestWindowIsNotScaled(t *testing.T) {
	s := mustDecode(t, frameOf(LinkRaw, over4(6, ends4.Source, ends4.Destination, header(ends4, []byte{3, 3, 7, 0}, nil))))
	if s.TCP.Window != 512 {
		t.Errorf("window %d", s.TCP.Window)
	}
}

// TestEqualEnds: a segment from an end to itself.
func TestEqualEnds(t *testing.T) {
	self := Tuple{ends4.Source, ends4.Source, 9, 9}
	s := mustDecode(t, frameOf(LinkRaw, over4(6, self.Source, self.Destination, plainHeader(self))))
	checkSegment(t, s, self)
	if !s.Tuple.EqualEnds() || s.Tuple.Reverse() != s.Tuple || ends4.EqualEnds() {
		t.Errorf("%v", s.Tuple)
	}
}

// TestOddFlags: FIN with RST, RST with text, all bits, none: the flags are told
// as they are.
func TestOddFlags(t *testing.T) {
	for _, flags := range []tcp.Flags{0, 255, tcp.FIN | tcp.RST, tcp.RST, tcp.SYN | tcp.FIN, tcp.SYN | tcp.ECE | tcp.CWR} {
		segment := plainHeader(ends4)
		segment[13] = byte(flags)
		s := mustDecode(t, frameOf(LinkRaw, over4(6, ends4.Source, ends4.Destination, segment)))
		if s.TCP.Flags != flags || s.TCP.Data != 5 {
			t.Errorf("%v: %v, data %d", flags, s.TCP.Flags, s.TCP.Data)
		}
	}
}

// TestFragments: the first counts if it holds the header, others do not.
func TestFragments(t *testing.T) {
	segment := header(ends4, nil, make([]byte, 100))
	first := over4With(nil, 0x2000, 6, ends4.Source, ends4.Destination, segment[:64])
	s := mustDecode(t, frameOf(LinkRaw, first))
	if s.TCP.Data != 44 || s.Marks != Fragmented || s.Checksum != ChecksumUnknown || s.ID != 0x4242 {
		t.Errorf("first: data %d, marks %v, %v, %#x", s.TCP.Data, s.Marks, s.Checksum, s.ID)
	}
	for _, c := range []struct {
		what  string
		field int
		data  []byte
		want  Reason
	}{
		{"second", 0x2008, segment[64:], LaterFragment},
		{"last", 8, segment[64:], LaterFragment},
		{"first without the whole header", 0x2000, segment[:16], TinyFragment},
		{"first of eight octets", 0x2000, segment[:8], TinyFragment},
	} {
		if _, got := decode(frameOf(LinkRaw, over4With(nil, c.field, 6, ends4.Source, ends4.Destination, c.data))); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	optioned := header(ends4, make([]byte, 20), text)
	if _, got := decode(frameOf(LinkRaw, over4With(nil, 0x2000, 6, ends4.Source, ends4.Destination, optioned[:24]))); got != TinyFragment {
		t.Errorf("first that ends in the options: %v", got)
	}
}

// TestDontFragmentIsNoFragment, nor is the reserved bit.
func TestDontFragmentIsNoFragment(t *testing.T) {
	for _, field := range []int{0x4000, 0x8000, 0xc000} {
		checkSegment(t, mustDecode(t, frameOf(LinkRaw, over4With(nil, field, 6, ends4.Source, ends4.Destination, plainHeader(ends4)))), ends4)
	}
}

// TestOptionsOfIP4 stand between the headers.
func TestOptionsOfIP4(t *testing.T) {
	packet := over4With([]byte{1, 7, 7, 4, 0, 0, 0, 0}, 0, 6, ends4.Source, ends4.Destination, plainHeader(ends4))
	s := mustDecode(t, frameOf(LinkRaw, packet))
	checkSegment(t, s, ends4)
	if s.Marks != 0 {
		t.Errorf("marks %v", s.Marks)
	}
}

// TestSourceRoute: the header's destination is the next router only.
func TestSourceRoute(t *testing.T) {
	via := address("10.9.9.9")
	for pointer, routed := range map[byte]bool{4: true, 8: false} {
		route := join([]byte{1, 131, 7, pointer}, u32(int(ends4.Destination.V4())))
		to := ends4.Destination
		if routed {
			to = via
		}
		s := mustDecode(t, frameOf(LinkRaw, over4With(route, 0, 6, ends4.Source, to, plainHeader(ends4))))
		checkSegment(t, s, ends4)
		if s.Marks.Has(SourceRouted) != routed {
			t.Errorf("pointer %d: marks %v", pointer, s.Marks)
		}
	}
}

// TestHeaderSumOfIP4 is the receiver's first check.
func TestHeaderSumOfIP4(t *testing.T) {
	packet := whole4()
	packet[8]--
	if s := mustDecode(t, frameOf(LinkRaw, packet)); s.Marks != IPChecksumBad {
		t.Errorf("wrong: %v", s.Marks)
	}
	packet[10], packet[11] = 0, 0
	if s := mustDecode(t, frameOf(LinkRaw, packet)); s.Marks != 0 {
		t.Errorf("left to the card: %v", s.Marks)
	}
}

// TestLengthBeyondFrame: the packet claims more than was on the wire.
func TestLengthBeyondFrame(t *testing.T) {
	packet := whole4()
	s := mustDecode(t, frameOf(LinkRaw, packet[:len(packet)-2]))
	if s.TCP.Data != 5 || s.TextSize != 3 || s.Marks != LengthBeyondFrame|Truncated || s.Checksum != ChecksumUnknown {
		t.Errorf("data %d, text %d, marks %v, %v", s.TCP.Data, s.TextSize, s.Marks, s.Checksum)
	}
	f := frameOf(LinkRaw, packet[:len(packet)-2])
	f.Length = len(packet)
	if s = mustDecode(t, f); s.Marks != Truncated {
		t.Errorf("cut by the capture: %v", s.Marks)
	}
}

// TestDamagedHeaders that contradict themselves.
func TestDamagedHeaders(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func([]byte)
		want   Reason
	}{
		{"version 3", func(b []byte) { b[0] = 0x35 }, DamagedIP},
		{"header of 16 octets", func(b []byte) { b[0] = 0x44 }, DamagedIP},
		{"header longer than the packet", func(b []byte) { b[0] = 0x4f }, DamagedIP},
		{"total length below the header", func(b []byte) { b[3] = 19 }, DamagedIP},
		{"no room for TCP", func(b []byte) { b[3] = 30 }, DamagedTCP},
		{"TCP header of 16 octets", func(b []byte) { b[32] = 0x40 }, DamagedTCP},
		{"TCP header longer than the packet", func(b []byte) { b[32] = 0xf0 }, DamagedTCP},
	} {
		packet := whole4()
		c.change(packet)
		if _, got := decode(frameOf(LinkIPv4, packet)); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// TestChecksums tells bad from not yet computed.
func TestChecksums(t *testing.T) {
	put := func(v uint16) func([]byte) {
		return func(segment []byte) { binary.BigEndian.PutUint16(segment[16:], v) }
	}
	for _, ends := range []Tuple{ends4, ends6} {
		size := len(plainHeader(ends))
		for _, c := range []struct {
			what   string
			change func([]byte)
			want   Checksum
		}{
			{"whole", func([]byte) {}, ChecksumValid},
			{"text changed", func(b []byte) { b[24] ^= 4 }, ChecksumBad},
			{"port changed", func(b []byte) { b[0] ^= 4 }, ChecksumBad},
			{"empty", put(0), ChecksumOffloaded},
			{"sum of the pseudo-header", put(fold(addressSum(&ends) + 6 + uint64(size))), ChecksumOffloaded},
			{"the same without the length", put(fold(addressSum(&ends) + 6)), ChecksumOffloaded},
		} {
			segment := plainHeader(ends)
			c.change(segment)
			packet := over6(6, ends.Source, ends.Destination, segment)
			if ends.Source.Is4() {
				packet = over4(6, ends.Source, ends.Destination, segment)
			}
			if s := mustDecode(t, frameOf(LinkRaw, packet)); s.Checksum != c.want {
				t.Errorf("%v, %s: %v, want %v", ends, c.what, s.Checksum, c.want)
			}
			d := Decoder{SkipChecksums: true}
			var s Segment
			d.Decode(frameOf(LinkRaw, packet), &s)
			if s.Checksum != ChecksumUnchecked {
				t.Errorf("skipped: %v", s.Checksum)
			}
		}
	}
}

// TestSum compares with the plainest way to add words up (RFC 1071 section 4.1).
func TestSum(t *testing.T) {
	b := make([]byte, 200)
	for i := range b {
		b[i] = byte(i*i*7 + 250)
	}
	for n := range b {
		var want uint32
		for i := 0; i < n; i += 2 {
			word := uint32(b[i]) << 8
			if i+1 < n {
				word |= uint32(b[i+1])
			}
			if want += word; want > 0xffff {
				want = want&0xffff + 1
			}
		}
		if got := wireSum(b[:n]); uint32(got) != want {
			t.Errorf("%d octets: %#x, want %#x", n, got, want)
		}
	}
	for _, all := range []string{strings.Repeat("\xff", 64), strings.Repeat("\xff", 71)} {
		if got := fold(sum([]byte(all))); got != 0xffff && len(all) == 64 {
			t.Errorf("%d times ff: %#x", len(all), got)
		}
	}
}
