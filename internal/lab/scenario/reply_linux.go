package scenario

import (
	"fmt"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// replies: the SYN arrives, and its answer does not get back.
var replies = []Scenario{
	{
		Name: "synack-blocked-here", Title: "The server's own firewall drops its SYN-ACK", At: "server",
		About:   "A rule on output drops what the server answers. Each half-open connection dies at its first timer and comes back with the client's next SYN, so there are never many.",
		ByHand:  "iptables -A OUTPUT -p tcp --sport 80 --tcp-flags ALL SYN,ACK -j DROP on the server.",
		Expects: []Expectation{{Cause: "synack-blocked-here", State: tcp.SynReceived, AtLeast: 1}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Drop(lab.SYNACK.On(lab.Outbound))
			p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			p.Client.Program("clients").Start(server4, 12)
			p.Server.Shows(tcp.SynReceived, 5)
			p.Client.Shows(tcp.SynSent, 12)
		},
	},
	{
		Name: "synack-lost-on-path", Title: "A router drops the SYN-ACK", At: "server",
		About:   "The SYN arrives, the answer leaves and is lost on the way. The live clients send their SYN again, so SYN-ACKs are sent more often than timers expire.",
		ByHand:  "iptables -A FORWARD -p tcp --sport 80 --tcp-flags ALL SYN,ACK -j DROP on a router between.",
		Expects: []Expectation{{Cause: "synack-lost-on-path", State: tcp.SynReceived, AtLeast: 10}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.Drop(lab.SYNACK.On(lab.Forwarded))
			answerless(r.Client, r.Server, 24)
		},
	},
	{
		Name: "synack-lost-many-clients", Title: "The same for a hundred clients: not a flood", At: "server",
		About:   "A hundred clients from as many networks, and no SYN-ACK reaches them. By the numbers it looks like a flood from everywhere; but each client sends its SYN again, which forged sources never do.",
		ByHand:  "As synack-lost-on-path, from many addresses (`ip address add` on the client).",
		Expects: []Expectation{{Cause: "synack-lost-on-path", State: tcp.SynReceived, AtLeast: 80}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Drop(lab.SYNACK.On(lab.Inbound))
			p.Server.Program("web").Listen("0.0.0.0:80", 256, actor.ServeAnswers)
			clients := p.Client.Program("clients")
			for i := range 100 {
				source := fmt.Sprintf("10.%d.%d.7", i, i)
				p.Client.Address("eth0", source+"/32")
				clients.StartFrom(source, server4, 1)
			}
			p.Server.Shows(tcp.SynReceived, 90)
			p.Server.Counted("TcpExtTCPSynRetrans", 90)
		},
	},
	{
		Name: "synack-lost-ipv6", Title: "A router drops the SYN-ACK of IPv6 connections", At: "server",
		About:   "As synack-lost-on-path, over IPv6.",
		ByHand:  "ip6tables -A FORWARD -p tcp --sport 80 --tcp-flags ALL SYN,ACK -j DROP on a router between.",
		Expects: []Expectation{{Cause: "synack-lost-on-path", State: tcp.SynReceived, AtLeast: 10}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.Drop(lab.SYNACK.On(lab.Forwarded))
			r.Server.Program("web").Listen("[::]:80", 128, actor.ServeAnswers)
			r.Client.Program("clients").Start(server6, 16)
			r.Server.Shows(tcp.SynReceived, 16)
			r.Server.Counted("TcpExtTCPSynRetrans", 16)
		},
	},
	{
		Name: "dnat-without-snat-silent", Title: "DNAT without SNAT, and the client's RST is lost", At: "server",
		About:   "The router rewrites the address that the client asked for, and the server answers past the router. The client gets a SYN-ACK from an address that it never called and resets it; here the RST is lost, so connections stay half-open at the server.",
		ByHand:  "nft add rule nat prerouting tcp dport 80 dnat to SERVER:8080 on the router, and a route to the client on the server that avoids the router.",
		Expects: []Expectation{{Cause: "asymmetric-return", State: tcp.SynReceived, AtLeast: 5}},
		Build: func(w *lab.World) {
			t := redirected(w)
			t.Client.Drop(lab.RST.On(lab.Outbound))
			t.Client.Program("clients").Start(lab.FarGateway+":80", 12)
			t.Server.Shows(tcp.SynReceived, 12)
			t.Client.Shows(tcp.SynSent, 12)
			t.Client.Counted("TcpOutRsts", 12)
		},
	},
	{
		Name: "dnat-without-snat-reset", Title: "DNAT without SNAT, and the client's RST comes back", At: "server",
		About:   "As dnat-without-snat-silent, but the RST arrives and kills each half-open connection at once: nothing piles up at the server, and the client stays in SYN-SENT.",
		ByHand:  "As dnat-without-snat-silent without the rule for RST.",
		Expects: []Expectation{{Cause: "asymmetric-return"}},
		Build: func(w *lab.World) {
			t := redirected(w)
			t.Client.Program("clients").Start(lab.FarGateway+":80", 12)
			t.Client.Shows(tcp.SynSent, 12)
			t.Server.Counted("TcpExtEmbryonicRsts", 12)
		},
	},
	{
		Name: "second-gateway", Title: "The reply leaves through a gateway that never saw the SYN", At: "server",
		About:   "The SYN comes through one gateway, the server's default route points at another one, and that one tracks connections and drops the SYN-ACK of one that it does not know.",
		ByHand:  "Two routers, the server's default route at the second one, `nft add rule inet filter forward ct state invalid drop` there.",
		Expects: []Expectation{{Cause: "asymmetric-return", State: tcp.SynReceived, AtLeast: 5}},
		Build: func(w *lab.World) {
			t := w.Triangle()
			drop := lab.SYNACK.On(lab.Forwarded)
			drop.Untracked = true
			t.Second.Drop(drop)
			answerless(t.Client, t.Server, 12)
		},
	},
	{
		Name: "two-gateways-healthy", Title: "The reply leaves through another gateway, and all is well", At: "server",
		About:  "With VRRP, HSRP or ECMP the way back often differs from the way in. Handshakes complete, so there is nothing to name.",
		ByHand: "Two routers without a firewall, the server's default route at the second one.",
		Build: func(w *lab.World) {
			t := w.Triangle()
			t.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			clients := t.Client.Program("clients")
			clients.Dial(server4, 10)
			clients.Talk(50 * ms)
			t.Server.Shows(tcp.Established, 10)
		},
	},
	{
		Name: "no-return-route", Title: "The server has no route back to the client", At: "server",
		About:   "The SYN arrives and the server has no way to answer, so it keeps nothing: the client sees a silent port and the server shows no socket at all.",
		ByHand:  "ip route del default on the server.",
		Expects: []Expectation{{Cause: "no-return-route", AtLeast: 5}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			r.Server.NoRoute("default", lab.NearGateway)
			r.Client.Program("clients").Start(server4, 12)
			r.Client.Shows(tcp.SynSent, 12)
			r.Server.Counted("IpOutNoRoutes", 12)
		},
	},
	{
		Name: "return-path-filtered", Title: "Strict reverse path filtering drops the SYN", At: "server",
		About:   "The SYN comes in on an interface that is not the way back, and rp_filter=1 drops it there. The client sees a silent port, the server shows nothing.",
		ByHand:  "sysctl -w net.ipv4.conf.eth0.rp_filter=1 on a server whose default route leaves through eth1.",
		Expects: []Expectation{{Cause: "return-path-filtered", AtLeast: 5}},
		Build: func(w *lab.World) {
			t := w.Triangle()
			t.Server.Set("net.ipv4.conf.eth0.rp_filter", "1")
			t.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			t.Client.Program("clients").Start(server4, 12)
			t.Client.Shows(tcp.SynSent, 12)
			t.Server.Counted("TcpExtIPReversePathFilter", 12)
		},
	},
}

// answerless lets clients send SYNs whose answer is lost, until each has sent
// its SYN again.
func answerless(client, server *lab.Host, n int) {
	server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
	client.Program("clients").Start(server4, n)
	server.Shows(tcp.SynReceived, n)
	server.Counted("TcpExtTCPSynRetrans", int64(n))
}

// redirected is a triangle whose first gateway sends port 80 on to the server,
// which answers past it.
func redirected(w *lab.World) lab.Triangle {
	t := w.Triangle()
	t.First.Redirect(80, lab.ServerAddress+":8080")
	t.Server.Program("web").Listen("0.0.0.0:8080", 128, actor.ServeAnswers)
	return t
}
