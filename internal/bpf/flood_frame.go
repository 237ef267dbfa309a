package bpf

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Layout is the TCP options of a SYN, as one family of systems lays them out.
type Layout struct {
	Name    string
	Options []byte
}

// Layouts are those of the commonest clients, as their SYNs show them.
var Layouts = []Layout{
	{"Linux", []byte{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7}},
	{"Windows", []byte{2, 4, 0x05, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2}},
	{"Apple", []byte{2, 4, 0x05, 0xb4, 1, 3, 3, 6, 1, 1, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 4, 2, 0, 0}},
	{"Android", []byte{2, 4, 0x05, 0x78, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 9}},
	{"FreeBSD", []byte{2, 4, 0x05, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0}},
}

// FloodFrame is what every frame of a flood has in common.
type FloodFrame struct {
	From, To [6]byte // Ethernet
	Server   netip.AddrPort
	Options  []byte // of TCP, a multiple of 4 octets
	Flags    byte   // of TCP: SYN 2, ACK 16
}

const (
	ethernet = 14
	ipv4     = 20
	ipv6     = 40
	longest  = 100
	hops     = 64
	protocol = 6 // TCP
)

// floodSource6 begins the IPv6 sources of a flood: 2001:2::/48, which RFC 5180
// keeps for benchmarks.
var floodSource6 = netip.MustParseAddr("2001:2::")

// record makes the template: a frame whose source, port and numbers are 0, with
// the sums of the rest.
func (f *FloodFrame) record() (templateRecord, error) {
	var r templateRecord
	if !f.Server.IsValid() || len(f.Options)%4 != 0 || len(f.Options) > 24 {
		return r, fmt.Errorf("flood: %v with %d octets of options: an address and at most 24, in words", f.Server, len(f.Options))
	}
	copy(r.Frame[:], f.To[:])
	copy(r.Frame[6:], f.From[:])
	segment := 20 + len(f.Options)
	length := uint32(segment)
	if f.Server.Addr().Is4() {
		f.header4(&r, segment)
	} else {
		f.header6(&r, segment)
	}
	tcp := r.Frame[r.Len : r.Len+length]
	binary.BigEndian.PutUint16(tcp[2:], f.Server.Port())
	tcp[12] = byte(segment << 2)
	tcp[13] = f.Flags
	binary.BigEndian.PutUint16(tcp[14:], 64240)
	copy(tcp[20:], f.Options)
	r.Len += length
	r.SumTCP += rawSum([]byte{0, protocol, byte(segment >> 8), byte(segment)}) + rawSum(tcp)
	if f.Flags&2 == 0 {
		r.Ack = 1
	}
	return r, nil
}

// header4 writes the header of a segment of that length, and begins the sums.
func (f *FloodFrame) header4(r *templateRecord, segment int) {
	binary.BigEndian.PutUint16(r.Frame[12:], 0x0800)
	ip := r.Frame[ethernet : ethernet+ipv4]
	ip[0], ip[6], ip[8], ip[9] = 0x45, 0x40, hops, protocol
	binary.BigEndian.PutUint16(ip[2:], uint16(ipv4+segment))
	copy(ip[16:], f.Server.Addr().AsSlice())
	r.Len, r.SumIP, r.SumTCP = ethernet+ipv4, rawSum(ip), rawSum(ip[16:])
}

// header6 is header4 for IPv6, where the addresses begin the sum.
func (f *FloodFrame) header6(r *templateRecord, segment int) {
	binary.BigEndian.PutUint16(r.Frame[12:], 0x86dd)
	ip := r.Frame[ethernet : ethernet+ipv6]
	ip[0], ip[6], ip[7] = 0x60, protocol, hops
	binary.BigEndian.PutUint16(ip[4:], uint16(segment))
	copy(ip[8:], floodSource6.AsSlice())
	copy(ip[24:], f.Server.Addr().AsSlice())
	r.Len, r.Six, r.SumTCP = ethernet+ipv6, 1, rawSum(ip[8:])
}

// templateRecord is struct template of c/flood.bpf.c.
type templateRecord struct {
	Interface uint32
	Gap       uint32
	Len       uint32
	SumIP     uint32
	SumTCP    uint32
	Ack       uint32
	Six       uint32
	Frame     [longest]byte
}

// rawSum adds the 16-bit words as they lie in memory: the sum of RFC 1071, which
// is the same in every byte order.
func rawSum(b []byte) (sum uint32) {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.NativeEndian.Uint16(b))
	}
	return sum
}
