package pcapfilter

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
)

// The values that frames and filters are made of, few so that they meet.
var (
	hosts4 = []string{"10.0.0.1", "10.0.0.2", "10.1.2.3", "192.0.2.7", "198.51.100.9"}
	hosts6 = []string{"2001:db8::1", "2001:db8::2", "2001:db8:1::3", "fe80::1"}
	ports  = []uint16{0, 22, 53, 80, 443, 8000, 8080, 65535}
	macs   = []string{"02:00:5e:00:53:01", "02:00:5e:00:53:02", "ff:ff:ff:ff:ff:ff"}
)

func oneOf[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// frame makes a frame for a link: mostly good packets, some odd, some cut.
func frame(r *rand.Rand, link Link) []byte {
	kind, packet := etherIP, []byte(nil)
	switch n := r.IntN(20); {
	case n < 9:
		packet = ip4(r)
	case n < 16:
		kind, packet = etherIP6, ip6(r)
	case n < 18:
		kind, packet = oneOf(r, []int{etherARP, etherRARP}), arp(r)
	default:
		kind, packet = r.IntN(1<<16), noise(r, r.IntN(80))
	}
	f := append(header(r, link, uint16(kind)), packet...)
	if r.IntN(10) == 0 {
		f = f[:r.IntN(len(f)+1)]
	}
	return f
}

func header(r *rand.Rand, link Link, kind uint16) []byte {
	switch link {
	case Ethernet:
		b := append(mac(r), mac(r)...)
		return binary.BigEndian.AppendUint16(b, kind)
	case SLL2:
		b := make([]byte, 20)
		binary.BigEndian.PutUint16(b, kind)
		b[7], b[9], b[10], b[11] = byte(r.IntN(4)), 1, byte(r.IntN(5)), 6
		copy(b[12:], mac(r))
		return b
	default:
		return nil
	}
}

func mac(r *rand.Rand) []byte {
	b := []byte{2, 0, 0x5e, 0, 0x53, byte(1 + r.IntN(3))}
	if r.IntN(8) == 0 {
		return []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	}
	return b
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func ip4(r *rand.Rand) []byte {
	protocol, payload := transport(r, 1)
	b := make([]byte, 20+4*(r.IntN(8)/6*r.IntN(4)))
	b[0] = byte(0x40 | len(b)/4)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)+len(payload)))
	if r.IntN(6) == 0 {
		binary.BigEndian.PutUint16(b[6:], uint16(r.IntN(1<<16)))
	}
	b[8], b[9] = 64, protocol
	copy(b[12:], netip.MustParseAddr(oneOf(r, hosts4)).AsSlice())
	copy(b[16:], netip.MustParseAddr(oneOf(r, hosts4)).AsSlice())
	return append(b, payload...)
}

func ip6(r *rand.Rand) []byte {
	protocol, payload := transport(r, 58)
	b := make([]byte, 40)
	b[0], b[6], b[7] = 0x60, protocol, 64
	if r.IntN(5) == 0 { // a fragment header
		b[6] = 44
		payload = append([]byte{protocol, 0, 0, byte(r.IntN(2)), 0, 0, 0, 1}, payload...)
	}
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	copy(b[8:], netip.MustParseAddr(oneOf(r, hosts6)).AsSlice())
	copy(b[24:], netip.MustParseAddr(oneOf(r, hosts6)).AsSlice())
	return append(b, payload...)
}

func transport(r *rand.Rand, icmp byte) (byte, []byte) {
	switch n := r.IntN(10); {
	case n < 5:
		b := append(endpoints(r), noise(r, 16)...)
		b[12], b[13] = 0x50, byte(r.IntN(256)&r.IntN(256))
		return 6, append(b, make([]byte, r.IntN(40))...)
	case n < 7:
		return oneOf(r, []byte{17, 132}), append(endpoints(r), noise(r, 8+r.IntN(20))...)
	case n < 9:
		return oneOf(r, []byte{icmp, icmp, 1, 58}), append([]byte{byte(oneOf(r, []int{0, 1, 2, 3, 4, 5, 8, 11, 128})), byte(r.IntN(3))}, noise(r, 12)...)
	default:
		return byte(r.IntN(256)), noise(r, r.IntN(40))
	}
}

func endpoints(r *rand.Rand) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, oneOf(r, ports)), oneOf(r, ports))
}

func arp(r *rand.Rand) []byte {
	b := append([]byte{0, 1, 8, 0, 6, 4, 0, 1}, mac(r)...)
	b = append(b, netip.MustParseAddr(oneOf(r, hosts4)).AsSlice()...)
	b = append(append(b, mac(r)...), netip.MustParseAddr(oneOf(r, hosts4)).AsSlice()...)
	return b
}
