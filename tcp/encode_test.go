package tcp

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"testing"
)

var v6A, v6B = netip.MustParseAddrPort("[2001:db8::1]:1024"), netip.MustParseAddrPort("[2001:db8::2]:80")

func wholeSYN() Packet {
	return Packet{Source: socketA, Destination: socketB,
		Segment: Segment{Seq: 100, Flags: SYN, Window: 65535, Timestamp: Timestamp{true, 7}},
		Options: Options{MSS: 1460, WindowScale: WindowScale{true, 7}, SACKPermitted: true}}
}

// The words of pseudo header and segment add up to 3baf4; the carry folded in
// that is baf7, and its complement 4508 is the checksum.
func TestAppendSegment(t *testing.T) {
	want := "04000050" + "00000064" + "00000000" + "b002ffff" + "45080000" +
		"020405b4" + "01010402" + "0101080a" + "00000007" + "00000000" + "01030307"
	if got := hex.EncodeToString(AppendSegment(nil, wholeSYN())); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSegmentsComeBack(t *testing.T) {
	text := Packet{Source: v6A, Destination: v6B, Text: []byte("odd"),
		Segment: Segment{Seq: 1<<32 - 1, Ack: 7, Flags: FIN | ACK | PSH, Window: 9, Data: 3}}
	for _, p := range []Packet{wholeSYN(), text, {Source: socketB, Destination: socketA, Segment: Segment{Flags: RST}}} {
		b := AppendSegment([]byte("before"), p)[len("before"):]
		got, err := ParseSegment(b, p.Source.Addr(), p.Destination.Addr())
		if err != nil || !got.Equal(p) {
			t.Errorf("%v: got %+v, want %+v", err, got, p)
		}
	}
}

func TestParseSegmentRefuses(t *testing.T) {
	a, b := socketA.Addr(), socketB.Addr()
	whole := AppendSegment(nil, wholeSYN())
	spoilt := func(at int, octet byte) []byte {
		c := append([]byte(nil), whole...)
		c[at] = octet
		return c
	}
	// An option that runs over the end, with the checksum set right again.
	bad := spoilt(42, 30)
	bad[16], bad[17] = 0, 0
	sum, _ := checksum(a, b, bad)
	bad[16], bad[17] = byte(sum>>8), byte(sum)
	for _, c := range []struct {
		octets []byte
		to     netip.Addr
		want   error
	}{
		{whole[:19], b, ErrShortSegment},
		{spoilt(12, 0x40), b, ErrBadDataOffset},
		{spoilt(12, 0xf0), b, ErrBadDataOffset},
		{spoilt(0, 5), b, ErrBadChecksum},
		{whole, v6A.Addr(), ErrNoAddress},
		{bad, b, ErrBadOption},
	} {
		if _, err := ParseSegment(c.octets, a, c.to); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
}

// FuzzParseSegment: no octets make it panic, and what it reads is written so that
// it reads the same.
func FuzzParseSegment(f *testing.F) {
	f.Add(AppendSegment(nil, wholeSYN()))
	f.Add([]byte{4, 0, 0, 80})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= headerLen {
			b[16], b[17] = 0, 0
			sum, _ := checksum(socketA.Addr(), socketB.Addr(), b)
			b[16], b[17] = byte(sum>>8), byte(sum)
		}
		p, err := ParseSegment(b, socketA.Addr(), socketB.Addr())
		if err != nil {
			return
		}
		again, err := ParseSegment(AppendSegment(nil, p), socketA.Addr(), socketB.Addr())
		if err != nil || !again.Equal(p) {
			t.Fatalf("%v: %+v became %+v", err, p, again)
		}
	})
}
