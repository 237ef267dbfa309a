package track

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// fuzzed makes segments of eleven octets each: few addresses and numbers, so that
// they meet.
func fuzzed(data []byte, visit func(*packet.Segment)) {
	s := packet.Segment{Time: 1}
	for len(data) >= 11 {
		ends := uint32(data[0])
		s.Tuple = packet.Tuple{
			Source: packet.Address4(1 + ends&1), Destination: packet.Address4(1 + ends>>1&1),
			SourcePort: uint16(ends >> 2 & 1), DestinationPort: uint16(ends >> 3 & 1),
		}
		if ends&16 != 0 {
			s.Tuple.Source.Hi, s.Tuple.Destination.Hi = 7, 7
		}
		s.TCP = tcp.Segment{
			Flags: tcp.Flags(data[1]), Seq: tcp.Seq(int32(int8(data[2]))), Ack: tcp.Seq(int32(int8(data[3]))),
			Data: tcp.Size(data[4] % 8), Window: tcp.Size(binary.BigEndian.Uint16(data[5:])),
		}
		if data[7]&1 != 0 {
			s.TCP.Seq += 1 << 31
		}
		if data[7]&2 != 0 {
			s.Options = packet.Options{Set: packet.OptionWindowScale, Scale: data[7] >> 2}
		}
		s.Time += int64(int8(data[8])) << (data[9] % 48)
		s.Number++
		visit(&s)
		data = data[11:]
	}
}

func checkSegments(t *testing.T, data []byte) {
	t.Helper()
	plain, listing := New(Config{Memory: 1}), New(Config{Memory: 1, List: true, Transitions: true})
	fuzzed(data, func(s *packet.Segment) {
		plain.Add(s)
		listing.Add(s)
	})
	var words [words]uint64
	listing.Each(func(c *Conn) bool {
		words[c.Word]++
		for _, e := range []*End{&c.Originator, &c.Responder} {
			switch {
			case e.Possible == 0 || e.Possible&^tcp.AllStates != 0:
				t.Errorf("an end with the states %v", e.Possible)
			case e.Heard && !e.Possible.Has(e.State):
				t.Errorf("%v is likely, but only %v possible", e.State, e.Possible)
			case !e.Heard && e.State != tcp.Unknown:
				t.Errorf("%v is claimed of an end that was not heard", e.State)
			}
		}
		return true
	})
	if sum := listing.Summary(); words != sum.Words && listing.Unlisted() == 0 {
		t.Errorf("listed %v, counted %v", words, sum.Words)
	}
	if a, b := plain.Summary(), listing.Summary(); a.Segments != b.Segments || a.BadChecksum != b.BadChecksum {
		t.Errorf("%d and %d segments", a.Segments, b.Segments)
	}
}

func FuzzSegments(f *testing.F) {
	f.Add([]byte("0123456789a0123456789b"))
	random := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		data := make([]byte, 11*20)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(checkSegments)
}

// TestRandomSegments is the same for many random sequences.
func TestRandomSegments(t *testing.T) {
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 2))
		data := make([]byte, 11*random.IntN(60))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkSegments(t, data)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}
