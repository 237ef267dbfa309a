package sockdiag

import (
	"math"
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// structure reads fields of a kernel structure that grew over the years: a
// field behind its end is zero.
type structure []byte

func (b structure) has(at, size int) bool { return len(b) >= at+size }

func (b structure) u8(at int) uint8 {
	if !b.has(at, 1) {
		return 0
	}
	return b[at]
}

func (b structure) u32(at int) uint32 {
	if !b.has(at, 4) {
		return 0
	}
	return native.Uint32(b[at:])
}

func (b structure) u64(at int) uint64 {
	if !b.has(at, 8) {
		return 0
	}
	return native.Uint64(b[at:])
}

func (b structure) ms(at int) time.Duration {
	return time.Duration(b.u32(at)) * time.Millisecond
}

func (b structure) us(at int) time.Duration {
	return time.Duration(b.u32(at)) * time.Microsecond
}

// us64 keeps the product inside a Duration whatever the kernel wrote.
func (b structure) us64(at int) time.Duration {
	const longest = math.MaxInt64 / uint64(time.Microsecond)
	return time.Duration(min(b.u64(at), longest)) * time.Microsecond
}

const offSendWindow = 228 // tcpi_snd_wnd, since Linux 5.4

// parseInfo reads struct tcp_info of any length.
func parseInfo(value []byte, info *host.Info) {
	b := structure(value)
	parseInfoTimes(b, info)
	parseInfoCounts(b, info)
	info.Retransmits = b.u8(2)     // tcpi_retransmits
	info.Probes = b.u8(3)          // tcpi_probes
	info.Backoff = b.u8(4)         // tcpi_backoff
	info.Options = b.u8(5)         // tcpi_options
	info.SendMSS = b.u32(16)       // tcpi_snd_mss
	info.RecvMSS = b.u32(20)       // tcpi_rcv_mss
	info.PMTU = b.u32(60)          // tcpi_pmtu
	info.CongestionWin = b.u32(80) // tcpi_snd_cwnd
	info.DeliveryRate = b.u64(160) // tcpi_delivery_rate
	info.SendWindow = b.u32(offSendWindow)
	info.HasSendWindow = b.has(offSendWindow, 4)
}

func parseInfoTimes(b structure, info *host.Info) {
	info.RTO = b.us(8)                // tcpi_rto
	info.LastDataSent = b.ms(44)      // tcpi_last_data_sent
	info.LastDataRecv = b.ms(52)      // tcpi_last_data_recv
	info.LastAckRecv = b.ms(56)       // tcpi_last_ack_recv
	info.RTT = b.us(68)               // tcpi_rtt
	info.RTTVariance = b.us(72)       // tcpi_rttvar
	info.BusyTime = b.us64(168)       // tcpi_busy_time
	info.WindowLimited = b.us64(176)  // tcpi_rwnd_limited
	info.BufferLimited = b.us64(184)  // tcpi_sndbuf_limited
	if b.u32(148) != math.MaxUint32 { // tcpi_min_rtt, all ones before the first sample
		info.MinRTT = b.us(148)
	}
}

func parseInfoCounts(b structure, info *host.Info) {
	info.Unacked = b.u32(24)        // tcpi_unacked
	info.Sacked = b.u32(28)         // tcpi_sacked
	info.TotalRetrans = b.u32(100)  // tcpi_total_retrans
	info.BytesAcked = b.u64(120)    // tcpi_bytes_acked
	info.BytesReceived = b.u64(128) // tcpi_bytes_received
	info.SegmentsOut = b.u32(136)   // tcpi_segs_out
	info.SegmentsIn = b.u32(140)    // tcpi_segs_in
	info.NotSent = b.u32(144)       // tcpi_notsent_bytes
	info.BytesSent = b.u64(200)     // tcpi_bytes_sent
}

// parseMemory reads the SK_MEMINFO array of any length.
func parseMemory(value []byte, m *host.Memory) {
	b := structure(value)
	m.RecvAlloc = b.u32(0)   // SK_MEMINFO_RMEM_ALLOC
	m.RecvBuffer = b.u32(4)  // SK_MEMINFO_RCVBUF
	m.SendAlloc = b.u32(8)   // SK_MEMINFO_WMEM_ALLOC
	m.SendBuffer = b.u32(12) // SK_MEMINFO_SNDBUF
	m.Forward = b.u32(16)    // SK_MEMINFO_FWD_ALLOC
	m.SendQueued = b.u32(20) // SK_MEMINFO_WMEM_QUEUED
	m.Options = b.u32(24)    // SK_MEMINFO_OPTMEM
	m.Backlog = b.u32(28)    // SK_MEMINFO_BACKLOG
	m.Drops = b.u32(32)      // SK_MEMINFO_DROPS
}
