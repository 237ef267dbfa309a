package bpf

import (
	"net/netip"
	"time"
)

// Minisocket is a half-open request or a time-wait minisocket, as the iterator
// over TCP sockets shows it, or a socket in SYN-SENT.
type Minisocket struct {
	Cookie        uint64        // 0: none was made yet
	Since         time.Duration // request: CLOCK_MONOTONIC of the first SYN-ACK, 0: not known
	Local, Remote netip.AddrPort
	Mark, Device  uint32
	NetNS         uint32
	State         uint8 // Linux's number: NEW_SYN_RECV, TIME_WAIT, FIN_WAIT2 or SYN_SENT
}

// Offsets of struct minisocket.
const (
	atMiniCookie     = 0
	atMiniSince      = 8
	atMiniTuple      = 16
	atMiniMark       = 56
	atMiniDevice     = 60
	atMiniNetNS      = 64
	atMiniState      = 68
	sizeOfMinisocket = 72
)

func (m *Minisocket) decode(b []byte) {
	b = b[:sizeOfMinisocket]
	m.Cookie = native.Uint64(b[atMiniCookie:])
	m.Since = time.Duration(native.Uint64(b[atMiniSince:]))
	m.Local, m.Remote = tuple(b[atMiniTuple:])
	m.Mark, m.Device = native.Uint32(b[atMiniMark:]), native.Uint32(b[atMiniDevice:])
	m.NetNS = native.Uint32(b[atMiniNetNS:])
	m.State = b[atMiniState]
}
