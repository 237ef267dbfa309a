package host

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Kind says which kernel object stands for the connection. The state word
// alone hides it, and it decides what can be known.
type Kind uint8

// The kinds.
const (
	Full         Kind = iota // struct sock: every field can be known
	Request                  // struct request_sock: half-open on a listener; no inode, owner or uid
	TimeWaitKind             // struct inet_timewait_sock: TIME-WAIT, or FIN-WAIT-2 of an orphan; no inode or owner
)

// Timer names the timer that runs for a socket (idiag_timer).
type Timer uint8

// The timers of sock_diag.
const (
	TimerOff        Timer = iota // none runs
	TimerRetransmit              // retransmission timeout, also SYN and SYN-ACK
	TimerKeepalive               // keepalive, also the long FIN-WAIT-2 wait of a full socket
	TimerTimeWait                // time-wait minisocket
	TimerProbe                   // zero-window probe
	TimerDelayedAck              // delayed acknowledgement
)

// Shutdown is the mask of directions that were shut down (sk_shutdown).
type Shutdown uint8

// The directions of a Shutdown mask.
const (
	ShutdownReceive Shutdown = 1 << iota // RCV_SHUTDOWN: the peer's FIN came, or shutdown(SHUT_RD)
	ShutdownSend                         // SEND_SHUTDOWN: shutdown(SHUT_WR) or close()
)

// Socket is one TCP socket as the kernel described it. Fields that the kernel
// does not give for its Kind are zero. The small ones stand together: there may be
// a million sockets.
type Socket struct {
	State       tcp.State `json:"state"`
	Kind        Kind      `json:"kind,omitzero"`
	Timer       Timer     `json:"timer,omitempty"`
	Retransmits uint8     `json:"retransmits,omitempty"` // unanswered so far; SYN-ACKs sent again on a request; probes with TimerKeepalive and TimerProbe
	Shutdown    Shutdown  `json:"shutdown,omitempty"`
	HasShutdown bool      `json:"has_shutdown,omitempty"` // the kernel told the mask
	V6Only      bool      `json:"v6_only,omitempty"`
	HasInfo     bool      `json:"has_info,omitempty"`

	Local  netip.AddrPort `json:"local"`
	Remote netip.AddrPort `json:"remote,omitzero"` // zero address and port 0 on a listener

	Interface uint32 `json:"interface,omitempty"` // bound interface index, 0 when any
	Mark      uint32 `json:"mark,omitempty"`
	Cookie    uint64 `json:"cookie,omitempty"` // stable identity; 0 when the kernel has not made one yet
	Cgroup    uint64 `json:"cgroup,omitempty"` // cgroup v2 id, 0 when unknown
	Inode     uint32 `json:"inode,omitempty"`  // 0: never accepted, orphan, request or minisocket
	UID       uint32 `json:"uid,omitempty"`

	// RecvQueue and SendQueue are bytes, except on a listener: connections
	// waiting for accept(), and the most that may wait.
	RecvQueue uint32 `json:"recv_queue,omitempty"`
	SendQueue uint32 `json:"send_queue,omitempty"`

	Expires time.Duration `json:"expires,omitempty"` // until the timer fires

	Info      Info   `json:"info,omitzero"`   // valid when HasInfo
	Memory    Memory `json:"memory,omitzero"` // valid when HasMemory
	HasMemory bool   `json:"has_memory,omitempty"`

	Inner *Inner `json:"inner,omitempty"` // nil when nobody asked, or there is nothing to tell
}

// Inner is what stands in the kernel's own structures and sock_diag does not
// tell; an iterator reads it. Requests and listeners always have it then, other
// sockets only where it is not all zero.
type Inner struct {
	// Of a request. The SYN,ACK is sent again when the timer expires and when the
	// client sends its SYN again, so Retransmits beyond Timeouts are answers to a
	// client that lives.
	Timeouts uint8 `json:"timeouts,omitempty"` // num_timeout
	Acked    bool  `json:"acked,omitempty"`    // the last ACK came and could not be taken: the program defers, or the accept queue is full
	Cookie   bool  `json:"cookie,omitempty"`   // syncookie: its SYN,ACK carries one

	// Of a listener.
	SynQueue    uint32 `json:"syn_queue,omitempty"`    // icsk_accept_queue.qlen: half-open connections
	Young       uint32 `json:"young,omitempty"`        // icsk_accept_queue.young: those whose timer has not expired yet
	DeferAccept uint8  `json:"defer_accept,omitempty"` // rskq_defer_accept: expiries for which it waits for text, 0 when it does not

	UserTimeout time.Duration `json:"user_timeout,omitempty"` // icsk_user_timeout (TCP_USER_TIMEOUT), 0 when none
}

