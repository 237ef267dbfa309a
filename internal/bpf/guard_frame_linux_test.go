package bpf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
)

// synFrame describes a SYN; the zero value of a field is the usual.
type synFrame struct {
	from, to netip.AddrPort
	tags     []uint16 // Ethernet types of VLAN tags
	options  []byte
	data     []byte
	flags    byte
	fragment uint16
	header   []byte // IPv4 options
	partial  bool   // only the pseudo header is summed
	wrong    bool   // the checksum
	multi    bool   // to a group's Ethernet address
}

var (
	peer4, peer6 = netip.MustParseAddrPort("198.51.100.7:40000"), netip.MustParseAddrPort("[2001:db8::7]:40000")
	host4, host6 = netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("[2001:db8::1]:80")
	linuxOptions = Layouts[0].Options
)

// bytes makes the frame.
func (f *synFrame) bytes() []byte {
	frame := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	if f.multi {
		frame[0] |= 1
	}
	for _, tag := range f.tags {
		frame = binary.BigEndian.AppendUint16(frame, tag)
		frame = append(frame, 0, 42)
	}
	tcp := make([]byte, 20, 100)
	binary.BigEndian.PutUint16(tcp, f.from.Port())
	binary.BigEndian.PutUint16(tcp[2:], f.to.Port())
	binary.BigEndian.PutUint32(tcp[4:], 0x01020304)
	tcp = append(tcp, f.options...)
	tcp[12] = byte(len(tcp) << 2)
	tcp[13] = 2 | f.flags
	binary.BigEndian.PutUint16(tcp[14:], 64240)
	tcp = append(tcp, f.data...)
	head := pseudoSum(f.from.Addr(), f.to.Addr(), len(tcp))
	if f.partial {
		binary.BigEndian.PutUint16(tcp[16:], folded(head))
	} else {
		binary.BigEndian.PutUint16(tcp[16:], ^folded(head+wireSum(tcp)))
	}
	if f.wrong {
		tcp[17] ^= 0x55
	}
	if f.to.Addr().Is6() {
		frame = append(frame, 0x86, 0xdd, 0x60, 0, 0, 0)
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(tcp)))
		frame = append(frame, 6, 64)
		frame = append(append(frame, f.from.Addr().AsSlice()...), f.to.Addr().AsSlice()...)
		return append(frame, tcp...)
	}
	ip := make([]byte, 20, 60)
	ip[0] = byte(0x45 + len(f.header)/4)
	binary.BigEndian.PutUint16(ip[2:], uint16(20+len(f.header)+len(tcp)))
	binary.BigEndian.PutUint16(ip[6:], 0x4000|f.fragment)
	ip[8], ip[9] = 57, 6
	copy(ip[12:], f.from.Addr().AsSlice())
	copy(ip[16:], f.to.Addr().AsSlice())
	ip = append(ip, f.header...)
	binary.BigEndian.PutUint16(ip[10:], ^folded(wireSum(ip)))
	return append(append(append(frame, 8, 0), ip...), tcp...)
}

func wireSum(b []byte) (sum uint32) {
	for i := range b {
		sum += uint32(b[i]) << (8 * (1 - i&1))
	}
	return sum
}

func pseudoSum(a, b netip.Addr, length int) uint32 {
	return wireSum(a.AsSlice()) + wireSum(b.AsSlice()) + 6 + uint32(length)
}

func folded(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return uint16(sum)
}

// answerOf reads the SYN-ACK: every octet of it has a reason.
func (f *synFrame) answerOf(out []byte) (options map[byte][]byte, err error) {
	at := 14 + 4*len(f.tags)
	if !bytes.Equal(out[:12], []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}) {
		return nil, fmt.Errorf("Ethernet %x", out[:12])
	}
	ip, tcp := out[at:], out[at+20:]
	if f.to.Addr().Is6() {
		tcp = out[at+40:]
		if !bytes.Equal(ip[8:40], append(f.to.Addr().AsSlice(), f.from.Addr().AsSlice()...)) || int(binary.BigEndian.Uint16(ip[4:])) != len(tcp) || ip[7] != 64 {
			return nil, fmt.Errorf("IPv6 %x", ip[:40])
		}
	} else {
		if !bytes.Equal(ip[12:20], append(f.to.Addr().AsSlice(), f.from.Addr().AsSlice()...)) || int(binary.BigEndian.Uint16(ip[2:])) != 20+len(tcp) {
			return nil, fmt.Errorf("IPv4 %x", ip[:20])
		}
		if folded(wireSum(ip[:20])) != 0xffff {
			return nil, fmt.Errorf("checksum of IPv4 %x", ip[:20])
		}
	}
	if folded(pseudoSum(f.from.Addr(), f.to.Addr(), len(tcp))+wireSum(tcp)) != 0xffff {
		return nil, fmt.Errorf("checksum of TCP %x", tcp)
	}
	if binary.BigEndian.Uint16(tcp) != f.to.Port() || binary.BigEndian.Uint16(tcp[2:]) != f.from.Port() ||
		binary.BigEndian.Uint32(tcp[8:]) != 0x01020305 || tcp[13]&^0x40 != 0x12 || int(tcp[12]>>4)*4 != len(tcp) ||
		binary.BigEndian.Uint16(tcp[14:]) != usualOffer.Window {
		return nil, fmt.Errorf("TCP %x", tcp[:20])
	}
	return readOptions(tcp[20:])
}

// readOptions is a reading of options by RFC 9293, section 3.1, apart from the
// one in C.
func readOptions(b []byte) (map[byte][]byte, error) {
	options := map[byte][]byte{}
	for len(b) > 0 && b[0] != 0 {
		if b[0] == 1 {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return nil, fmt.Errorf("damaged options %x", b)
		}
		options[b[0]] = b[2:b[1]]
		b = b[b[1]:]
	}
	return options, nil
}

// usual fills in what was left open.
func (f synFrame) usual() synFrame {
	if !f.to.IsValid() {
		f.to = host4
	}
	if !f.from.IsValid() {
		f.from = peer4
	}
	if f.options == nil {
		f.options = linuxOptions
	}
	return f
}
