package explain

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// set gives the host settings, as names and values in turn.
func (l *look) set(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		l.b.Settings[pairs[i]] = pairs[i+1]
	}
}

func (l *look) strict() {
	l.listen(128, 0, 0)
	l.set("net.ipv4.conf.all.rp_filter", "0", "net.ipv4.conf.eth0.rp_filter", "1", "net.ipv4.conf.eth1.rp_filter", "0")
	l.rises("TcpExtIPReversePathFilter", 30)
	l.gateway("eth1")
}

func (l *look) publishes(target string) {
	l.b.Published = append(l.b.Published, host.Published{
		Rule: "ip nat DOCKER handle 7", First: 6379, Last: 6379, Target: netip.MustParseAddrPort(target), Counts: true, Packets: 2,
	})
}

// container is a host of its own with the address 172.17.0.2.
func (l *look) container() {
	l.b.Host.NetNS = "4026532000"
	l.b.Routes = []host.Route{{Destination: netip.MustParsePrefix("172.17.0.2/32"), Type: "local", Interface: "eth0"}}
	l.add(1, tcp.Listen, "0.0.0.0:6379", "0.0.0.0:0", owned, nil)
}

// cutOff is a host that gets no answer from another one.
func (l *look) cutOff(here, there string) {
	for port := range 3 {
		l.add(1, tcp.Established, fmt.Sprintf("%s:%d", here, 40001+port), fmt.Sprintf("%s:%d", there, 40001+port), owned,
			func(s *host.Socket) { resent(host.TimerRetransmit)(s); s.SendQueue = 10 })
	}
	l.b.Host.NetNS = here
}

