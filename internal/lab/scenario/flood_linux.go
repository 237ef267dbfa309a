package scenario

import (
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// floods: SYNs that nobody will ever complete.
var floods = []Scenario{
	{
		Name: "syn-flood-cookies-on", Title: "SYNs from random sources; cookies keep the service alive", At: "server",
		About:   "A thousand SYNs a second from addresses all over the address space. The count of SYN-RECEIVED stops at the backlog and one, so it says nothing about the size of the attack; cookies answer the rest.",
		ByHand:  "hping3 --flood --rand-source -S -p 80 SERVER, in a lab of your own only.",
		Expects: pile("syn-flood", tcp.SynReceived, 100, ""),
		Build:   func(w *lab.World) { flooded(w.Pair(), "1", "11.0.0.0/8").Shows(tcp.SynReceived, 100) },
	},
	{
		Name: "syn-flood-cookies-off", Title: "SYNs from random sources; the queue is full and clients are refused", At: "server",
		About:   "The same flood without cookies: once the queue is full every further SYN is dropped, that of a genuine client too.",
		ByHand:  "sysctl -w net.ipv4.tcp_syncookies=0, then as syn-flood-cookies-on.",
		Expects: pile("syn-flood", tcp.SynReceived, 100, ""),
		Build:   undefended,
	},
	{
		Name: "syn-flood-cookies-always", Title: "SYNs from random sources; nothing is half-open at all", At: "server",
		About:   "tcp_syncookies=2 keeps no half-open connection, so the flood shows in no socket: cookies that are sent and never redeemed tell of it, and the packets.",
		ByHand:  "sysctl -w net.ipv4.tcp_syncookies=2, then as syn-flood-cookies-on.",
		Expects: []Expectation{{Cause: "syn-flood", State: tcp.SynReceived, AtLeast: 100}},
		Build:   func(w *lab.World) { flooded(w.Pair(), "2", "11.0.0.0/8").Counted("TcpExtSyncookiesSent", 200) },
	},
	{
		Name: "syn-flood-ipv6", Title: "SYNs from random IPv6 sources", At: "server",
		About:   "A flood from all over a large IPv6 network: per-address limits mean nothing where every host owns 2^64 addresses.",
		ByHand:  "As syn-flood-cookies-on, with an IPv6 generator.",
		Expects: pile("syn-flood", tcp.SynReceived, 100, ""),
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("[::]:80", 128, actor.ServeAnswers)
			p.Client.Program("attacker").Flood(server6, "2a00::/12", 1000)
			p.Server.Shows(tcp.SynReceived, 100)
		},
	},
	{
		Name: "syn-flood-among-clients", Title: "A flood while genuine clients are served", At: "server",
		About:   "Genuine clients get through on cookies while the flood runs: completion is low, not zero, and the service works.",
		ByHand:  "As syn-flood-cookies-on, with `ab -c 4` beside it.",
		Expects: pile("syn-flood", tcp.SynReceived, 50, ""),
		Build: func(w *lab.World) {
			p := w.Pair()
			flooded(p, "1", "11.0.0.0/8").Shows(tcp.SynReceived, 100)
			p.Client.Program("clients").Ask(server4, 4, 100*ms)
			p.Server.Counted("TcpPassiveOpens", 10)
		},
	},
	{
		Name: "syn-flood-from-prefix", Title: "SYNs from all over one small network", At: "server",
		About:   "Every SYN comes from one /24. A rule for that prefix stops it without touching anyone else.",
		ByHand:  "hping3 with sources of one network, in a lab of your own only.",
		Expects: pile("syn-flood-from-prefix", tcp.SynReceived, 100, ""),
		Build:   func(w *lab.World) { flooded(w.Pair(), "1", "198.18.7.0/24").Shows(tcp.SynReceived, 100) },
	},
	{
		Name: "syn-flood-from-host", Title: "SYNs from one address and many ports", At: "server",
		About:   "One host sends SYNs from ever new ports and never completes one.",
		ByHand:  "hping3 --flood -S -p 80 SERVER with a rule that drops its kernel's RSTs, in a lab of your own only.",
		Expects: pile("syn-flood-from-prefix", tcp.SynReceived, 100, ""),
		Build:   func(w *lab.World) { flooded(w.Pair(), "0", "198.18.7.7/32").Shows(tcp.SynReceived, 100) },
	},
	{
		Name: "syn-flood-guarded-settings", Title: "A flood, and what two settings make of it", At: "server",
		About:   "The queue is full and genuine clients are turned away. Then the guard carries its plan out, the clients come again, and all that it changed is taken back. The half-open connections stay as many: the queue is still full, but nobody waits in it any more.",
		ByHand:  "syn-flood-cookies-off, and in it: synoptic guard apply, synoptic guard revert.",
		Expects: pile("syn-flood", tcp.SynReceived, 100, ""),
		Guarded: &Guarded{Clients: "client", Server: server4},
		Build:   undefended,
	},
	{
		Name: "syn-flood-guarded-xdp", Title: "A flood, and cookies before the kernel spends anything on it", At: "server",
		About:   "As with settings alone, and the guard's XDP programs answer the SYNs of the flooded listener: the kernel sees only those who come back with a right cookie, and no connection is half-open. It needs root and Linux 6.9; without them only the settings are shown.",
		ByHand:  "syn-flood-cookies-off, and in it: synoptic guard apply --interface eth0, synoptic guard revert.",
		Expects: pile("syn-flood", tcp.SynReceived, 100, ""),
		Guarded: &Guarded{XDP: true, Interface: "eth0", Clients: "client", Server: server4},
		Build:   undefended,
	},
}

// undefended is a server whose queue is full, and that has no cookies.
func undefended(w *lab.World) {
	server := flooded(w.Pair(), "0", "11.0.0.0/8")
	server.Shows(tcp.SynReceived, 100)
	server.Counted("TcpExtTCPReqQFullDrop", 100)
}

// flooded lets an attacker send a thousand forged SYNs a second.
func flooded(p lab.Pair, cookies, sources string) *lab.Host {
	p.Server.Set("net.ipv4.tcp_syncookies", cookies)
	p.Server.Program("web").Listen("[::]:80", 128, actor.ServeAnswers)
	p.Client.Program("attacker").Flood(server4, sources, 1000)
	return p.Server
}
