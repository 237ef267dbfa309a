package tcp

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// The option kinds that are written and understood (RFC 9293 section 3.2, RFC
// 7323, RFC 2018). Each of them but the first two has a length octet.
const (
	optionEnd           = 0
	optionNop           = 1
	optionMSS           = 2
	optionWindowScale   = 3
	optionSACKPermitted = 4
	optionTimestamps    = 8

	headerLen = 20 // octets of a header without options
	maxShift  = 14 // RFC 7323 section 2.3
)

// What can be wrong with the octets of a segment.
var (
	ErrShortSegment  = errors.New("tcp: segment is shorter than its header")
	ErrBadDataOffset = errors.New("tcp: data offset is outside the segment")
	ErrBadOption     = errors.New("tcp: option runs over the end of the header")
	ErrBadChecksum   = errors.New("tcp: checksum is wrong")
	ErrNoAddress     = errors.New("tcp: no addresses of one family for the pseudo header")
)

// AppendSegment appends header, options and text of the packet to b (RFC 9293
// section 3.1), with the checksum over the pseudo header of its addresses; where
// these are not of one family the checksum is left 0. The urgent pointer is 0.
func AppendSegment(b []byte, p Packet) []byte {
	start := len(b)
	seg := p.Segment
	b = binary.BigEndian.AppendUint16(b, p.Source.Port())
	b = binary.BigEndian.AppendUint16(b, p.Destination.Port())
	b = binary.BigEndian.AppendUint32(b, uint32(seg.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(seg.Ack))
	b = append(b, 0, byte(seg.Flags))
	b = binary.BigEndian.AppendUint16(b, uint16(min(seg.Window, 65535)))
	b = append(b, 0, 0, 0, 0) // checksum, urgent pointer
	b = appendOptions(b, p)
	b[start+12] = byte((len(b)-start)/4) << 4
	b = append(b, p.Text...)
	if sum, ok := checksum(p.Source.Addr(), p.Destination.Addr(), b[start:]); ok {
		binary.BigEndian.PutUint16(b[start+16:], sum)
	}
	return b
}

// appendOptions pads each option to four octets, in the order of Linux.
func appendOptions(b []byte, p Packet) []byte {
	o := p.Options
	if o.MSS != 0 {
		b = binary.BigEndian.AppendUint16(append(b, optionMSS, 4), o.MSS)
	}
	if o.SACKPermitted {
		b = append(b, optionNop, optionNop, optionSACKPermitted, 2)
	}
	if ts := p.Segment.Timestamp; ts.Present {
		b = append(b, optionNop, optionNop, optionTimestamps, 10)
		b = binary.BigEndian.AppendUint32(b, ts.Value)
		b = binary.BigEndian.AppendUint32(b, o.Echo)
	}
	if o.WindowScale.Present {
		b = append(b, optionNop, optionWindowScale, 3, o.WindowScale.Shift)
	}
	return b
}

// ParseSegment reads header, options and text, which b must hold from first to
// last octet, and verifies the checksum with the pseudo header of the addresses
// between which b came. Text is a part of b, not a copy. Unknown options are
// passed over.
func ParseSegment(b []byte, source, destination netip.Addr) (Packet, error) {
	if len(b) < headerLen {
		return Packet{}, ErrShortSegment
	}
	offset := int(b[12]>>4) * 4
	if offset < headerLen || offset > len(b) {
		return Packet{}, ErrBadDataOffset
	}
	sum, ok := checksum(source, destination, b)
	if !ok {
		return Packet{}, ErrNoAddress
	}
	if sum != 0 {
		return Packet{}, ErrBadChecksum
	}
	p := parseHeader(b, source, destination)
	p.Text = b[offset:]
	p.Segment.Data = Size(len(p.Text))
	return p, parseOptions(b[headerLen:offset], &p)
}

func parseHeader(b []byte, source, destination netip.Addr) Packet {
	return Packet{
		Source:      netip.AddrPortFrom(source, binary.BigEndian.Uint16(b)),
		Destination: netip.AddrPortFrom(destination, binary.BigEndian.Uint16(b[2:])),
		Segment: Segment{
			Seq:    Seq(binary.BigEndian.Uint32(b[4:])),
			Ack:    Seq(binary.BigEndian.Uint32(b[8:])),
			Flags:  Flags(b[13]),
			Window: Size(binary.BigEndian.Uint16(b[14:])),
		},
	}
}

func parseOptions(b []byte, p *Packet) error {
	for len(b) > 0 && b[0] != optionEnd {
		if b[0] == optionNop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return ErrBadOption
		}
		parseOption(b[0], b[2:b[1]], p)
		b = b[b[1]:]
	}
	return nil
}

// parseOption passes over an option whose length is not that of its kind.
func parseOption(kind byte, value []byte, p *Packet) {
	switch {
	case kind == optionMSS && len(value) == 2:
		p.Options.MSS = binary.BigEndian.Uint16(value)
	case kind == optionWindowScale && len(value) == 1:
		p.Options.WindowScale = WindowScale{true, value[0]}
	case kind == optionSACKPermitted && len(value) == 0:
		p.Options.SACKPermitted = true
	case kind == optionTimestamps && len(value) == 8:
		p.Segment.Timestamp = Timestamp{true, binary.BigEndian.Uint32(value)}
		p.Options.Echo = binary.BigEndian.Uint32(value[4:])
	}
}

// checksum returns the Internet checksum of pseudo header and segment (RFC 9293
// section 3.1, RFC 8200 section 8.1), 0 if the field in the segment is right.
func checksum(source, destination netip.Addr, segment []byte) (uint16, bool) {
	source, destination = source.Unmap(), destination.Unmap()
	if !source.IsValid() || source.Is4() != destination.Is4() || !destination.IsValid() {
		return 0, false
	}
	const protocol = 6
	sum := protocol + uint64(len(segment))
	sum += sumWords(source.AsSlice()) + sumWords(destination.AsSlice()) + sumWords(segment)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum), true
}

func sumWords(b []byte) uint64 {
	var sum uint64
	for ; len(b) > 1; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return sum
}
