package scenario

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// handshakes: the SYN-ACK arrives, and the handshake still does not complete.
var handshakes = []Scenario{
	{
		Name: "ack-lost-here", Title: "The server's own firewall drops the last ACK of the handshake", At: "server",
		About:   "The client is satisfied: it got its SYN-ACK and is ESTABLISHED. The server never sees the ACK and sends its SYN-ACK again and again; no SYN is sent again.",
		ByHand:  "iptables -A INPUT -p tcp --dport 80 --tcp-flags SYN,RST,FIN,ACK ACK -j DROP on the server.",
		Expects: []Expectation{{Cause: "ack-lost", State: tcp.SynReceived, AtLeast: 8}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Drop(lab.PureACK.On(lab.Inbound))
			unacknowledged(p.Client, p.Server)
		},
	},
	{
		Name: "ack-lost-on-path", Title: "A router drops the last ACK of the handshake", At: "server",
		About:   "As ack-lost-here, with the rule on a router: the server cannot see who drops the ACK, only that clients do not send their SYN again.",
		ByHand:  "The same rule in FORWARD of a router between.",
		Expects: []Expectation{{Cause: "ack-lost", State: tcp.SynReceived, AtLeast: 8, Unsure: true}},
		Beside:  []string{"handshake-withheld"}, // from the server it looks the same
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.Drop(lab.PureACK.On(lab.Forwarded))
			unacknowledged(r.Client, r.Server)
		},
	},
	{
		Name: "handshake-withheld", Title: "A few real hosts open connections and never finish", At: "server",
		About:   "Three hosts send a few SYNs, receive the SYN-ACKs, and neither finish nor reset: half-open scanning. Few sources, low rate, no SYN sent again.",
		ByHand:  "hping3 -S -i u200000 SERVER on a host whose kernel's RSTs are dropped, in a lab of your own only.",
		Expects: []Expectation{{Cause: "handshake-withheld", State: tcp.SynReceived, AtLeast: 8}},
		Build:   withheld,
	},
	{
		Name: "deferred-accept", Title: "The server waits for data before it accepts", At: "server",
		About:   "The listener uses TCP_DEFER_ACCEPT. Clients are ESTABLISHED and say nothing, so the kernel keeps them half-open: benign.",
		ByHand:  "setsockopt(TCP_DEFER_ACCEPT), as nginx's `listen ... deferred`, and `nc SERVER 80` without a word.",
		Expects: []Expectation{{Cause: "deferred-accept", State: tcp.SynReceived, AtLeast: 8, Benign: true}},
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("web")
			web.Do(actor.Order{Do: "listen", At: "[::]:80", Backlog: 128, Defer: 30 * time.Second, Serve: actor.ServeAnswers})
			clients := p.Client.Program("clients")
			clients.Dial(server4, 5)
			clients.Dial(server6, 5)
			p.Client.Shows(tcp.Established, 10)
			p.Server.Shows(tcp.SynReceived, 10)
			p.Server.Counted("TcpExtTCPDeferAcceptDrop", 10)
		},
	},
	{
		Name: "syn-queue-too-small-cookies", Title: "Genuine clients far away overrun a short backlog; cookies help", At: "server",
		About:   "Every handshake takes 0.6 s on this path, so a short backlog is always full. Cookies are sent and redeemed: the clients are genuine.",
		ByHand:  "tc qdisc add dev eth0 root netem delay 600ms, listen(8), and ab -c 60.",
		Expects: []Expectation{{Cause: "syn-queue-too-small", State: tcp.SynReceived, Unsure: true}},
		Beside:  []string{"accept-backlog-too-small"}, // the same short listen() bounds both queues
		Build: func(w *lab.World) {
			p := farCrowd(w, "1", 8)
			p.Server.Counted("TcpExtSyncookiesRecv", 20)
		},
	},
	{
		Name: "syn-queue-too-small-drops", Title: "The same without cookies: SYNs are dropped", At: "server",
		About:   "Without cookies the queue that is full drops SYNs of genuine clients, who try again a second later.",
		ByHand:  "As syn-queue-too-small-cookies with net.ipv4.tcp_syncookies=0.",
		Expects: []Expectation{{Cause: "syn-queue-too-small", State: tcp.SynReceived}},
		Beside:  []string{"accept-backlog-too-small"}, // the same short listen() bounds both queues
		Build: func(w *lab.World) {
			p := farCrowd(w, "0", 8)
			p.Server.Counted("TcpExtTCPReqQFullDrop", 20)
		},
	},
	{
		Name: "proven-peers-only", Title: "It works for some clients, and telnet fails from others", At: "server",
		About:   "Without cookies the last quarter of tcp_max_syn_backlog is kept for peers that are known from earlier connections. At three quarters strangers are refused and old acquaintances still get in, and only ListenDrops tells.",
		ByHand:  "sysctl -w net.ipv4.tcp_syncookies=0 net.ipv4.tcp_max_syn_backlog=64 and many slow clients; `ip tcp_metrics` lists the acquaintances.",
		Expects: []Expectation{{Cause: "syn-queue-too-small", State: tcp.SynReceived}},
		Build:   provenPeers,
	},
}

