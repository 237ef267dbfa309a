package packet

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// Builders of frames, from the inside out. They know nothing of the decoder.

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func address(text string) Address { return AddressFrom(netip.MustParseAddr(text)) }

// The ends of the segment in the tests.
var (
	ends4 = Tuple{address("10.0.0.1"), address("192.168.0.1"), 40000, 443}
	ends6 = Tuple{address("2001:db8::1"), address("2001:db8:ffff::9"), 40000, 443}
)

var text = []byte("hello")

// header is a TCP header with options and text, SEQ 1000, ACK 2000, sealed for
// the given ends.
func header(t Tuple, options []byte, text []byte) []byte {
	if len(options)%4 != 0 {
		panic("options are not padded")
	}
	b := join(u16(int(t.SourcePort)), u16(int(t.DestinationPort)), u32(1000), u32(2000),
		[]byte{byte(20+len(options)) << 2, byte(tcp.PSH | tcp.ACK)}, u16(512), u16(0), u16(0), options, text)
	seal(b, t)
	return b
}

func plainHeader(t Tuple) []byte { return header(t, nil, text) }

// over4 puts an IPv4 header before the payload.
func over4(protocol byte, source, destination Address, payload []byte) []byte {
	return over4With(nil, 0, protocol, source, destination, payload)
}

// over4With also has options and a fragment field.
func over4With(options []byte, fragment int, protocol byte, source, destination Address, payload []byte) []byte {
	size := 20 + len(options)
	b := join([]byte{0x40 | byte(size/4), 0x12}, u16(size+len(payload)), u16(0x4242), u16(fragment),
		[]byte{63, protocol, 0, 0}, u32(int(source.V4())), u32(int(destination.V4())), options)
	binary.BigEndian.PutUint16(b[10:], ^wireSum(b))
	return append(b, payload...)
}

// over6 puts an IPv6 header before the payload.
func over6(next byte, source, destination Address, payload []byte) []byte {
	from, to := source.Addr().As16(), destination.Addr().As16()
	return join([]byte{0x61, 0x20, 0, 0}, u16(len(payload)), []byte{next, 62}, from[:], to[:], payload)
}

// whole4 and whole6 are packets with the segment of the tests.
func whole4() []byte {
	return over4(6, ends4.Source, ends4.Destination, plainHeader(ends4))
}

func whole6() []byte {
	return over6(6, ends6.Source, ends6.Destination, plainHeader(ends6))
}

var (
	macFrom = []byte{0, 0x1b, 0x21, 0x3c, 0x9d, 0xf8}
	macTo   = []byte{0x52, 0x54, 0, 0x12, 0x35, 2}
)

func overEthernet(kind int, payload []byte) []byte { return join(macTo, macFrom, u16(kind), payload) }

// outer is an IPv4 packet between two routers.
func outer(protocol byte, payload []byte) []byte {
	return over4(protocol, address("172.16.0.1"), address("172.16.0.2"), payload)
}

func overUDP(source, destination int, payload []byte) []byte {
	return outer(17, join(u16(source), u16(destination), u16(8+len(payload)), u16(0), payload))
}

// frameOf is an untruncated frame.
func frameOf(link LinkType, data []byte) *Frame {
	return &Frame{Data: data, Length: len(data), Link: link, Time: 42, Number: 7, Interface: 3}
}

func decode(f *Frame) (Segment, Reason) {
	var d Decoder
	var s Segment
	reason := d.Decode(f, &s)
	return s, reason
}

// mustDecode wants a segment.
func mustDecode(t *testing.T, f *Frame) Segment {
	t.Helper()
	s, reason := decode(f)
	if reason != IsSegment {
		t.Fatalf("no segment: %v", reason)
	}
	return s
}

// checkSegment compares with the segment of the tests.
func checkSegment(t *testing.T, s Segment, ends Tuple) {
	t.Helper()
	want := tcp.Segment{Seq: 1000, Ack: 2000, Flags: tcp.PSH | tcp.ACK, Window: 512, Data: 5}
	if s.TCP != want || s.Tuple != ends {
		t.Errorf("got  %v %+v\nwant %v %+v", s.Tuple, s.TCP, ends, want)
	}
	if s.Checksum != ChecksumValid {
		t.Errorf("checksum is %v", s.Checksum)
	}
	if s.Marks.Has(Truncated) || s.TextSize != 5 {
		t.Errorf("marks %v, %d octets of text", s.Marks, s.TextSize)
	}
}
