package diagnose

import "github.com/synoptic-net/synoptic/tcp"

// unnamedDrops counts SYNs and ACKs that listeners refused for no reason that
// has a counter of its own: the sum that tcp_conn_request and
// tcp_v4_syn_recv_sock make of ListenDrops, and what is left over.
func (x *index) unnamedDrops() int {
	return max(0, x.rose("TcpExtListenDrops")-x.rose("TcpExtListenOverflows", "TcpExtTCPReqQFullDrop", "IpOutNoRoutes", "Ip6OutNoRoutes"))
}

// unexplainedDrops: listeners refused what no cause accounts for.
func unexplainedDrops(x *index) []Finding {
	left := x.unnamedDrops()
	if left < someDrops || x.strangersTurnedAway() {
		return nil
	}
	f := Finding{
		Severity: Notice, Count: left,
		Summary:   Say("unexplained-drops", left, x.rose("TcpExtListenDrops")),
		RefutedBy: Say("unexplained-drops-refuted"),
		Fate:      Outlook{Text: Say("unexplained-drops-fate")},
		Evidence: []Evidence{
			x.counted("TcpExtListenDrops", "listen-drops"),
			{
				Source: counters, Fact: "ListenDrops-remainder", Value: float64(left), Unit: "in window",
				Text:    Say("drops-left-over", left, x.rose("TcpExtListenOverflows"), x.rose("TcpExtTCPReqQFullDrop"), x.rose("IpOutNoRoutes", "Ip6OutNoRoutes")),
				Recheck: "nstat -az TcpExtListenDrops TcpExtListenOverflows TcpExtTCPReqQFullDrop IpOutNoRoutes Ip6OutNoRoutes",
			},
		},
		Remedies: []Remedy{{ID: "watch-drop-reasons", Text: Say("remedy-drop-reasons"), Risk: Say("remedy-drop-reasons-risk")}},
	}
	if cookies, known := x.setting("net.ipv4.tcp_syncookies"); !known || cookies == 0 {
		f.Open = append(f.Open, Exclusion{"syn-queue-too-small", Say("queue-between-looks")})
	}
	x.refusingListener(&f)
	return []Finding{f}
}

// strangersTurnedAway: without cookies the last quarter of tcp_max_syn_backlog
// is kept for peers that are known, and a queue was seen at that limit.
func (x *index) strangersTurnedAway() bool {
	if x.refusedStrangers() == 0 {
		return false
	}
	halfOpen := map[*listener]int{} // explained or not
	for _, s := range x.byState[tcp.SynReceived] {
		if l := x.listenerOf(s.now.Local); l != nil {
			halfOpen[l]++
		}
	}
	for l, n := range halfOpen {
		if n+1 >= x.queueLimit(l) {
			return true
		}
	}
	return false
}
