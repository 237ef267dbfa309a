package tcp

import "fmt"

// Segment is what the state machine needs to know of a segment: the variables
// SEG.* of RFC 9293 section 3.3.1. Reading bytes is the business of package
// packet.
type Segment struct {
	Seq       Seq       // SEG.SEQ: position of the SYN, else of the first octet of text
	Ack       Seq       // SEG.ACK: next octet the sender expects; only with the ACK bit
	Flags     Flags     // control bits
	Window    Size      // SEG.WND in octets, window scaling applied
	Data      Size      // length of the text in octets, without SYN and FIN
	Timestamp Timestamp // the timestamps option (RFC 7323 section 3)
}

// Timestamp is TSval of a timestamps option, or its absence.
type Timestamp struct {
	Present bool
	Value   uint32 // TSval, in ticks of the sender's clock, modulo 2^32
}

// Newer tells whether t is later than u on the sender's clock (RFC 7323
// section 5). It is false where one of them is absent.
func (t Timestamp) Newer(u Timestamp) bool {
	return t.Present && u.Present && Seq(u.Value).Less(Seq(t.Value))
}

// Len returns SEG.LEN in octets: the text, plus one each for SYN and FIN (RFC
// 9293 section 3.4).
func (s Segment) Len() Size {
	n := s.Data
	if s.Flags.Has(SYN) {
		n++
	}
	if s.Flags.Has(FIN) {
		n++
	}
	return n
}

// End returns the position behind the last octet: SEG.SEQ+SEG.LEN.
func (s Segment) End() Seq { return s.Seq.Add(s.Len()) }

// AfterSYN returns what remains of a segment whose SYN has been taken: text and
// FIN, one octet further on. It is what a row with ContinueSegment leaves to
// the next row.
func (s Segment) AfterSYN() Segment {
	if s.Flags.Has(SYN) {
		s.Seq, s.Flags = s.Seq.Add(1), s.Flags&^SYN
	}
	return s
}

// String writes the segment as the figures of RFC 9293 do:
// "<SEQ=300><ACK=101><CTL=SYN,ACK>", with "<DATA=5>" for five octets of text.
func (s Segment) String() string {
	text := "<SEQ=" + s.Seq.String() + ">"
	if s.Flags.Has(ACK) {
		text += "<ACK=" + s.Ack.String() + ">"
	}
	text += "<CTL=" + s.Flags.String() + ">"
	if s.Data > 0 {
		text += fmt.Sprintf("<DATA=%d>", s.Data)
	}
	return text
}
