package diagnose

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// laterIncidents go on where incidents ends.
var laterIncidents = []incident{
	// jippi/docker-pixelfed#125: ufw denies all but 22, 80 and 443; compose.yaml
	// publishes 6379, and Redis is open to the world.
	{"Redis in a container, behind a firewall that denies it", func(s *scene) {
		s.b.Settings["net.ipv4.ip_forward"] = "1"
		s.b.Routes = append(s.b.Routes, host.Route{Destination: prefix("172.18.0.0/16"), Interface: "br-1f2e", Table: 254})
		for _, port := range []string{"22", "80", "443"} {
			s.listens("0.0.0.0:"+port, 511, queue(0))
		}
		s.publishes(6379, "172.18.0.4:6379", func(p *host.Published) { p.NotIn = "br-1f2e" })
		s.publishes(8080, "172.18.0.2:8080", func(p *host.Published) { p.NotIn = "br-1f2e" })
	}, "exposed-listener", 1, []Cause{"unexpected-listener"}, "", ""},
	// haproxy/haproxy#958: 479,062 CLOSE_WAIT, seconds later 482,874; 76,600
	// ESTABLISHED; "too many orphaned sockets". A hundredth of it.
	{"CLOSE_WAIT skyrockets, and orphans run out", func(s *scene) {
		s.runs(1, "haproxy")
		s.listens("0.0.0.0:443", 4096, queue(0), s.heldBy(1))
		s.b.Settings["net.ipv4.tcp_max_orphans"] = "8192"
		s.b.CountersBefore.Values["sockstat.TCP.orphan"], s.b.CountersAfter.Values["sockstat.TCP.orphan"] = 8190, 8192
		s.rises("TcpExtTCPAbortOnMemory", 40)
		for i := range 4790 {
			s.stays(tcp.CloseWait, "192.0.2.1:443", client(i), s.heldBy(1), heard(time.Minute))
		}
		for i := range 38 {
			s.comes(tcp.CloseWait, "192.0.2.1:443", client(5000+i), s.heldBy(1), heard(time.Second))
		}
		for i := range 766 {
			s.stays(tcp.Established, "192.0.2.1:443", client(10000+i), s.heldBy(1), heard(time.Second))
		}
	}, "orphan-limit", 40, []Cause{"idle-pool", "unexplained"}, "", "app-not-closing"},
	// kubernetes/kubernetes#77903, projectcalico/calico#7983: the node of one backend
	// died. Behind the service's address the others live: new connections work, the
	// old ones are sent into nothing for 15 minutes.
	{"one of the backends behind a service address died", func(s *scene) {
		s.runs(77, "client")
		for i := range 12 {
			s.stays(tcp.Established, fmt.Sprintf("192.0.2.1:%d", 40000+i), "10.96.0.10:5432", s.heldBy(77), heard(40*time.Second), resent(7, host.TimerRetransmit), backoff(7), unsent(300))
		}
		for i := range 6 {
			s.comes(tcp.Established, fmt.Sprintf("192.0.2.1:%d", 41000+i), "10.96.0.10:5432", s.heldBy(77), heard(0), received(400))
			s.reads(fmt.Sprintf("192.0.2.1:%d", 42000+i), "10.96.0.10:5432", 77)
		}
	}, "established-dropped", 12, []Cause{"unexplained", "path-mtu-black-hole"}, "peer-vanished", ""},
	// kubernetes/kubernetes#91954: the answer of a request that took 360 s is lost,
	// because NAT forgot the connection after 300 s. The program has closed.
	{"an answer that comes too late for the NAT in front", func(s *scene) {
		s.runs(8, "gunicorn")
		s.listens("0.0.0.0:5000", 2048, queue(0), s.heldBy(8))
		for i := range 8 {
			s.stays(tcp.FinWait1, "192.0.2.1:5000", fmt.Sprintf("10.128.0.7:%d", 40000+i), heard(380*time.Second), resent(6, host.TimerRetransmit), backoff(6), unsent(180))
		}
	}, "fin-unacknowledged", 8, []Cause{"accept-stalled", "peer-not-reading", "unexplained"}, "", ""},
	// irrdnet/irrd#607: 68 workers, each with one connection to the same address in
	// FIN_WAIT2, for hours.
	{"a worker for each connection that nobody ends", func(s *scene) {
		s.listens("0.0.0.0:43", 128, queue(0))
		for i := range 68 {
			s.runs(2000+i, "irrd")
			s.stays(tcp.FinWait2, "192.0.2.1:43", fmt.Sprintf("203.0.113.9:%d", 50000+i), s.heldBy(2000+i), heard(3*time.Hour))
		}
	}, "half-close-held", 68, []Cause{"peer-not-closing", "unexplained"}, "", ""},
	// socketio/engine.io#237: after ten hours TIME_WAIT 41, CLOSE_WAIT 710,
	// FIN_WAIT2 5, ESTABLISHED 138, SYN_RECV 1 on port 3000.
	{"a WebSocket server after ten hours", func(s *scene) {
		s.runs(3, "node")
		s.listens("0.0.0.0:3000", 511, queue(0), s.heldBy(3))
		for i := range 710 {
			s.stays(tcp.CloseWait, "192.0.2.1:3000", client(i), s.heldBy(3), heard(time.Duration(1+i%36000)*time.Second))
		}
		for i := range 138 {
			s.reads("192.0.2.1:3000", client(1000+i), 3)
		}
		for i := range 41 {
			s.stays(tcp.TimeWait, "192.0.2.1:3000", client(2000+i), waits(30*time.Second))
		}
		for i := range 5 {
			s.goes(tcp.FinWait2, "192.0.2.1:3000", client(3000+i), mini)
		}
		s.comes(tcp.SynReceived, "192.0.2.1:3000", client(4000), half)
	}, "app-not-closing", 710, []Cause{"idle-pool", "app-blocked", "syn-flood", "unexplained"}, "", ""},
	// zeromq/libzmq#4588: retries towards 127.0.0.1:38500, where nobody listens, run
	// through the ports of clients until one of them is 38500 itself.
	{"retries on loopback that meet themselves", func(s *scene) {
		s.runs(9, "zmq")
		s.b.Settings["net.ipv4.ip_local_port_range"] = "32768 60999"
		s.stays(tcp.Established, "127.0.0.1:38500", "127.0.0.1:38500", s.heldBy(9), heard(time.Hour))
		s.rises("TcpAttemptFails", 50)
	}, "self-connect", 1, []Cause{"reset-storm", "unexplained"}, "", ""},
	// engintron/engintron#840: ESTABLISHED 1036, FIN_WAIT1 85, FIN_WAIT2 2766,
	// LAST_ACK 50, SYN_RECV 20, TIME_WAIT 12248; "time wait bucket table overflow".
	{"a proxy whose TIME-WAIT has no room", func(s *scene) {
		s.runs(80, "nginx")
		s.listens("0.0.0.0:80", 511, queue(0), s.heldBy(80))
		s.limits(12288, 28232)
		for i := range 12248 {
			s.stays(tcp.TimeWait, "192.0.2.1:80", client(i), waits(time.Duration(1+i%59)*time.Second))
		}
		for i := range 2766 {
			s.goes(tcp.FinWait2, "192.0.2.1:80", client(20000+i), mini)
			s.comes(tcp.FinWait2, "192.0.2.1:80", client(30000+i), mini)
		}
		for i := range 1036 {
			s.turns(tcp.Established, "192.0.2.1:80", client(40000+i), []edit{s.heldBy(80), heard(time.Second), received(500)}, received(900))
		}
		for i := range 85 {
			s.comes(tcp.FinWait1, "192.0.2.1:80", client(50000+i), unsent(1))
			s.comes(tcp.LastAck, "192.0.2.1:80", client(51000+i), unsent(1))
		}
		for i := range 20 {
			s.comes(tcp.SynReceived, "192.0.2.1:80", client(52000+i), half)
		}
		s.rises("TcpExtTCPTimeWaitOverflow", 400)
		s.rises("TcpPassiveOpens", 900)
	}, "time-wait-overflow", 12248, []Cause{"syn-flood", "peer-not-closing", "fin-unacknowledged", "unexplained"}, "", ""},
	// kubernetes/kubernetes#97377: the table of 655,360 is full, of CLOSE_WAIT that
	// is remembered for an hour; netstat shows none.
	{"tracked connections that are long over", func(s *scene) {
		s.runs(80, "nginx")
		s.listens("0.0.0.0:443", 511, queue(0), s.heldBy(80))
		s.b.Settings[conntrackCount], s.b.Settings[conntrackMax] = "655360", "655360"
		s.b.Settings["net.netfilter.nf_conntrack_tcp_timeout_close_wait"] = "3600"
		s.rises("conntrack.drop", 1300)
		for i := range 300 {
			s.turns(tcp.Established, "192.0.2.1:443", client(i), []edit{s.heldBy(80), heard(time.Second), received(500)}, received(900))
		}
	}, "conntrack-full", 1300, []Cause{"app-not-closing", "unexplained"}, "", ""},
	// rtr7/router7#31: the usual thresholds of 128, 512 and 1024, the table overflows
	// several times a second, and "ip neigh" shows one entry: the table is the
	// whole host's, and so is its count.
	{"a neighbour table full of what is not shown", func(s *scene) {
		s.thresholds("128", "512", "1024")
		s.rises("arp_cache.table_fulls", 15)
		s.b.CountersAfter.Values["arp_cache.entries"] = 1024
	}, "neighbour-table-full", 15, []Cause{"target-dead", "unexplained"}, "", ""},
	// pyload/pyload#4173: listen(5), a browser that opens six connections at once, and
	// the kernel writes "possible SYN flooding".
	{"a browser on a queue of five", func(s *scene) {
		s.runs(5, "pyload")
		s.listens("0.0.0.0:8000", 5, queue(6, 0, 6, 2, 0, 6), s.heldBy(5))
		s.refuses(8)
		for i := range 12 {
			s.turns(tcp.Established, "192.0.2.1:8000", fmt.Sprintf("198.51.100.7:%d", 50000+i), nil, s.heldBy(5))
		}
		s.rises("TcpExtListenOverflows", 8)
		s.rises("TcpExtListenDrops", 8)
		s.rises("TcpPassiveOpens", 40)
	}, "accept-backlog-too-small", 8, []Cause{"syn-flood", "syn-flood-from-prefix", "accept-stalled", "unexplained"}, "", ""},
	// aws/amazon-vpc-cni-k8s#130: NodePort traffic comes in through eth0, strict, and
	// the way back from the pod's address leaves by eth1.
	{"health checks that fail on strict reverse paths", func(s *scene) {
		s.listens("0.0.0.0:80", 128, queue(0))
		s.b.Settings["net.ipv4.ip_forward"] = "1"
		s.b.Settings["net.ipv4.conf.all.rp_filter"], s.b.Settings["net.ipv4.conf.eth0.rp_filter"], s.b.Settings["net.ipv4.conf.eth1.rp_filter"] = "0", "1", "0"
		s.b.Routes = []host.Route{
			{Destination: prefix("0.0.0.0/0"), Gateway: ip("192.168.32.1"), Interface: "eth1", Table: 2},
			{Destination: prefix("0.0.0.0/0"), Gateway: ip("192.168.32.1"), Interface: "eth0", Table: 254},
			{Destination: prefix("192.168.40.1/32"), Interface: "eth0", Table: 255, Type: "local"},
		}
		s.rises("TcpExtIPReversePathFilter", 30)
	}, "return-path-filtered", 30, []Cause{"no-return-route", "unexplained"}, "", ""},
	// NordSecurity/libtelio#40: the firewall on the way forgets a connection at the
	// second FIN, and drops the last ACK.
	{"a firewall that forgets before the last ACK", func(s *scene) {
		s.listens("0.0.0.0:22", 128, queue(0))
		for i := range 6 {
			s.stays(tcp.LastAck, "192.0.2.1:22", fmt.Sprintf("100.64.0.5:%d", 40000+i), heard(15*time.Second), resent(4, host.TimerRetransmit), backoff(4), unsent(1))
		}
	}, "last-ack-lost", 6, []Cause{"fin-unacknowledged", "app-not-closing", "unexplained"}, "", ""},
	// projectcalico/felix#1490 and kubernetes/kubernetes#48719: the first SYN came
	// before the rule of the service; all its repetitions follow the first, while
	// new connections are translated.
	{"SYNs that were sent before the rule was there", func(s *scene) {
		s.runs(6, "client")
		track := func(local, reply string, opening bool) {
			s.b.Conntrack = append(s.b.Conntrack, host.Tracked{From: at(local), To: at("10.11.249.108:80"), ReplyFrom: at(reply), ReplyTo: at(local), Opening: opening})
		}
		for i := range 3 {
			local := fmt.Sprintf("192.0.2.1:%d", 46120+i)
			s.stays(tcp.SynSent, local, "10.11.249.108:80", s.heldBy(6), resent(4, host.TimerRetransmit))
			track(local, "10.11.249.108:80", true)
		}
		s.comes(tcp.Established, "192.0.2.1:46128", "10.11.249.108:80", s.heldBy(6), heard(0))
		track("192.0.2.1:46128", "10.8.6.96:80", false)
	}, "stale-nat-entry", 3, []Cause{"target-filtered", "target-dead", "unexplained"}, "", ""},
	// NICMx/Jool#455: handshakes succeed with an MSS of 1330, and the first segments
	// of TLS, 1330 and 425 bytes, are sent again for ever; with an MSS of 1322 it
	// works. Without packets nobody can tell which of them passed.
	{"TLS behind a translator with a smaller path", func(s *scene) {
		s.runs(62, "curl")
		for i := range 6 {
			s.stays(tcp.Established, fmt.Sprintf("192.0.2.1:%d", 62910+i), "193.134.111.71:443", s.heldBy(62), heard(20*time.Second), resent(5, host.TimerRetransmit), backoff(5), unsent(1755),
				func(k *host.Socket) { k.Info.SendMSS = 1330 })
		}
	}, "peer-vanished", 6, []Cause{"target-filtered", "unexplained"}, "path-mtu-black-hole", ""},
	// zibianqu.github.io#25: 802 CLOSE_WAIT of MvLogServ on port 8996, towards ports
	// of the host itself: nginx before it has given up long ago.
	{"a backend on the same host that never closes", func(s *scene) {
		s.runs(31125, "MvLogServ")
		s.listens("0.0.0.0:8996", 128, queue(0), s.heldBy(31125))
		for i := range 802 {
			s.stays(tcp.CloseWait, "192.0.2.1:8996", fmt.Sprintf("192.0.2.1:%d", 51000+i), s.heldBy(31125), heard(time.Hour))
		}
		for i := range 40 { // those whose end the kernel still keeps
			s.stays(tcp.CloseWait, "192.0.2.1:8996", fmt.Sprintf("192.0.2.1:%d", 53000+i), s.heldBy(31125), heard(20*time.Second))
			s.stays(tcp.FinWait2, fmt.Sprintf("192.0.2.1:%d", 53000+i), "192.0.2.1:8996", mini)
		}
	}, "app-not-closing", 842, []Cause{"unexplained", "proxied-culprit"}, "", ""},
}
