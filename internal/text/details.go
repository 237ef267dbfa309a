package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// Info shows tcp_info in a line, by the kernel's names. What is zero is left
// out.
func Info(s *host.Socket) string {
	i := &s.Info
	var l detailLine
	l.span("rto", i.RTO)
	if i.RTT > 0 {
		l.add("rtt:%s/%s", short(i.RTT), short(i.RTTVariance))
	}
	l.number("mss", uint64(i.SendMSS))
	l.number("pmtu", uint64(i.PMTU))
	l.number("cwnd", uint64(i.CongestionWin))
	l.number("bytes_acked", i.BytesAcked)
	l.number("bytes_received", i.BytesReceived)
	l.number("segs_out", uint64(i.SegmentsOut))
	l.number("segs_in", uint64(i.SegmentsIn))
	l.span("lastsnd", i.LastDataSent)
	l.span("lastrcv", i.LastDataRecv)
	l.span("lastack", i.LastAckRecv)
	l.number("unacked", uint64(i.Unacked))
	l.number("backoff", uint64(i.Backoff))
	if i.TotalRetrans > 0 {
		l.add("retrans:%d/%d", i.Retransmits, i.TotalRetrans)
	}
	if i.HasSendWindow {
		l.add("snd_wnd:%d", i.SendWindow) // zero says the most
	}
	l.number("notsent", uint64(i.NotSent))
	l.span("rwnd_limited", i.WindowLimited)
	l.span("sndbuf_limited", i.BufferLimited)
	return strings.Join(l, " ")
}

// MemoryLine is a line about the memory of a socket, said once for all of them.
type MemoryLine string

// NewMemoryLine says the words in the language of a style.
func NewMemoryLine(style Style) MemoryLine {
	return MemoryLine(style.say("socket-memory", "%[1]d", "%[2]d", "%[3]d", "%[4]d", "%[5]d", "%[6]d", "%[7]d", "%[8]d", "%[9]d"))
}

// Of shows struct sk_meminfo, in bytes but for drops.
func (l MemoryLine) Of(s *host.Socket) string {
	m := &s.Memory
	return fmt.Sprintf(string(l), m.RecvAlloc, m.RecvBuffer, m.SendAlloc, m.SendBuffer, m.Forward, m.SendQueued, m.Options, m.Backlog, m.Drops)
}

type detailLine []string

func (l *detailLine) add(format string, args ...any) { *l = append(*l, fmt.Sprintf(format, args...)) }

func (l *detailLine) number(name string, n uint64) {
	if n > 0 {
		l.add("%s:%d", name, n)
	}
}

func (l *detailLine) span(name string, d time.Duration) {
	if d > 0 {
		l.add("%s:%s", name, short(d))
	}
}
