package bpf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// Transition is one change of a full socket's state, as the kernel program saw
// it. Its layout in the ring buffer is struct transition of transitions.bpf.c.
type Transition struct {
	Time   time.Duration // of CLOCK_MONOTONIC
	Sock   uint64        // kernel address: identity until the socket is freed; never shown
	Cookie uint64        // SO_COOKIE
	Dwell  time.Duration // in the state that was left, 0: not known
	Inode  uint64        // as /proc and sock_diag know the socket, 0: no descriptor holds it

	Local, Remote netip.AddrPort // IPv4-mapped addresses as IPv4

	NetNS  uint32 // inode of the network namespace
	PID    uint32 // of the process whose system call it is, 0: nobody's
	Mark   uint32 // SO_MARK
	Device uint32 // bound interface, 0: any
	Error  uint16 // sk_err, an errno
	From   uint8  // Linux's number of the state
	To     uint8  // where a minisocket takes over: what that is in, and so FIN_WAIT2 after FIN_WAIT2
	Orphan bool   // no descriptor holds it any more
	Reset  bool   // a RST came
	Name   string // of PID, "" for nobody's
}

// Offsets of the fields in the ring buffer. A test compares them with the
// object's own description.
const (
	atTime       = 0
	atSock       = 8
	atCookie     = 16
	atDwell      = 24
	atInode      = 32
	atTuple      = 40
	atNetNS      = 80
	atPID        = 84
	atMark       = 88
	atDevice     = 92
	atError      = 96
	atFrom       = 98
	atTo         = 99
	atOrphan     = 100
	atReset      = 101
	atName       = 102
	atEnd        = 118
	sizeOfRecord = 120

	// Those of struct tuple, which begins at atTuple.
	atLocal      = atTuple
	atRemote     = atTuple + 16
	atLocalPort  = atTuple + 32
	atRemotePort = atTuple + 34
	atFamily     = atTuple + 36
	sizeOfTuple  = 40
)

const (
	familyIPv4 = 2  // AF_INET
	familyIPv6 = 10 // AF_INET6
)

var native = binary.NativeEndian

// Decode fills t from a record of the ring buffer. Names of processes are
// interned in names, which may be nil.
func (t *Transition) Decode(record []byte, names map[string]string) error {
	if len(record) < sizeOfRecord {
		return fmt.Errorf("transition record of %d octets, not %d: program and object do not belong together", len(record), sizeOfRecord)
	}
	b := record[:sizeOfRecord]
	t.Time = time.Duration(native.Uint64(b[atTime:]))
	t.Sock = native.Uint64(b[atSock:])
	t.Cookie = native.Uint64(b[atCookie:])
	t.Dwell = time.Duration(native.Uint64(b[atDwell:]))
	t.Inode = native.Uint64(b[atInode:])
	t.Local, t.Remote = tuple(b[atTuple:])
	t.NetNS = native.Uint32(b[atNetNS:])
	t.PID = native.Uint32(b[atPID:])
	t.Mark = native.Uint32(b[atMark:])
	t.Device = native.Uint32(b[atDevice:])
	t.Error = native.Uint16(b[atError:])
	t.From, t.To = b[atFrom], b[atTo]
	t.Orphan, t.Reset = b[atOrphan] != 0, b[atReset] != 0
	t.Name = ""
	if t.PID != 0 {
		t.Name = intern(b[atName:atEnd], names)
	}
	return nil
}

// tuple reads struct tuple.
func tuple(b []byte) (local, remote netip.AddrPort) {
	b = b[:sizeOfTuple]
	family := native.Uint16(b[atFamily-atTuple:])
	return netip.AddrPortFrom(address(family, b), native.Uint16(b[atLocalPort-atTuple:])),
		netip.AddrPortFrom(address(family, b[atRemote-atTuple:]), native.Uint16(b[atRemotePort-atTuple:]))
}

// address reads an address of the given family, the first octets of b.
func address(family uint16, b []byte) netip.Addr {
	if family == familyIPv6 {
		return netip.AddrFrom16([16]byte(b))
	}
	return netip.AddrFrom4([4]byte(b))
}

// mostNames bounds what a trace of weeks remembers.
const mostNames = 1 << 14

// intern returns the text up to the first zero, one string for equal ones.
func intern(b []byte, names map[string]string) string {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if known, ok := names[string(b)]; ok {
		return known
	}
	text := string(b)
	if names != nil {
		if len(names) >= mostNames {
			clear(names)
		}
		names[text] = text
	}
	return text
}
