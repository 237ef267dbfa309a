package packet

import (
	"encoding/binary"
	"math/bits"
)

// Checksum is what the TCP checksum proves (RFC 9293 section 3.1).
type Checksum uint8

// The states of a checksum.
const (
	// ChecksumUnchecked: nobody looked, see Decoder.SkipChecksums.
	ChecksumUnchecked Checksum = iota
	// ChecksumValid: header, text and addresses are as they were sent.
	ChecksumValid
	// ChecksumBad: a receiver drops the segment.
	ChecksumBad
	// ChecksumOffloaded: the field is empty or holds the sum of the pseudo-header
	// alone, as a sender leaves it for its network card to complete, and a
	// receiver's stack when it merges segments. Nothing is wrong.
	ChecksumOffloaded
	// ChecksumUnknown: octets that the sum covers are not in this frame, or
	// addresses that it covers are not known.
	ChecksumUnknown
)

var checksumNames = [...]string{"unchecked", "valid", "bad", "offloaded", "unknown"}

// String returns the name in lower case.
func (c Checksum) String() string {
	if int(c) < len(checksumNames) {
		return checksumNames[c]
	}
	return "checksum?"
}

// sum adds up the octets as 16-bit words in the order of memory, with the carries
// still inside (RFC 1071). Words are taken eight octets at a time, little end
// first: the sum of swapped words is the swapped sum.
func sum(b []byte) uint64 {
	var total, carry uint64
	for len(b) >= 32 {
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b), 0)
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b[8:]), carry)
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b[16:]), carry)
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b[24:]), carry)
		total, carry = bits.Add64(total, carry, 0)
		total += carry
		b = b[32:]
	}
	if len(b) >= 16 {
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b), 0)
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b[8:]), carry)
		total += carry
		b = b[16:]
	}
	if len(b) >= 8 {
		total, carry = bits.Add64(total, binary.LittleEndian.Uint64(b), 0)
		total += carry
		b = b[8:]
	}
	total, carry = bits.Add64(total, tail(b), 0)
	return total + carry
}

// tail reads less than eight octets as if zeros followed.
func tail(b []byte) (v uint64) {
	shift := 0
	if len(b) >= 4 {
		v, shift = uint64(binary.LittleEndian.Uint32(b)), 32
		b = b[4:]
	}
	switch len(b) {
	case 3:
		v |= uint64(b[0])<<shift | uint64(b[1])<<(shift+8) | uint64(b[2])<<(shift+16)
	case 2:
		v |= uint64(b[0])<<shift | uint64(b[1])<<(shift+8)
	case 1:
		v |= uint64(b[0]) << shift
	}
	return v
}

// fold brings a sum of 16-bit words down to 16 bits. A half added to the other
// carries into itself, as RFC 1071 wants.
func fold(v uint64) uint16 {
	v += bits.RotateLeft64(v, 32)
	half := uint32(v >> 32)
	half += bits.RotateLeft32(half, 16)
	return uint16(half >> 16)
}

// wireSum is sum, folded, in network order.
func wireSum(b []byte) uint16 { return bits.ReverseBytes16(fold(sum(b))) }

// addressSum is the sum of both addresses in network order, at most 34 bits. The
// prefix of mapped addresses is no part of it.
func addressSum(t *Tuple) uint64 {
	source, destination := t.Source, t.Destination
	if source.Is4() && destination.Is4() {
		return uint64(source.V4()) + uint64(destination.V4())
	}
	total, carry := bits.Add64(source.Hi, source.Lo, 0)
	total, carry = bits.Add64(total, destination.Hi, carry)
	total, carry = bits.Add64(total, destination.Lo, carry)
	total, carry = bits.Add64(total, carry, 0)
	return uint64(fold(total)) + carry
}

// checksumTCP judges the field of a whole segment. The pseudo-header's length is
// that of header and text; senders that let the card cut the segment may have
// left it out.
func checksumTCP(segment []byte, t *Tuple) Checksum {
	const field = 16
	ends := addressSum(t) + protoTCP
	pseudo := ends + uint64(len(segment))
	if fold(pseudo+uint64(wireSum(segment))) == 0xffff {
		return ChecksumValid
	}
	switch be16(segment[field:]) {
	case 0, fold(pseudo), fold(ends):
		return ChecksumOffloaded
	default:
		return ChecksumBad
	}
}
