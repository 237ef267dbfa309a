package packet

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Address is an IP address as a number of 128 bits in network order. IPv4
// addresses are held as IPv4-mapped ones, ::ffff:a.b.c.d (RFC 4291 section
// 2.5.5.2). Addresses can be compared with ==.
type Address struct {
	Hi, Lo uint64
}

// mapped is the prefix ::ffff:0:0/96, as it stands in Lo.
const mapped = 0xffff << 32

// Address4 returns the address of an IPv4 number in network order:
// 0x7f000001 is 127.0.0.1.
func Address4(v uint32) Address { return Address{Lo: mapped | uint64(v)} }

// AddressFrom converts an address; its zone is dropped. The zero netip.Addr
// gives the zero Address.
func AddressFrom(a netip.Addr) Address {
	b := a.As16()
	return address16(b[:])
}

func address16(b []byte) Address {
	return Address{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:16])}
}

// Is4 tells whether the address is an IPv4 one.
func (a Address) Is4() bool { return a.Hi == 0 && a.Lo>>32 == 0xffff }

// V4 returns the 32 bits of an IPv4 address; of others the last 32 bits.
func (a Address) V4() uint32 { return uint32(a.Lo) }

// Addr converts to the standard library's type; IPv4 addresses are unmapped.
func (a Address) Addr() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.Hi)
	binary.BigEndian.PutUint64(b[8:], a.Lo)
	return netip.AddrFrom16(b).Unmap()
}

// String writes the address as RFC 5952 does, IPv4 with dots.
func (a Address) String() string { return a.Addr().String() }

// Tuple names the two ends of a segment: addresses and ports, as the segment
// travels.
type Tuple struct {
	Source, Destination         Address
	SourcePort, DestinationPort uint16
}

// Reverse returns the tuple of the segments that travel the other way.
func (t Tuple) Reverse() Tuple {
	return Tuple{t.Destination, t.Source, t.DestinationPort, t.SourcePort}
}

// EqualEnds tells whether source and destination are the same address and port,
// so that the tuple cannot say which way a segment travels.
func (t Tuple) EqualEnds() bool {
	return t.SourcePort == t.DestinationPort && t.Source == t.Destination
}

// String writes "10.0.0.1:40000 > [2001:db8::1]:443".
func (t Tuple) String() string {
	return t.SourceAddrPort().String() + " > " + t.DestinationAddrPort().String()
}

// SourceAddrPort returns the sending end.
func (t Tuple) SourceAddrPort() netip.AddrPort {
	return netip.AddrPortFrom(t.Source.Addr(), t.SourcePort)
}

// DestinationAddrPort returns the receiving end.
func (t Tuple) DestinationAddrPort() netip.AddrPort {
	return netip.AddrPortFrom(t.Destination.Addr(), t.DestinationPort)
}

// HardwareAddress is a 48-bit link-layer address (IEEE 802 EUI-48) as a number, or
// 0 for none. Addresses of other sizes are not kept.
type HardwareAddress uint64

// hardwarePresent tells the address of zeros from none.
const hardwarePresent = 1 << 63

// Octets returns the address in the order of the wire; ok is false for none.
func (h HardwareAddress) Octets() (octets [6]byte, ok bool) {
	for i := range octets {
		octets[i] = byte(h >> (40 - 8*i))
	}
	return octets, h != 0
}

// String writes "00:1b:21:3c:9d:f8", or "" where there is no address.
func (h HardwareAddress) String() string {
	octets, ok := h.Octets()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", octets[0], octets[1], octets[2], octets[3], octets[4], octets[5])
}

func hardware(b []byte) HardwareAddress {
	return HardwareAddress(hardwarePresent | uint64(be16(b))<<32 | uint64(be32(b[2:])))
}
