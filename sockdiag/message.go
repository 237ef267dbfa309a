package sockdiag

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Families of a socket.
const (
	familyIPv4 = 2  // AF_INET
	familyIPv6 = 10 // AF_INET6
)

// Offsets in struct inet_diag_msg. Ports and addresses are in network byte
// order, other numbers in the byte order of the machine.
const (
	offFamily     = 0  // idiag_family
	offState      = 1  // idiag_state
	offTimer      = 2  // idiag_timer
	offRetrans    = 3  // idiag_retrans
	offSourcePort = 4  // id.idiag_sport
	offDestPort   = 6  // id.idiag_dport
	offSource     = 8  // id.idiag_src
	offDest       = 24 // id.idiag_dst
	offInterface  = 40 // id.idiag_if
	offCookie     = 44 // id.idiag_cookie
	offExpires    = 52 // idiag_expires
	offRecvQueue  = 56 // idiag_rqueue
	offSendQueue  = 60 // idiag_wqueue
	offUID        = 64 // idiag_uid
	offInode      = 68 // idiag_inode

	messageSize = 72 // sizeof(struct inet_diag_msg)
)

var native = binary.NativeEndian

// states maps idiag_state to a State; the index is the Linux number.
var states = func() (table [16]tcp.State) {
	for i := range table {
		table[i], _ = host.StateOfLinux(uint8(i))
	}
	return table
}()

func stateOf(number uint8) tcp.State {
	if int(number) < len(states) {
		return states[number]
	}
	return tcp.Unknown
}

// ParseMessage reads one struct inet_diag_msg with its attributes into s, and
// overwrites all of s. It allocates nothing unless it fails; the error is a
// *ParseError, and s then holds what was read before. Attributes may be shorter
// or longer than those of any one kernel.
//
// A half-open request becomes SYN-RECEIVED with Kind Request, a minisocket gets
// its substate and Kind TimeWaitKind, and a bound but inactive socket is CLOSED.
// IPv4-mapped IPv6 addresses become plain IPv4, the form that packets and
// routes use. The remote of a listener, or of any socket without a peer, is the
// zero AddrPort.
func ParseMessage(b []byte, s *host.Socket) error {
	*s = host.Socket{}
	if len(b) < messageSize {
		return &ParseError{Offset: len(b), What: "inet_diag_msg is cut short"}
	}
	if family := b[offFamily]; family != familyIPv4 && family != familyIPv6 {
		return &ParseError{Offset: offFamily, What: "neither IPv4 nor IPv6"}
	}
	if s.State = stateOf(b[offState]); s.State == tcp.Unknown {
		return &ParseError{Offset: offState, What: "unknown state number"}
	}
	parseEnds(b, s)
	parseBase(b, s)
	full, err := parseAttributes(b, s)
	s.Kind = kindOf(b, s, full)
	return err
}

func parseEnds(b []byte, s *host.Socket) {
	family := b[offFamily]
	s.Local = netip.AddrPortFrom(address(family, b[offSource:]), binary.BigEndian.Uint16(b[offSourcePort:]))
	remote := netip.AddrPortFrom(address(family, b[offDest:]), binary.BigEndian.Uint16(b[offDestPort:]))
	if remote.Port() != 0 || !remote.Addr().IsUnspecified() {
		s.Remote = remote
	}
}

func address(family uint8, b []byte) netip.Addr {
	if family == familyIPv4 {
		return netip.AddrFrom4([4]byte(b))
	}
	return netip.AddrFrom16([16]byte(b)).Unmap()
}

func parseBase(b []byte, s *host.Socket) {
	s.Interface = native.Uint32(b[offInterface:])
	s.Cookie = cookie(native.Uint32(b[offCookie:]), native.Uint32(b[offCookie+4:]))
	s.Timer = host.Timer(b[offTimer])
	s.Expires = expires(native.Uint32(b[offExpires:]))
	s.Retransmits = b[offRetrans]
	s.RecvQueue = native.Uint32(b[offRecvQueue:])
	s.SendQueue = native.Uint32(b[offSendQueue:])
	s.UID = native.Uint32(b[offUID:])
	s.Inode = native.Uint32(b[offInode:])
}

// cookie joins the two halves; INET_DIAG_NOCOOKIE, all ones, means none.
func cookie(low, high uint32) uint64 {
	whole := uint64(high)<<32 | uint64(low)
	if whole == ^uint64(0) {
		return 0
	}
	return whole
}

// expires reads idiag_expires, in milliseconds. Old kernels wrote a negative
// number for a timer that is already due.
func expires(ms uint32) time.Duration {
	return time.Duration(max(int32(ms), 0)) * time.Millisecond
}

// kindOf tells the three kernel objects apart, which share idiag_state. Only a
// minisocket runs the time-wait timer (inet_twsk_diag_fill). A request is
// written without inode and without the attributes that every full socket gets
// (inet_req_diag_fill); a full SYN-RECEIVED socket is a fast open or a
// simultaneous open.
func kindOf(b []byte, s *host.Socket, full bool) host.Kind {
	switch _, hint := host.StateOfLinux(b[offState]); {
	case hint != host.Full:
		return hint
	case s.Timer == host.TimerTimeWait:
		return host.TimeWaitKind
	case s.State == tcp.SynReceived && s.Inode == 0 && !full:
		return host.Request
	}
	return host.Full
}
