package track

import (
	"math/bits"

	"github.com/synoptic-net/synoptic/packet"
)

// key4 names a connection between IPv4 addresses: 16 octets. The end with the
// smaller address, then port, has index 0.
type key4 struct {
	addresses [2]uint32
	ports     [2]uint16
	zone      uint32
}

// key6 names one between IPv6 addresses: 40 octets, 8 more to fill the line.
type key6 struct {
	addresses [2]packet.Address
	ports     [2]uint16
	zone      uint32
	_         uint64
}

// sideOf returns the index of the sender.
func sideOf(t *packet.Tuple) int {
	s, d := &t.Source, &t.Destination
	switch {
	case s.Hi != d.Hi:
		return less(s.Hi, d.Hi)
	case s.Lo != d.Lo:
		return less(s.Lo, d.Lo)
	default:
		return less(uint64(t.SourcePort), uint64(t.DestinationPort))
	}
}

// less is 0 if a is less than b, so that it has index 0, else 1.
func less(a, b uint64) int {
	_, borrow := bits.Sub64(a, b, 0)
	return int(1 - borrow)
}

func keyOf4(t *packet.Tuple, side int, zone uint32) (k key4) {
	k.addresses[side&1], k.addresses[1-side&1] = t.Source.V4(), t.Destination.V4()
	k.ports[side&1], k.ports[1-side&1] = t.SourcePort, t.DestinationPort
	k.zone = zone
	return k
}

func keyOf6(t *packet.Tuple, side int, zone uint32) (k key6) {
	k.addresses[side&1], k.addresses[1-side&1] = t.Source, t.Destination
	k.ports[side&1], k.ports[1-side&1] = t.SourcePort, t.DestinationPort
	k.zone = zone
	return k
}

func (k *key4) tuple(side int) packet.Tuple {
	return packet.Tuple{
		Source: packet.Address4(k.addresses[side&1]), Destination: packet.Address4(k.addresses[1-side&1]),
		SourcePort: k.ports[side&1], DestinationPort: k.ports[1-side&1],
	}
}

func (k *key6) tuple(side int) packet.Tuple {
	return packet.Tuple{
		Source: k.addresses[side&1], Destination: k.addresses[1-side&1],
		SourcePort: k.ports[side&1], DestinationPort: k.ports[1-side&1],
	}
}

// zoneOf keeps apart equal addresses in different networks: by VLAN, and by the
// network identifiers that are the same in both directions of a tunnel.
func zoneOf(s *packet.Segment) uint32 {
	if s.VLANCount == 0 && s.Tunnel == packet.NoTunnel {
		return 0
	}
	zone := uint32(s.VLANs[0])<<16 | uint32(s.VLANs[1])
	if s.Tunnel == packet.VXLAN || s.Tunnel == packet.Geneve {
		zone ^= bits.RotateLeft32(s.TunnelID*0x9e3779b1, 8)
	}
	return zone
}

// keyed is the secret of the hash.
type keyed [3]uint64

// newKeyed spreads the seed with the increments of a Weyl sequence.
func newKeyed(seed uint64) (k keyed) {
	for i := range k {
		seed += 0x9e3779b97f4a7c15
		k[i] = mix(seed, seed^0xd1b54a32d192ed03) | 1
	}
	return k
}

// mix folds the 128-bit product of two words: every bit of the result depends on
// every bit of both.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

func (s *keyed) of4(k *key4) uint64 {
	a := uint64(k.addresses[0])<<32 | uint64(k.addresses[1])
	b := uint64(k.ports[0])<<48 | uint64(k.ports[1])<<32 | uint64(k.zone)
	return mix(mix(a^s[0], b^s[1])^a, s[2])
}

func (s *keyed) of6(k *key6) uint64 {
	b := uint64(k.ports[0])<<48 | uint64(k.ports[1])<<32 | uint64(k.zone)
	h := mix(k.addresses[0].Hi^s[0], k.addresses[0].Lo^s[1])
	h = mix(h^k.addresses[1].Hi^s[1], k.addresses[1].Lo^s[2])
	return mix(h^b^s[0], s[2]^k.addresses[0].Lo)
}

// hasher is the hash of a kind of key. It is a plain function, so that handing it
// on allocates nothing.
type hasher[K comparable] func(*keyed, *K) uint64

func hash4(s *keyed, k *key4) uint64 { return s.of4(k) }
func hash6(s *keyed, k *key6) uint64 { return s.of6(k) }
