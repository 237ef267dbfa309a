package correlate

import (
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Kept is what is kept of a segment at one point.
type Kept struct {
	Time    int64  // ns since 1970, by the clock of the capture
	Number  uint64 // of the frame in its capture, from 1
	Seq     tcp.Seq
	Ack     tcp.Seq  // with the ACK bit
	Data    tcp.Size // octets of text
	Value   uint32   // TSval, with OptionTimestamps
	Echo    uint32   // TSecr
	ID      uint32   // IPv4 identification, else 0
	Options packet.OptionSet
	Window  uint16 // as sent, without its scale
	MSS     uint16 // with OptionMSS
	Scale   uint8  // with OptionWindowScale
	Flags   tcp.Flags
	TTL     uint8 // IPv4 time to live or IPv6 hop limit
	Class   uint8 // DSCP and ECN
	via     uint8 // capturing interface
	piece   uint8 // index of its group's pieces, while the pair is compared
	forward bool  // from the low end of its tuple to the high one
	next    int32 // of the same connection, 0 is none
	sack    packet.Block
}

// keptSize is about what a segment costs until the report is made, octets: itself,
// its Passage, and the growth of both slices.
const keptSize = 160

// At returns the time of capture, in UTC.
func (k *Kept) At() time.Time { return time.Unix(0, k.Time).UTC() }

// Segment returns the segment for printing.
func (k *Kept) Segment() tcp.Segment {
	return tcp.Segment{
		Seq: k.Seq, Ack: k.Ack, Flags: k.Flags, Window: tcp.Size(k.Window), Data: k.Data,
		Timestamp: tcp.Timestamp{Present: k.Options.Has(packet.OptionTimestamps), Value: k.Value},
	}
}

func keep(s *packet.Segment) Kept {
	k := Kept{
		Time: s.Time, Number: s.Number, Seq: s.TCP.Seq, Ack: s.TCP.Ack, Data: s.TCP.Data,
		Value: s.TCP.Timestamp.Value, Echo: s.Options.Echo, ID: s.ID, Options: s.Options.Set,
		Window: uint16(s.TCP.Window), MSS: s.Options.MSS, Scale: s.Options.Scale, Flags: s.TCP.Flags,
		TTL: s.TTL, Class: s.TrafficClass, via: uint8(s.Interface ^ s.IfIndex),
	}
	if s.Options.Blocks > 0 {
		k.sack = s.Options.SACK[0]
	}
	return k
}

// opens tells whether the segment is a SYN, with or without ACK.
func (k *Kept) opens() bool { return k.Flags.Has(tcp.SYN) }

// length is SEG.LEN.
func (k *Kept) length() tcp.Size { return k.Segment().Len() }

// Kind is a sort of segment; a segment is of the first sort that it is.
type Kind uint8

// The kinds.
const (
	KindRST    Kind = iota
	KindSYN         // without ACK
	KindSYNACK      // SYN,ACK
	KindFIN         // with or without text
	KindText
	KindACK // nothing but an acknowledgment
	Kinds   = iota
)

var kindNames = [Kinds]string{"RST", "SYN", "SYN,ACK", "FIN", "text", "ACK"}

// String returns the word of the kind: "RST", "SYN", "SYN,ACK", "FIN", "text", "ACK".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind?"
}

// Kind returns of which kind the segment is.
func (k *Kept) Kind() Kind {
	switch {
	case k.Flags.Has(tcp.RST):
		return KindRST
	case k.Flags.Has(tcp.SYN | tcp.ACK):
		return KindSYNACK
	case k.Flags.Has(tcp.SYN):
		return KindSYN
	case k.Flags.Has(tcp.FIN):
		return KindFIN
	case k.Data > 0:
		return KindText
	default:
		return KindACK
	}
}
