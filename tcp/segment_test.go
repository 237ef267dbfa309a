package tcp

import "testing"

func TestFlagsString(t *testing.T) {
	for _, c := range []struct {
		flags Flags
		want  string
	}{
		{0, ""},
		{SYN, "SYN"},
		{SYN | ACK, "SYN,ACK"},
		{FIN | ACK, "FIN,ACK"},
		{RST | ACK, "RST,ACK"},
		{PSH | ACK | URG, "PSH,ACK,URG"},
		{SYN | ECE | CWR, "SYN,ECE,CWR"},
		{255, "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR"},
	} {
		if got := c.flags.String(); got != c.want {
			t.Errorf("%#x: got %q, want %q", uint8(c.flags), got, c.want)
		}
	}
}

// TestFlagsAreHeaderBits: the values are those of the header's byte.
func TestFlagsAreHeaderBits(t *testing.T) {
	want := map[Flags]uint8{FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10, URG: 0x20, ECE: 0x40, CWR: 0x80}
	for flag, bit := range want {
		if uint8(flag) != bit {
			t.Errorf("%v is %#x, want %#x", flag, uint8(flag), bit)
		}
	}
}

func TestFlagsHasAndAny(t *testing.T) {
	f := SYN | ACK
	if !f.Has(SYN) || !f.Has(SYN|ACK) || f.Has(SYN|FIN) || !f.Has(0) {
		t.Error("Has asks for every bit")
	}
	if !f.Any(SYN|FIN) || f.Any(RST|FIN) || f.Any(0) {
		t.Error("Any asks for one bit")
	}
}

func TestSegmentLen(t *testing.T) {
	for _, c := range []struct {
		seg Segment
		len Size
		end Seq
	}{
		{Segment{Seq: 100, Flags: ACK}, 0, 100},
		{Segment{Seq: 100, Flags: RST}, 0, 100},
		{Segment{Seq: 100, Flags: SYN}, 1, 101},
		{Segment{Seq: 100, Flags: FIN | ACK}, 1, 101},
		{Segment{Seq: 100, Flags: ACK, Data: 20}, 20, 120},
		{Segment{Seq: 100, Flags: SYN | FIN, Data: 20}, 22, 122},
		{Segment{Seq: 1<<32 - 2, Flags: FIN, Data: 3}, 4, 2},
	} {
		if c.seg.Len() != c.len || c.seg.End() != c.end {
			t.Errorf("%v: length %d, end %v; want %d, %v", c.seg, c.seg.Len(), c.seg.End(), c.len, c.end)
		}
	}
}

func TestAfterSYN(t *testing.T) {
	seg := Segment{Seq: 1<<32 - 1, Ack: 7, Flags: SYN | FIN | ACK, Data: 5}
	want := Segment{Seq: 0, Ack: 7, Flags: FIN | ACK, Data: 5}
	if got := seg.AfterSYN(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := want.AfterSYN(); got != want {
		t.Errorf("without SYN it stays as it is: got %v", got)
	}
	if got := seg.AfterSYN().End(); got != seg.End() {
		t.Errorf("the end moved to %v", got)
	}
}

func TestSegmentString(t *testing.T) {
	for _, c := range []struct {
		seg  Segment
		want string
	}{
		{Segment{Seq: 100, Flags: SYN}, "<SEQ=100><CTL=SYN>"},
		{Segment{Seq: 300, Ack: 101, Flags: SYN | ACK}, "<SEQ=300><ACK=101><CTL=SYN,ACK>"},
		{Segment{Seq: 101, Ack: 301, Flags: ACK, Data: 5}, "<SEQ=101><ACK=301><CTL=ACK><DATA=5>"},
	} {
		if got := c.seg.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestTimestampNewer(t *testing.T) {
	absent := Timestamp{}
	at := func(value uint32) Timestamp { return Timestamp{true, value} }
	for _, c := range []struct {
		t, u Timestamp
		want bool
	}{
		{at(2), at(1), true},
		{at(1), at(1), false},
		{at(1), at(2), false},
		{at(3), at(1<<32 - 3), true},
		{at(1<<32 - 3), at(3), false},
		{absent, at(1), false},
		{at(1), absent, false},
		{absent, absent, false},
	} {
		if got := c.t.Newer(c.u); got != c.want {
			t.Errorf("%+v newer than %+v: got %v", c.t, c.u, got)
		}
	}
}
