package packet

import (
	"slices"
	"testing"
)

// part is an extension header of the given kind, without its next header field.
type part struct {
	kind byte
	rest []byte
}

// chain puts extension headers between IPv6 and the segment.
func chain(parts []part, segment []byte) []byte {
	next, body := byte(6), segment
	for i := len(parts) - 1; i >= 0; i-- {
		body = join([]byte{next}, parts[i].rest, body)
		next = parts[i].kind
	}
	return over6(next, ends6.Source, ends6.Destination, body)
}

func address6(a Address) []byte {
	b := a.Addr().As16()
	return b[:]
}

// TestExtensionHeaders has each of them, and all of them.
func TestExtensionHeaders(t *testing.T) {
	hop := part{0, []byte{0, 1, 4, 0, 0, 0, 0}}
	destination := part{60, []byte{1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}
	done := part{43, join([]byte{2, 0, 0}, u32(0), address6(address("2001:db8::7")))}
	atomic := part{44, []byte{0, 0, 0, 0, 0, 0, 9}}
	auth := part{51, []byte{4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
	mobility := part{135, []byte{0, 0, 0, 0, 0, 0, 0}}
	hip := part{139, []byte{0, 0, 0, 0, 0, 0, 0}}
	shim := part{140, []byte{0, 0, 0, 0, 0, 0, 0}}
	for _, c := range []struct {
		what  string
		parts []part
		marks Marks
	}{
		{"hop by hop", []part{hop}, 0},
		{"destination options", []part{destination}, 0},
		{"routing, used up", []part{done}, 0},
		{"atomic fragment", []part{atomic}, AtomicFragment},
		{"authentication", []part{auth}, 0},
		{"mobility", []part{mobility}, 0},
		{"host identity", []part{hip}, 0},
		{"shim6", []part{shim}, 0},
		{"all", []part{hop, destination, done, atomic, auth, mobility, hip, shim, destination}, AtomicFragment},
	} {
		t.Run(c.what, func(t *testing.T) {
			data := chain(c.parts, plainHeader(ends6))
			s := mustDecode(t, frameOf(LinkRaw, data))
			checkSegment(t, s, ends6)
			if s.Marks != c.marks {
				t.Errorf("marks %v", s.Marks)
			}
			everyCut(t, LinkRaw, data)
		})
	}
	if s := mustDecode(t, frameOf(LinkRaw, chain([]part{atomic}, plainHeader(ends6)))); s.ID != 9 {
		t.Errorf("identification %d", s.ID)
	}
}

// TestRoutingHeaders: while segments are left the true destination stands in the
// routing header, and the checksum covers it.
func TestRoutingHeaders(t *testing.T) {
	via := address6(address("2001:db8::7"))
	final := address6(ends6.Destination)
	for _, c := range []struct {
		what string
		rest []byte
	}{
		{"source route", join([]byte{4, 0, 1}, u32(0), via, final)},
		{"mobile IPv6", join([]byte{2, 2, 1}, u32(0), final)},
		{"segment routing", join([]byte{4, 4, 1}, u32(0x01000000), final, via)},
	} {
		next := join([]byte{6}, c.rest, plainHeader(ends6))
		s := mustDecode(t, frameOf(LinkRaw, over6(43, ends6.Source, address("2001:db8::8"), next)))
		checkSegment(t, s, ends6)
		if !s.Marks.Has(SourceRouted) {
			t.Errorf("%s: marks %v", c.what, s.Marks)
		}
	}
	compressed := join([]byte{6, 0, 3, 1}, u32(0), plainHeader(ends6))
	s := mustDecode(t, frameOf(LinkRaw, over6(43, ends6.Source, address("2001:db8::8"), compressed)))
	if s.Checksum != ChecksumUnknown || s.TCP.Data != 5 {
		t.Errorf("compressed routes: %v", s.Checksum)
	}
}

// TestHomeAddress: a mobile node away from home.
func TestHomeAddress(t *testing.T) {
	option := join([]byte{6, 2, 0xc9, 16}, address6(ends6.Source), []byte{1, 2, 0, 0})
	data := over6(60, address("2001:db8::77"), ends6.Destination, join(option, plainHeader(ends6)))
	checkSegment(t, mustDecode(t, frameOf(LinkRaw, data)), ends6)
}

// TestFragments6: as TestFragments.
func TestFragments6(t *testing.T) {
	segment := header(ends6, nil, make([]byte, 100))
	first := part{44, []byte{0, 0, 1, 0, 0, 0, 9}}
	s := mustDecode(t, frameOf(LinkRaw, chain([]part{first}, segment[:64])))
	if s.TCP.Data != 44 || s.Marks != Fragmented || s.Checksum != ChecksumUnknown || s.ID != 9 {
		t.Errorf("first: data %d, marks %v, %v, %d", s.TCP.Data, s.Marks, s.Checksum, s.ID)
	}
	if _, reason := decode(frameOf(LinkRaw, chain([]part{first}, segment[:16]))); reason != TinyFragment {
		t.Errorf("tiny: %v", reason)
	}
	later := part{44, []byte{0, 0, 0x41, 0, 0, 0, 9}}
	if _, reason := decode(frameOf(LinkRaw, chain([]part{later}, segment[64:]))); reason != LaterFragment {
		t.Errorf("later: %v", reason)
	}
}

// TestReasons6 are the ends of IPv6 packets that hold no segment.
func TestReasons6(t *testing.T) {
	for _, c := range []struct {
		what string
		data []byte
		want Reason
	}{
		{"nothing", over6(59, ends6.Source, ends6.Destination, nil), OtherTransport},
		{"ICMPv6", over6(58, ends6.Source, ends6.Destination, make([]byte, 8)), ICMP},
		{"ESP", over6(50, ends6.Source, ends6.Destination, make([]byte, 40)), Encrypted},
		{"extension longer than the packet", over6(0, ends6.Source, ends6.Destination, []byte{6, 9, 0, 0, 0, 0, 0, 0}), DamagedIP},
		{"authentication shorter than itself", over6(51, ends6.Source, ends6.Destination, make([]byte, 40)), DamagedIP},
		{"a hundred extensions", chain(slices.Repeat([]part{{60, make([]byte, 7)}}, 100), plainHeader(ends6)), TooDeep},
		{"version 4 as IPv6", whole4(), DamagedIP},
	} {
		f := frameOf(LinkIPv6, join(c.data, make([]byte, 20)))
		if _, got := decode(f); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
