package traffic

import (
	"math/rand/v2"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Flood makes SYNs from random addresses and ports to one socket.
type Flood struct {
	random *rand.PCG
	number uint64
}

// NewFlood returns a flood.
func NewFlood(seed uint64) *Flood { return &Flood{random: rand.NewPCG(seed, 4987)} }

// Next makes the next SYN.
func (f *Flood) Next(s *packet.Segment) {
	r := f.random.Uint64()
	tuple := packet.Tuple{
		Source: packet.Address4(uint32(r)), Destination: packet.Address4(0xcb007107),
		SourcePort: uint16(1024 + r>>32%64000), DestinationPort: 80,
	}
	plain(s, tuple, &f.number)
	s.TCP.Flags, s.TCP.Seq = tcp.SYN, tcp.Seq(r>>32)
}
