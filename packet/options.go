package packet

import (
	"encoding/binary"

	"github.com/synoptic-net/synoptic/tcp"
)

// OptionSet names the TCP options that a segment carries.
type OptionSet uint16

// The options.
const (
	OptionMSS           OptionSet = 1 << iota // RFC 9293 section 3.2
	OptionWindowScale                         // RFC 7323 section 2
	OptionSACKPermitted                       // RFC 2018 section 2
	OptionSACK                                // RFC 2018 section 3
	OptionTimestamps                          // RFC 7323 section 3
	OptionMD5                                 // RFC 2385
	OptionUserTimeout                         // RFC 5482
	OptionAO                                  // RFC 5925
	OptionMPTCP                               // RFC 8684
	OptionFastOpen                            // RFC 7413, also its experimental form
	OptionAccECN                              // accurate ECN, RFC 9768
	OptionOther                               // any other kind
)

// Has tells whether all the given options are there.
func (o OptionSet) Has(options OptionSet) bool { return o&options == options }

// Options holds the values of a segment's options. A value means something only
// if its option is in Set. An option whose size is not the one prescribed is
// left out and marked with OptionsMalformed.
type Options struct {
	Set    OptionSet
	MSS    uint16 // octets
	Scale  uint8  // shift count as it was sent; Shift gives what it means
	MPTCP  uint8  // subtype of the first MPTCP option: 0 MP_CAPABLE, 1 MP_JOIN, 2 DSS, ...
	Cookie uint8  // octets of Fast Open cookie; 0 asks for one
	Blocks uint8  // SACK blocks
	Echo   uint32 // TSecr of the timestamps option; TSval is TCP.Timestamp
	SACK   [4]Block
}

// Block is a SACK block: the octets from Left up to, not including, Right were
// received.
type Block struct{ Left, Right tcp.Seq }

// Shift returns the shift count that a receiver uses: a count above 14 means 14
// (RFC 7323 section 2.3).
func (o *Options) Shift() uint8 { return min(o.Scale, 14) }

// Received returns the SACK blocks.
func (o *Options) Received() []Block { return o.SACK[:min(int(o.Blocks), len(o.SACK))] }

// Option kinds (IANA, TCP parameters).
const (
	kindEnd           = 0
	kindNOP           = 1
	kindMSS           = 2
	kindWindowScale   = 3
	kindSACKPermitted = 4
	kindSACK          = 5
	kindTimestamps    = 8
	kindMD5           = 19
	kindUserTimeout   = 28
	kindAO            = 29
	kindMPTCP         = 30
	kindFastOpen      = 34
	kindAccECN0       = 172
	kindAccECN1       = 174
	kindExperiment1   = 253
	kindExperiment2   = 254

	fastOpenMagic = 0xf989     // experiment identifier, RFC 7413 appendix A
	onlyStamps    = 0x0101080a // NOP, NOP, kind 8, length 10: most segments carry just this
)

// readOptions reads the options in b. missing octets of them were not captured.
func (s *Segment) readOptions(b []byte, missing int) {
	if len(b) == 12 && missing == 0 && binary.BigEndian.Uint32(b) == onlyStamps {
		s.stamps(b[2:12])
		return
	}
	if missing > 0 {
		s.Marks |= Truncated | OptionsTruncated
	}
	for len(b) > 0 && b[0] != kindEnd {
		if b[0] == kindNOP {
			b = b[1:]
			continue
		}
		size := s.optionSize(b, missing)
		if size == 0 {
			return
		}
		if !s.readOption(b[:size]) {
			s.Marks |= OptionsMalformed
		}
		b = b[size:]
	}
}

// optionSize returns the size of the option that b begins with, or 0 where it
// does not fit. An option that the capture cut is missing; one that runs out of
// the header is malformed.
func (s *Segment) optionSize(b []byte, missing int) int {
	if len(b) < 2 {
		if missing == 0 {
			s.Marks |= OptionsMalformed
		}
		return 0
	}
	size := int(b[1])
	if size < 2 || size > len(b)+missing {
		s.Marks |= OptionsMalformed
		return 0
	}
	if size > len(b) {
		return 0
	}
	return size
}

// readOption stores one whole option; false means that its size is wrong.
func (s *Segment) readOption(b []byte) bool {
	switch b[0] {
	case kindTimestamps:
		return len(b) == 10 && s.stamps(b)
	case kindSACK:
		return s.sack(b)
	case kindMSS, kindWindowScale, kindSACKPermitted:
		return s.synOption(b)
	default:
		return s.rareOption(b)
	}
}

func (s *Segment) has(o OptionSet) bool {
	s.Options.Set |= o
	return true
}

func (s *Segment) stamps(b []byte) bool {
	s.TCP.Timestamp = tcp.Timestamp{Present: true, Value: binary.BigEndian.Uint32(b[2:])}
	s.Options.Echo = binary.BigEndian.Uint32(b[6:])
	return s.has(OptionTimestamps)
}

func (s *Segment) sack(b []byte) bool {
	n := (len(b) - 2) / 8
	if n == 0 || n > len(s.Options.SACK) || n*8+2 != len(b) {
		return false
	}
	s.Options.Blocks = uint8(n)
	for i := range n {
		at := b[2+8*i:]
		s.Options.SACK[i] = Block{tcp.Seq(binary.BigEndian.Uint32(at)), tcp.Seq(binary.BigEndian.Uint32(at[4:]))}
	}
	return s.has(OptionSACK)
}

// synOption stores an option that belongs to a SYN.
func (s *Segment) synOption(b []byte) bool {
	switch {
	case b[0] == kindMSS && len(b) == 4:
		s.Options.MSS = binary.BigEndian.Uint16(b[2:])
		return s.has(OptionMSS)
	case b[0] == kindWindowScale && len(b) == 3:
		s.Options.Scale = b[2]
		return s.has(OptionWindowScale)
	case b[0] == kindSACKPermitted && len(b) == 2:
		return s.has(OptionSACKPermitted)
	default:
		return false
	}
}

func (s *Segment) rareOption(b []byte) bool {
	switch b[0] {
	case kindMPTCP:
		return len(b) > 2 && s.mptcp(b[2]>>4)
	case kindFastOpen:
		return s.fastOpen(len(b) - 2)
	case kindExperiment1, kindExperiment2:
		if len(b) >= 4 && binary.BigEndian.Uint16(b[2:]) == fastOpenMagic {
			return s.fastOpen(len(b) - 4)
		}
		return s.has(OptionOther)
	case kindMD5:
		return len(b) == 18 && s.has(OptionMD5)
	case kindAO:
		return len(b) >= 4 && s.has(OptionAO)
	case kindUserTimeout:
		return len(b) == 4 && s.has(OptionUserTimeout)
	case kindAccECN0, kindAccECN1:
		return s.has(OptionAccECN)
	default:
		return s.has(OptionOther)
	}
}

func (s *Segment) mptcp(subtype uint8) bool {
	if !s.Options.Set.Has(OptionMPTCP) {
		s.Options.MPTCP = subtype
	}
	return s.has(OptionMPTCP)
}

// fastOpen stores the cookie's size, 0 or 4 to 16 octets (RFC 7413 section
// 4.1.1).
func (s *Segment) fastOpen(size int) bool {
	if size != 0 && (size < 4 || size > 16) {
		return false
	}
	s.Options.Cookie = uint8(size)
	return s.has(OptionFastOpen)
}
