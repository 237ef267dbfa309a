package tcp

import "strconv"

// Seq is a position in sequence space: a sequence number, modulo 2^32 octets
// (RFC 9293 section 3.4). Positions are compared, never added to one another.
type Seq uint32

// Size is a distance in sequence space, in octets: a length or a window. SYN and
// FIN take one octet each (RFC 9293 section 3.4).
type Size uint32

// Half is the distance at which two positions can no longer be ordered: each is
// then as far before the other as behind it.
const Half Size = 1 << 31

// Add returns the position n octets further on.
func (s Seq) Add(n Size) Seq { return s + Seq(n) }

// Sub returns the position n octets further back.
func (s Seq) Sub(n Size) Seq { return s - Seq(n) }

// To returns how many octets lead forward from s to t, around zero if need be.
func (s Seq) To(t Seq) Size { return Size(t - s) }

// Less tells whether s comes before t, which RFC 9293 section 3.4 writes s < t.
// Positions that are Half apart are not ordered: Less is true both ways.
func (s Seq) Less(t Seq) bool { return int32(s-t) < 0 }

// LessEqual tells whether s is t or comes before it, in the RFC s =< t.
func (s Seq) LessEqual(t Seq) bool { return s == t || s.Less(t) }

// In tells whether s is one of the size positions that start at first:
// first =< s < first+size. It holds for windows of any size.
func (s Seq) In(first Seq, size Size) bool { return first.To(s) < size }

// String returns the decimal number.
func (s Seq) String() string { return strconv.FormatUint(uint64(s), 10) }

// Acceptable is the test of a segment's place, with its four cases of SEG.LEN
// and RCV.WND (RFC 9293 sections 3.4 and 3.10.7.4). next is RCV.NXT; length
// counts SYN and FIN. Where both are there, the first or the
// last octet must lie in the window.
func Acceptable(seq Seq, length Size, next Seq, window Size) bool {
	switch {
	case length == 0 && window == 0:
		return seq == next
	case length == 0:
		return seq.In(next, window)
	case window == 0:
		return false
	default:
		return seq.In(next, window) || seq.Add(length-1).In(next, window)
	}
}
