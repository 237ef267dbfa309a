package bpf

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// MishapKind says what went wrong.
type MishapKind uint8

// The kinds, as in mishaps.bpf.c.
const (
	Drop         MishapKind = 1 // a segment was dropped on this host
	ResetSent    MishapKind = 2 // a RST was sent
	ResetCame    MishapKind = 3 // a RST came and was believed
	SegmentAgain MishapKind = 4 // a segment was sent again
	SynAckAgain  MishapKind = 5 // the SYN-ACK of a half-open connection was sent again
	SocketError  MishapKind = 6 // a socket got an error: its next system call fails with it
)

// Way says where a segment was.
type Way uint8

// What is known of a segment's way, as in mishaps.bpf.c.
const (
	Outgoing Way = 1 // it was made here, else it came from an interface
	Routed   Way = 2 // its route was known
	Placed   Way = 4 // it had been given to an interface
	Ours     Way = 8 // its route ends on this host
)

// Mishap is one of them, as the kernel program saw it. Its layout in the ring
// buffer is struct mishap of mishaps.bpf.c.
type Mishap struct {
	Time     time.Duration // of CLOCK_MONOTONIC
	Sock     uint64        // kernel address, 0: no socket is known; never shown
	Cookie   uint64        // SO_COOKIE, 0: none was made
	Location uint64        // of a drop: address of the kernel's code; see Symbols

	Local, Remote netip.AddrPort // of what came from an interface Local is its destination, also where that is not ours

	NetNS  uint32
	Reason uint32 // of a drop or of a RST that was sent, as the running kernel numbers them; see Reasons
	Mark   uint32
	Device uint32 // interface that the segment came from, 0: it was made here
	Error  uint16 // sk_err, an errno
	Kind   MishapKind
	State  uint8 // Linux's number of the socket's state, 0: no socket is known
	Flags  uint8 // of the segment's header, or of the one that a RST answers; 0: not known
	Way    Way
	Length uint16 // octets of its text
}

// Offsets of the fields in the ring buffer: those that a filter reads are the
// same as in a transition. A test compares them with the object's description.
const (
	atMishapLocation = 24
	atMishapReason   = 84
	atMishapError    = 96
	atMishapKind     = 98
	atMishapState    = 99
	atMishapFlags    = 100
	atMishapWay      = 101
	atMishapLength   = 102
	sizeOfMishap     = 104
)

// Decode fills m from a record of the ring buffer.
func (m *Mishap) Decode(record []byte) error {
	if len(record) < sizeOfMishap {
		return fmt.Errorf("mishap record of %d octets, not %d: program and object do not belong together", len(record), sizeOfMishap)
	}
	b := record[:sizeOfMishap]
	m.Time = time.Duration(native.Uint64(b[atTime:]))
	m.Sock = native.Uint64(b[atSock:])
	m.Cookie = native.Uint64(b[atCookie:])
	m.Location = native.Uint64(b[atMishapLocation:])
	m.Local, m.Remote = tuple(b[atTuple:])
	m.NetNS = native.Uint32(b[atNetNS:])
	m.Reason = native.Uint32(b[atMishapReason:])
	m.Mark, m.Device = native.Uint32(b[atMark:]), native.Uint32(b[atDevice:])
	m.Error = native.Uint16(b[atMishapError:])
	m.Kind, m.State = MishapKind(b[atMishapKind]), b[atMishapState]
	m.Flags, m.Way = b[atMishapFlags], Way(b[atMishapWay])
	m.Length = native.Uint16(b[atMishapLength:])
	return nil
}

// MishapCount is how often the same thing went wrong.
type MishapCount struct {
	NetNS, Reason uint32
	Kind          MishapKind
	State, Flags  uint8 // Flags: SYN, ACK, FIN and RST only
	Way           Way
	Error         uint16
	Count         uint64
}

// Offsets of struct key.
const (
	atKeyNetNS  = 0
	atKeyReason = 4
	atKeyKind   = 8
	atKeyState  = 9
	atKeyFlags  = 10
	atKeyWay    = 11
	atKeyError  = 12
	sizeOfKey   = 16
)

func (c *MishapCount) decode(key []byte) {
	key = key[:sizeOfKey]
	c.NetNS, c.Reason = native.Uint32(key[atKeyNetNS:]), native.Uint32(key[atKeyReason:])
	c.Kind, c.State = MishapKind(key[atKeyKind]), key[atKeyState]
	c.Flags, c.Way = key[atKeyFlags], Way(key[atKeyWay])
	c.Error = native.Uint16(key[atKeyError:])
}

// Reasons names the reasons of drops and resets as one kernel spells them:
// their numbers move from release to release.
type Reasons struct {
	Drop, Reset map[uint32]string // without the prefix that all of them have
}

// NameOf returns the name of a mishap's reason, "" where its kind has none, and
// "reason N" where the kernel's types do not tell.
func (r *Reasons) NameOf(kind MishapKind, reason uint32) string {
	names := map[MishapKind]map[uint32]string{Drop: r.Drop, ResetSent: r.Reset}[kind]
	if names == nil {
		return ""
	}
	if name := names[reason]; name != "" {
		return name
	}
	return fmt.Sprintf("reason %d", reason)
}

// Prefixes of the enumerations' names.
const (
	dropPrefix  = "SKB_DROP_REASON_"
	resetPrefix = "SK_RST_REASON_"
)

// nameReason keeps the name of one value of an enumeration, but for those that
// only say how many there are.
func nameReason(names map[uint32]string, prefix, name string, value uint64) {
	name = strings.TrimPrefix(name, prefix)
	if name != "MAX" && name != "SUBSYS_MASK" {
		names[uint32(value)] = name
	}
}
