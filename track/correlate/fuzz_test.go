package correlate

import (
	"encoding/binary"
	"testing"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// FuzzSegments: whatever two captures hold, nothing panics, every segment that was
// kept has one passage at most and no passage names another direction's segment.
func FuzzSegments(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x01\x01\x00\x00\x00\x02\x00\x00\x01\x01\x00\x00\x00\x12\x00\x01\x02\x09"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		c := New(Config{Memory: 1 << 20})
		at := start
		for n := uint64(1); len(data) >= 12; n++ {
			s, p := fuzzed(data[:12])
			at += int64(binary.LittleEndian.Uint16(data[8:])) * 1e4
			s.Time, s.Number = at, n
			c.Watch(p, &packet.Frame{Time: at, Number: n, Dropped: uint64(data[11] >> 7)})
			c.Add(p, &s)
			data = data[12:]
		}
		whole(t, c.Correlate())
	})
}

// fuzzed makes a segment between few sockets, so that they meet.
func fuzzed(b []byte) (packet.Segment, Point) {
	s := packet.Segment{IPVersion: 4, TTL: 60 + b[1]&7, ID: uint32(b[6])}
	s.Tuple = packet.Tuple{
		Source: packet.Address4(uint32(b[0] >> 4 & 3)), Destination: packet.Address4(4), SourcePort: uint16(b[0] >> 6), DestinationPort: 1,
	}
	if b[0]&2 != 0 {
		s.Tuple = s.Tuple.Reverse()
	}
	s.TCP = tcp.Segment{
		Flags: tcp.Flags(b[3]), Seq: tcp.Seq(int32(int8(b[4]))) << (b[2] & 31), Ack: tcp.Seq(int32(int8(b[5]))), Data: tcp.Size(b[7]) * tcp.Size(b[2]&1),
	}
	if b[2]&0x40 != 0 {
		s.Options.Set |= packet.OptionTimestamps
		s.TCP.Timestamp = tcp.Timestamp{Present: true, Value: uint32(b[10])}
	}
	if b[2]&0x80 != 0 {
		s.Options.Set |= packet.OptionSACK
		s.Options.Blocks, s.Options.SACK[0] = 1, packet.Block{Left: tcp.Seq(b[10]), Right: tcp.Seq(b[9])}
	}
	return s, Point(b[0] & 1)
}

func whole(t *testing.T, r *Report) {
	var seen [Points]map[int32]bool
	for p := range seen {
		seen[p] = map[int32]bool{}
	}
	for i := range r.Pairs {
		for j := range r.Pairs[i].Passages {
			x := &r.Pairs[i].Passages[j]
			if x.Seen == [Points]int32{} {
				t.Fatalf("a passage of nothing: %+v", *x)
			}
			for p, at := range x.Seen {
				if at != 0 && seen[p][at] {
					t.Fatalf("segment %d of %v has two passages", at, Point(p))
				}
				seen[p][at] = true
			}
			if x.Verdict == Vanished && x.Seen[A] != 0 && x.Seen[B] != 0 || x.Why >= Whys || x.Verdict >= Verdicts {
				t.Fatalf("%+v", *x)
			}
			r.Begins(x)
		}
	}
	r.Findings(nil)
}