func (l *look) gateway(name string) {
	l.b.Routes = append(l.b.Routes, host.Route{Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.0.2.254"), Interface: name})
}

func (l *look) tracks(entries string) {
	l.set("net.netfilter.nf_conntrack_count", entries, "net.netfilter.nf_conntrack_max", "1000", "net.netfilter.nf_conntrack_tcp_timeout_established", "432000")
}

func (l *look) resets() {
	l.rises("TcpEstabResets", 90)
	l.rises("TcpPassiveOpens", 100)
	l.rises("TcpOutRsts", 95)
}

func (l *look) unrouted() {
	l.listen(128, 0, 0)
	l.rises("TcpExtListenDrops", 20)
	l.rises("IpOutNoRoutes", 20)
	l.first[0].HasMemory, l.last[0].HasMemory, l.last[0].Memory.Drops = true, true, 20
}

// growing adds a leak that is so old and grows, in a program that uses some of
// the descriptors that it may have.
func (l *look) growing(used int, most uint64, old time.Duration) {
	l.listen(128, 0, 0)
	l.process().Descriptors, l.process().OpenFiles = used, most
	l.add(20, tcp.CloseWait, "192.0.2.1:80", "", owned, func(s *host.Socket) { s.Info.LastAckRecv = old })
	for range 3 {
		l.add(1, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
	}
	l.first = l.first[:len(l.first)-3]
}

func (l *look) manyNeighbours() {
	for i := range 3 {
		l.set(fmt.Sprintf("net.ipv4.neigh.default.gc_thresh%d", i+1), fmt.Sprint(i+1))
	}
	for i := range 3 {
		l.neighbour(fmt.Sprintf("192.0.2.%d", 10+i), "STALE")
	}
	l.rises("arp_cache.table_fulls", 9)
}

// hostScenes say the sentences of causes of the whole host.
var hostScenes = []func(*look){
	func(l *look) { l.bound(tcp.Established) },
	func(l *look) { l.bound(tcp.SynSent) },
	func(l *look) {
		l.listen(128, 0, 0)
		for i := range 70 {
			l.add(1, tcp.SynReceived, "192.0.2.1:80", fmt.Sprintf("198.51.100.%d:2000", i), unowned, resent(host.TimerRetransmit))
		}
	},
	func(l *look) {
		at := netip.MustParseAddrPort("0.0.0.0:6379")
		l.add(1, tcp.Listen, at.String(), "0.0.0.0:0", owned, nil)
		l.b.Baseline = &host.Baseline{Listeners: []host.KnownListener{{Local: at}}}
	},
	func(l *look) { // a database on loopback to which strangers are led
		l.add(1, tcp.Listen, "127.0.0.1:6379", "0.0.0.0:0", owned, nil)
		l.set("net.ipv4.conf.all.route_localnet", "1")
		l.publishes("127.0.0.1:6379")
	},
	func(l *look) { // one of several hosts behind an address is gone
		for port := range 6 {
			l.add(1, tcp.Established, fmt.Sprintf("192.0.2.1:%d", 40001+port), "198.51.100.7:5432", owned, func(s *host.Socket) { resent(host.TimerRetransmit)(s); s.SendQueue = 10 })
		}
		l.add(1, tcp.Established, "192.0.2.1:41000", "198.51.100.7:5432", owned, nil)
		l.first = l.first[:len(l.first)-1]
	},
	func(l *look) { // each worker leaks one
		l.listen(128, 0, 0)
		for i := range 6 {
			l.b.ProcessesAfter.List = append(l.b.ProcessesAfter.List, host.Process{PID: 50000 + i, Name: "worker"})
			l.add(1, tcp.CloseWait, "192.0.2.1:80", "", owned, nil)
			l.b.ProcessesAfter.Owners[len(l.b.ProcessesAfter.Owners)-1].PID = 50000 + i
		}
	},
	func(l *look) { // both ends of leaked connections are here
		l.add(1, tcp.Listen, "127.0.0.1:80", "0.0.0.0:0", owned, nil)
		for i := range 8 {
			here, there := fmt.Sprintf("127.0.0.1:%d", 40000+i), "127.0.0.1:80"
			l.add(1, tcp.CloseWait, there, here, owned, nil)
			l.add(1, tcp.FinWait2, here, there, true, func(s *host.Socket) {
				last := &l.b.ProcessesAfter.Owners[len(l.b.ProcessesAfter.Owners)-1]
				last.PID = 45679
			})
		}
		l.b.ProcessesAfter.List = append(l.b.ProcessesAfter.List, host.Process{PID: 45679, Name: "client"})
	},
	func(l *look) { l.growing(0, 0, 90*time.Minute); l.b.End = l.b.Start.Add(10 * time.Minute) },
	func(l *look) { l.growing(500, 1000, 30*time.Hour) },
	func(l *look) { l.growing(900, 1000, 90*time.Hour) },
	func(l *look) { l.growing(1000, 1000, 20*time.Second) },
	func(l *look) {
		l.listen(128, 0, 0)
		l.set("net.ipv4.tcp_syncookies", "0")
		l.rises("TcpExtListenDrops", 20)
	},
	func(l *look) {
		l.ports()
		l.add(1, tcp.Established, "127.0.0.1:40007", "127.0.0.1:40007", owned, nil)
	},
	func(l *look) { l.tracks("1000"); l.rises("conntrack.drop", 9); l.rises("conntrack.early_drop", 3) },
	func(l *look) { l.tracks("990"); l.rises("conntrack.early_drop", 3) },
	func(l *look) { l.manyNeighbours() },
	func(l *look) {
		l.manyNeighbours()
		for i := range 30 {
			l.add(1, tcp.SynSent, "192.0.2.1:40001", fmt.Sprintf("192.0.2.%d:445", 100+i), owned, resent(host.TimerRetransmit))
		}
	},
	func(l *look) { l.unrouted() },
	func(l *look) { l.unrouted(); l.gateway("eth0") },
	func(l *look) { l.strict() },
	func(l *look) { l.strict(); l.filtered() },
	func(l *look) { l.strict(); l.filtered(); l.rises("TcpExtIPReversePathFilter", 10); l.silent(10) },
	func(l *look) { l.listen(128, 0, 0); l.resets(); l.rises("TcpExtTCPAbortOnData", 90) },
	func(l *look) {
		l.resets()
		l.rises("TcpExtTCPAbortOnClose", 30)
		l.rises("TcpExtTCPAbortOnLinger", 30)
		l.rises("TcpExtTCPAbortOnMemory", 30)
		l.rises("TcpExtListenOverflows", 90)
		l.rises("TcpExtTCPSYNChallenge", 90)
		l.rises("TcpExtEmbryonicRsts", 90)
	},
	func(l *look) { l.resets() },
	func(l *look) { l.rises("TcpOutRsts", 90) },
	func(l *look) {
		l.rises("TcpExtTCPChallengeACK", 90)
		l.add(2, tcp.Established, "192.0.2.1:40001", "", owned, nil)
		l.last[0].Info.SegmentsIn, l.last[0].Info.SegmentsOut = 5, 5
	},
	func(l *look) { l.rises("TcpExtTCPChallengeACK", 90); l.rises("TcpEstabResets", 80) },
}

// mergedScenes say what only several network namespaces together tell.
var mergedScenes = [][2]func(*look){
	{func(l *look) { l.publishes("172.17.0.2:6379") }, (*look).container},
	{func(l *look) { l.cutOff("192.0.2.1", "198.51.100.7") }, func(l *look) { l.cutOff("198.51.100.7", "192.0.2.1") }},
}
