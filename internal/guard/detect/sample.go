package detect

import (
	"net/netip"
	"time"
)

// Counts are counters of the kernel, of one network namespace, since it began.
// Their names for nstat stand behind them.
type Counts struct {
	FullCookies uint64 // SYNs that met a full queue, and got a cookie: TcpExtTCPReqQFullDoCookies
	FullDrops   uint64 // the same, and got nothing: TcpExtTCPReqQFullDrop
	CookiesSent uint64 // TcpExtSyncookiesSent
	CookiesBack uint64 // TcpExtSyncookiesRecv
	Overflows   uint64 // what met a full accept queue: TcpExtListenOverflows
	Opened      uint64 // connections that were begun from outside: TcpPassiveOpens
}

// Tally is what the guard counted of one listener. It counts segments.
type Tally struct {
	SYNs        uint64 // answered, or in shadow would be
	Accepted    uint64 // ACKs of our cookies that became connections
	Passed      uint64 // SYNs left to the kernel
	BadChecksum uint64 // SYNs dropped for it
	Refused     uint64 // ACKs of our cookies that the kernel refused
	Forged      uint64 // ACKs dropped: of no connection here, and without a right cookie
}

// Queue is one listener, as a look found it.
type Queue struct {
	Half     int // half-open connections of the listener, to all of its addresses
	Here     int // of these, to the address that is meant
	Limit    int // how many the program asked for, of either queue
	Waiting  int // connections that the program did not accept yet
	Sources  int // addresses from which the half-open ones came
	Networks int // the same by network: /24, /48
}

// stalled tells that the accept queue is full, as the kernel judges it.
func (q *Queue) stalled() bool { return q.Waiting > q.Limit }

// crowded tells that the queue of half-open connections is at least half full:
// from there on the kernel thins it.
func (q *Queue) crowded() bool { return q.Here > 0 && 2*q.Half >= q.Limit }

// Look is what the listeners were like at a moment.
type Look struct {
	Queues map[netip.AddrPort]Queue // of those that may be armed, by address and port
	Always bool                     // net.ipv4.tcp_syncookies is 2: each SYN gets a cookie, and "full" says nothing
}

// Sample is what was seen at one moment.
type Sample struct {
	At      time.Duration
	Kernel  Counts
	Tallies map[netip.AddrPort]Tally // of listeners that are shadowed or armed
	Look    *Look                    // nil: nobody looked
}