// Info is the part of struct tcp_info that explains a state. Lengths are
// bytes, counts are segments, times since the named event.
type Info struct {
	RTO           time.Duration `json:"rto,omitempty"`            // tcpi_rto
	RTT           time.Duration `json:"rtt,omitempty"`            // tcpi_rtt
	RTTVariance   time.Duration `json:"rttvar,omitempty"`         // tcpi_rttvar
	MinRTT        time.Duration `json:"min_rtt,omitempty"`        // tcpi_min_rtt
	LastDataSent  time.Duration `json:"last_data_sent,omitempty"` // tcpi_last_data_sent
	LastDataRecv  time.Duration `json:"last_data_recv,omitempty"` // tcpi_last_data_recv
	LastAckRecv   time.Duration `json:"last_ack_recv,omitempty"`  // tcpi_last_ack_recv
	Retransmits   uint8         `json:"retransmits,omitempty"`    // tcpi_retransmits: unanswered now
	Probes        uint8         `json:"probes,omitempty"`         // tcpi_probes
	Backoff       uint8         `json:"backoff,omitempty"`        // tcpi_backoff
	Options       uint8         `json:"options,omitempty"`        // tcpi_options: 1 timestamps, 2 SACK, 4 window scale, 8 ECN
	SendMSS       uint32        `json:"snd_mss,omitempty"`        // tcpi_snd_mss
	RecvMSS       uint32        `json:"rcv_mss,omitempty"`        // tcpi_rcv_mss
	PMTU          uint32        `json:"pmtu,omitempty"`           // tcpi_pmtu
	Unacked       uint32        `json:"unacked,omitempty"`        // tcpi_unacked; listener: accept queue length
	Sacked        uint32        `json:"sacked,omitempty"`         // tcpi_sacked; listener: accept queue limit
	TotalRetrans  uint32        `json:"total_retrans,omitempty"`  // tcpi_total_retrans, over the connection's life
	CongestionWin uint32        `json:"snd_cwnd,omitempty"`       // tcpi_snd_cwnd, segments
	NotSent       uint32        `json:"notsent,omitempty"`        // tcpi_notsent_bytes
	SendWindow    uint32        `json:"snd_wnd,omitempty"`        // tcpi_snd_wnd (since 5.4)
	HasSendWindow bool          `json:"has_snd_wnd,omitempty"`    // the kernel is new enough to tell SendWindow
	BytesAcked    uint64        `json:"bytes_acked,omitempty"`    // tcpi_bytes_acked
	BytesReceived uint64        `json:"bytes_received,omitempty"` // tcpi_bytes_received
	BytesSent     uint64        `json:"bytes_sent,omitempty"`     // tcpi_bytes_sent
	SegmentsIn    uint32        `json:"segs_in,omitempty"`        // tcpi_segs_in
	SegmentsOut   uint32        `json:"segs_out,omitempty"`       // tcpi_segs_out
	BusyTime      time.Duration `json:"busy_time,omitempty"`      // tcpi_busy_time
	WindowLimited time.Duration `json:"rwnd_limited,omitempty"`   // tcpi_rwnd_limited
	BufferLimited time.Duration `json:"sndbuf_limited,omitempty"` // tcpi_sndbuf_limited
	DeliveryRate  uint64        `json:"delivery_rate,omitempty"`  // tcpi_delivery_rate, bytes a second
}

// Memory is struct sk_meminfo (INET_DIAG_SKMEMINFO), in bytes but for Drops.
type Memory struct {
	RecvAlloc  uint32 `json:"rmem_alloc,omitempty"`
	RecvBuffer uint32 `json:"rcvbuf,omitempty"`
	SendAlloc  uint32 `json:"wmem_alloc,omitempty"`
	SendBuffer uint32 `json:"sndbuf,omitempty"`
	Forward    uint32 `json:"fwd_alloc,omitempty"`
	SendQueued uint32 `json:"wmem_queued,omitempty"`
	Options    uint32 `json:"optmem,omitempty"`
	Backlog    uint32 `json:"backlog,omitempty"`
	Drops      uint32 `json:"drops,omitempty"` // sk_drops; on a listener the SYNs and ACKs it refused
}

// Snapshot is one dump of the kernel's sockets.
type Snapshot struct {
	Time        time.Time    `json:"time"`
	States      tcp.StateSet `json:"states"`                // which states were asked for
	Interrupted bool         `json:"interrupted,omitempty"` // the table changed during the dump: sockets may be missing or doubled
	Sockets     []Socket     `json:"sockets"`
}

// Count counts the sockets of the snapshot by state.
func (s *Snapshot) Count() tcp.Counts {
	var counts tcp.Counts
	for i := range s.Sockets {
		counts[s.Sockets[i].State]++
	}
	return counts
}