func unacknowledged(client, server *lab.Host) {
	server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
	client.Program("clients").Dial(server4, 10)
	client.Shows(tcp.Established, 10)
	server.Shows(tcp.SynReceived, 10)
	server.Counted("TcpExtTCPSynRetrans", 10)
}

// withheld: a scripted peer sends four SYNs a second from three addresses and
// ignores what comes back.
func withheld(w *lab.World) {
	server := w.Host("server")
	peer := server.RawPeer(server.At("eth0", lab.ServerAddress+"/24"), []string{"192.0.2.64/26"}, nil)
	server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
	to := netip.MustParseAddrPort(server4)
	peer.Repeat(ms*250, 200, func(i int) lab.Segment {
		from := netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", 70+i%3))
		s := lab.Segment{From: netip.AddrPortFrom(from, uint16(30000+i)), To: to, MSS: 1460}
		s.Flags, s.Seq, s.Window = tcp.SYN, tcp.Seq(1000*i), 64240
		return s
	})
	server.Shows(tcp.SynReceived, 10)
}

// farCrowd is a crowd of genuine clients whose handshakes take 0.6 s.
func farCrowd(w *lab.World, cookies string, backlog int) lab.Pair {
	p := w.Slow(300 * ms)
	p.Server.Set("net.ipv4.tcp_syncookies", cookies)
	p.Server.Program("web").Listen("0.0.0.0:80", backlog, actor.ServeAnswers)
	p.Client.Program("crowd").Ask(server4, 60, 400*ms)
	p.Server.Shows(tcp.SynReceived, backlog)
	p.Server.Counted("TcpPassiveOpens", 20)
	return p
}

func provenPeers(w *lab.World) {
	p := w.Slow(400 * ms)
	p.Server.Set("net.ipv4.tcp_syncookies", "0")
	p.Server.Set("net.ipv4.tcp_max_syn_backlog", "64")
	p.Server.Program("web").Listen("0.0.0.0:80", 1024, actor.ServeAnswers)
	known := p.Client.Program("acquaintance")
	known.Talkative(lab.ClientAddress, server4) // leaves its metrics at the server
	crowd := p.Client.Program("strangers")
	for i := range 10 {
		source := fmt.Sprintf("10.9.%d.7", i)
		p.Client.Address("eth0", source+"/32")
		crowd.RedialFrom(source, server4, 60*ms, 3*time.Second)
	}
	p.Server.Shows(tcp.SynReceived, 45)
	p.Server.Counted("TcpExtListenDrops", 20)
	known.DialFrom(lab.ClientAddress, server4, 1) // gets in all the same
}
