package scenario

import (
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// established: connections that only look alive.
var established = []Scenario{
	{
		Name: "peer-vanished-data", Title: "The peer lost its link, and our data stays unanswered", At: "server",
		About:   "The client's cable is pulled, so no FIN was ever sent. The server has written and sends it again and again; it will take a quarter of an hour until the kernel gives up.",
		ByHand:  "ip link set eth0 down on the client, then let the server send something.",
		Expects: pile("peer-vanished", tcp.Established, 6, "web"),
		Build: func(w *lab.World) {
			p, _, web := connected(w, 8)
			p.Client.Cut("eth0")
			web.Write(20)
			p.Server.Counted("TcpRetransSegs", 16)
		},
	},
	{
		Name: "peer-vanished-keepalive", Title: "The peer is gone, and keepalive probes stay unanswered", At: "server",
		About:   "Nobody writes, but keepalive is on: the probes notice what the application cannot.",
		ByHand:  "As peer-vanished-data with SO_KEEPALIVE and TCP_KEEPIDLE=1, and nothing sent.",
		Expects: pile("peer-vanished", tcp.Established, 6, "web"),
		Build: func(w *lab.World) {
			p, _, web := connected(w, 8)
			web.Keepalive(time.Second, 2*time.Second, 60)
			p.Client.Cut("eth0")
			p.Server.Counted("TcpExtTCPKeepAlive", 16)
		},
	},
	{
		Name: "no-keepalive", Title: "Many idle connections that could never notice a vanished peer", At: "server",
		About:   "Two hundred connections of one kind, no data for a while, no timer on any: if a firewall forgets them or clients lose power, they stay ESTABLISHED for ever.",
		ByHand:  "A program without SO_KEEPALIVE and many clients that connect and then sleep.",
		Expects: []Expectation{{Cause: "no-keepalive", State: tcp.Established, AtLeast: 100, Program: "web", Benign: true}},
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("web")
			web.Listen("0.0.0.0:80", 1024, actor.ServeHold)
			p.Client.Program("clients").Dial(server4, 200)
			accepted(w, web, 200)
			p.Server.Shows(tcp.Established, 200)
		},
	},
	{
		Name: "idle-and-dead", Title: "Idle connections of which some are dead", At: "server", Probe: true,
		About:   "Two hosts have idle connections without keepalive. One of them lost its power: nothing in the kernel tells its connections from the others. Asked with --probe, the living host acknowledges and the other one says nothing.",
		ByHand:  "Connect from two machines, pull the cable of one, and run `synoptic diagnose --probe` on the server.",
		Expects: pile("peer-vanished", tcp.Established, 8, "web"),
		Build: func(w *lab.World) {
			t := twoClients(w)
			t.First.Cut("eth0")
			t.Server.Forget("eth0") // as after a while without a word
			t.Server.Shows(tcp.Established, 16)
		},
	},
	{
		Name: "idle-and-dead-unasked", Title: "The same, and nobody asks", At: "server",
		About:  "Without --probe idle connections to a dead host look like all others: nothing may be named.",
		ByHand: "As idle-and-dead, with `synoptic diagnose`.",
		Build: func(w *lab.World) {
			t := twoClients(w)
			t.First.Cut("eth0")
			t.Server.Shows(tcp.Established, 16)
		},
	},
	{
		Name: "idle-and-forgotten", Title: "Idle connections that a restarted host knows nothing of", At: "server", Probe: true,
		About:   "The clients' host ended its sockets and nothing of that reached the server. Asked with --probe, its kernel answers RST with a number that ours does not believe: the sockets stay, and are known to be dead.",
		ByHand:  "Restart a client by its reset button, and run `synoptic diagnose --probe` on the server when it is up again.",
		Expects: pile("peer-vanished", tcp.Established, 8, "web"),
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("web")
			web.Listen("0.0.0.0:80", 128, actor.ServeHold)
			p.Client.Program("clients").Dial(server4, 8)
			accepted(w, web, 8)
			p.Client.LoseConnections()
			p.Server.Shows(tcp.Established, 8)
		},
	},
	{
		Name: "idle-and-firewalled", Title: "Idle connections to a host whose firewall drops what does not fit", At: "server", Probe: true,
		About:   "The peer lives and its connections are well, but its own firewall drops segments that connection tracking calls invalid, as several distributions do: the question of --probe is one, but where its numbers happen to look like a late duplicate. Its host answers an ICMP echo, so nothing may be called dead with conviction.",
		ByHand:  "As idle-and-alive, with `ct state invalid drop` in the input chain of the clients' host.",
		Expects: []Expectation{{Cause: "established-dropped", State: tcp.Established, AtLeast: 2, Program: "web", Unsure: true, Benign: true}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Track(lab.Inbound)
			p.Client.Drop(lab.Drop{Hook: lab.Inbound, Untracked: true})
			web := p.Server.Program("web")
			web.Listen("0.0.0.0:80", 128, actor.ServeHold)
			p.Client.Program("clients").Dial(server4, 16)
			accepted(w, web, 16)
			p.Server.Shows(tcp.Established, 16)
		},
	},
	{
		Name: "idle-and-alive", Title: "Idle connections whose peers all live", At: "server", Probe: true,
		About:  "Asked with --probe, every peer acknowledges: idle is not a fault.",
		ByHand: "As idle, with `synoptic diagnose --probe`.",
		Build:  func(w *lab.World) { connected(w, 12) },
	},
	{
		Name: "path-mtu-black-hole", Title: "Small segments pass, full-sized ones vanish", At: "client",
		About:   "A link on the way takes only 1200 bytes and the ICMP that says so is filtered. Handshake and small requests work; the first full segment is sent again for ever.",
		ByHand:  "ip link set eth1 mtu 1200 on a router between, and iptables -A OUTPUT -p icmp -j DROP there.",
		Expects: pile("path-mtu-black-hole", tcp.Established, 4, "uploads"),
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.MTU("eth1", 1200)
			r.Router.Drop(lab.Drop{Hook: lab.Outbound, ICMP: true})
			web := r.Server.Program("web")
			web.Listen("0.0.0.0:80", 128, actor.ServeHold)
			uploads := r.Client.Program("uploads")
			uploads.Dial(server4, 6)
			uploads.Write(100) // passes
			accepted(w, web, 6)
			web.Talk(500 * ms) // a heartbeat, which passes too
			uploads.Write(8000)
			r.Client.Counted("TcpRetransSegs", 12)
			r.Client.Shows(tcp.Established, 6)
		},
	},
	{
		Name: "peer-not-reading", Title: "The peer's program does not read", At: "server",
		About:   "The peer's receive buffer is full and its window is zero. Its kernel answers every probe, so the connection lives, and our data waits.",
		ByHand:  "yes | nc SERVER 80 against a program that accepts and never reads.",
		Expects: pile("peer-not-reading", tcp.Established, 4, "web"),
		Build: func(w *lab.World) {
			p, _, web := connected(w, 6)
			web.Fill()
			p.Server.Counted("TcpExtTCPWinProbe", 6)
			p.Server.Shows(tcp.Established, 6)
		},
	},
	{
		Name: "established-dropped", Title: "A firewall forgot the connections that it let through", At: "client",
		About:   "The router was restarted and drops what it does not know. Old connections are dead without a word, while new ones to the same port succeed.",
		ByHand:  "conntrack -F on a router with `ct state invalid drop` and nf_conntrack_tcp_loose=0.",
		Expects: pile("established-dropped", tcp.Established, 4, "clients"),
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			clients := forgotten(r, 6)
			clients.Talk(500 * ms)
			r.Client.Program("new").Ask(server4, 2, 50*ms)
			r.Client.Counted("TcpRetransSegs", 12)
			r.Server.Counted("TcpPassiveOpens", 20)
		},
	},
}

// twoClients have eight idle connections each to a server, on links of their own.
func twoClients(w *lab.World) lab.Star {
	s := w.Star()
	web := s.Server.Program("web")
	web.Listen("0.0.0.0:80", 128, actor.ServeHold)
	s.First.Program("first").Dial(server4, 8)
	s.Second.Program("second").Dial(lab.SecondServer+":80", 8)
	accepted(w, web, 16)
	return s
}

// forgotten opens connections through a router that tracks them and then loses
// its memory: it drops what it has not seen beginning.
func forgotten(r lab.Routed, n int) *lab.Program {
	r.Router.Track(lab.Forwarded)
	r.Router.Set("net.netfilter.nf_conntrack_tcp_loose", "0")
	r.Router.Drop(lab.Drop{Hook: lab.Forwarded, Untracked: true})
	clients := r.Client.Program("clients")
	clients.Dial(server4, n)
	r.Server.Shows(tcp.Established, n)
	r.Router.ForgetConnections()
	return clients
}
