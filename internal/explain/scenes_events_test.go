package explain

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// tells has the kernel tell of n mishaps of each socket that is no listener, or
// of one that has no socket.
func (l *look) tells(m host.Mishap, n uint64) {
	if l.b.Events == nil {
		l.b.Sources = append(l.b.Sources, evidence.Source{Name: evidence.SourceEvents, OK: true})
		l.b.Events = &evidence.Events{}
	}
	e := l.b.Events
	for _, s := range l.last {
		if s.State != tcp.Listen {
			e.Places = append(e.Places, host.MishapAt{Mishap: m, Local: s.Local, Remote: s.Remote, Count: n})
		}
	}
	if len(e.Places) == 0 {
		e.Places = []host.MishapAt{{Mishap: m, Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.MustParseAddrPort("198.51.100.7:40000"), Count: n}}
	}
	e.Mishaps = append(e.Mishaps, host.MishapCount{Mishap: m, Count: n * uint64(max(1, len(l.last)))})
}

func byRule(segment string, hook host.Hook) host.Mishap {
	return host.Mishap{Kind: host.Dropped, Reason: host.DropNetfilter, Segment: segment, Hook: hook, Outgoing: hook == host.Output}
}

func dropped(reason, segment string) host.Mishap {
	return host.Mishap{Kind: host.Dropped, Reason: reason, Segment: segment}
}

// eventScenes say the sentences of what the kernel told.
var eventScenes = []func(*look){
	func(l *look) {
		l.quiet(8)
		l.first = l.first[:1]
		l.tells(byRule("SYN,ACK", host.Output), 3)
	},
	func(l *look) {
		l.quiet(8)
		l.first = l.first[:1]
		l.tells(host.Mishap{Kind: host.Dropped, Reason: host.DropTrafficControl, Segment: "SYN,ACK", Outgoing: true}, 1)
	},
	func(l *look) { l.quiet(8); l.tells(byRule("ACK", host.Input), 2) },
	func(l *look) {
		l.dead()
		l.tells(host.Mishap{Kind: host.Dropped, Reason: host.DropReversePath, Segment: "SYN,ACK", Function: "ip_rcv_finish_core"}, 4)
	},
	func(l *look) { l.silent(10); l.tells(byRule("ACK", host.Input), 3) },
	func(l *look) {
		l.silent(10)
		l.tells(host.Mishap{Kind: host.SegmentResent, State: tcp.Established, Outgoing: true}, 3)
		l.tells(host.Mishap{Kind: host.SocketError, Reason: "ETIMEDOUT", State: tcp.Established}, 1)
	},
	func(l *look) { l.fins(tcp.LastAck, "198.51.100.7:443", 1); l.tells(byRule("FIN,ACK", host.Output), 3) },
	func(l *look) { l.stalled(); l.tells(dropped(host.DropListenOverflow, "ACK"), 3) },
	func(l *look) { l.rises("arp_cache.table_fulls", 9); l.tells(dropped(host.DropNeighbourNone, "SYN"), 3) },
	func(l *look) {
		l.listen(128, 0, 0)
		l.set("net.ipv4.conf.all.rp_filter", "0", "net.ipv4.conf.eth0.rp_filter", "1")
		l.rises("TcpExtIPReversePathFilter", 24)
		l.tells(dropped(host.DropReversePath, "SYN"), 24)
	},
	func(l *look) {
		l.rises("TcpOutRsts", 90)
		l.tells(host.Mishap{Kind: host.ResetSent, Reason: "NO_SOCKET", Segment: "SYN"}, 90)
	},
	func(l *look) {
		l.rises("TcpEstabResets", 90)
		l.rises("TcpPassiveOpens", 90)
		l.rises("TcpExtTCPAbortOnClose", 90)
		l.tells(host.Mishap{Kind: host.ResetSent, Reason: "TCP_ABORT_ON_CLOSE", State: tcp.CloseWait, Outgoing: true}, 90)
	},
	func(l *look) {
		l.clash(6)
		l.tells(host.Mishap{Kind: host.ResetReceived, State: tcp.CloseWait}, 1)
	},
}
