package bpf

import (
	"net/netip"
	"unsafe"
)

// Socket is a TCP socket as the iterator over them shows it: struct
// socket_record of sockets.bpf.c, octet by octet, which a test compares with
// the object's own description. Times are ticks of the kernel's clock.
type Socket struct {
	Cookie uint64 // SO_COOKIE
	Cgroup uint64 // id of the cgroup, 0: not known

	local, remote         [16]byte
	LocalPort, RemotePort uint16
	family, _             uint16

	Expires   int32 // until the timer fires
	Inode     uint32
	UID       uint32
	Device    uint32 // bound interface, 0: any
	Mark      uint32
	RecvQueue uint32 // octets; of a listener the connections that wait for accept()
	SendQueue uint32 // octets; of a listener the most that may wait

	State       uint8 // Linux's number, as sock_diag gives it: a request is SYN_RECV, a minisocket has its substate
	Kind        SocketKind
	Timer       uint8 // idiag_timer
	Retransmits uint8
	Shutdown    uint8
	V6Only      uint8 // 0 or 1

	Timeouts    uint8    // request: how often its timer expired
	Acked       uint8    // request: 1 when an ACK came that could not be taken yet
	CookieSent  uint8    // request: 1 when its SYN,ACK carries a cookie
	DeferAccept uint8    // listener: expiries for which a connection without text waits, 0: none
	_           [2]uint8 // keeps to words

	SynQueue    uint32 // listener: half-open connections
	Young       uint32 // listener: those of them that no timer has expired for
	UserTimeout uint32 // ms, 0: none
	_           uint32
}

// SocketKind says which kernel object stands for a connection.
type SocketKind uint8

// The kinds.
const (
	FullSocket SocketKind = iota
	RequestSocket
	TimeWaitSocket
)

// Details are what tcp_info and sk_meminfo tell of a full socket: struct details
// of sockets.bpf.c. Times are ticks but for RTT, RTTVariance and MinRTT, which
// are microseconds.
type Details struct {
	BytesAcked, BytesReceived, BytesSent uint64
	DeliveryRate                         uint64 // octets a second

	Busy, WindowLimited, BufferLimited                   uint32
	RTO, LastDataSent, LastDataReceived, LastACKReceived uint32
	RTT, RTTVariance, MinRTT                             uint32
	SendMSS, ReceiveMSS, PathMTU                         uint32

	Unacked, Sacked, TotalRetransmits, CongestionWindow, NotSent, SendWindow uint32
	SegmentsIn, SegmentsOut                                                  uint32

	ReceiveAllocated, ReceiveBuffer, SendAllocated, SendBuffer, Forward, SendQueued, OptionMemory, Backlog uint32
	Drops                                                                                                  uint32 // listener: SYNs and ACKs that it refused

	Retransmits, Probes, Backoff, Options uint8
	_                                     uint32
}

const (
	sizeOfSocket   = int(unsafe.Sizeof(Socket{}))
	sizeOfDetailed = sizeOfSocket + int(unsafe.Sizeof(Details{}))
)

// Only the padding at the end of a structure can differ between machines: none has
// any.
var (
	_ [0]struct{} = [sizeOfSocket % 8]struct{}{}
	_ [0]struct{} = [sizeOfDetailed % 8]struct{}{}
)

// Local is the address and port of this end; IPv4-mapped addresses are IPv4.
func (s *Socket) Local() netip.AddrPort {
	return netip.AddrPortFrom(address(s.family, s.local[:]), s.LocalPort)
}

// Remote is the address and port of the peer, unspecified and 0 on a listener.
func (s *Socket) Remote() netip.AddrPort {
	return netip.AddrPortFrom(address(s.family, s.remote[:]), s.RemotePort)
}

// socketIn returns the record itself, which must have sizeOfSocket octets and be
// aligned as it is in an iterator's buffer.
func socketIn(record []byte) *Socket {
	return (*Socket)(unsafe.Pointer(unsafe.SliceData(record[:sizeOfSocket])))
}

// detailsIn returns the details behind the record, nil where there are none.
func detailsIn(record []byte) *Details {
	if len(record) < sizeOfDetailed {
		return nil
	}
	return (*Details)(unsafe.Pointer(&record[sizeOfSocket]))
}
