package scenario

import (
	"syscall"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// connecting: we are the client and get no further than SYN-SENT.
var connecting = []Scenario{
	{
		Name: "scanning-hosts", Title: "A worm tries one port of very many hosts", At: "client",
		About:   "One process tries port 445 of ever new addresses, most of which do not exist. SYN-SENT piles up, and every socket has another peer.",
		ByHand:  "masscan or nmap -p445 over a large network, in a lab of your own only.",
		Expects: []Expectation{{Cause: "scanning", State: tcp.SynSent, AtLeast: 30, Program: "worm"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Route("default", lab.ServerAddress)
			p.Client.Program("worm").ScanHosts("198.18.0.1:445", "198.18.0.0/15", 60)
			p.Client.Shows(tcp.SynSent, 60)
		},
	},
	{
		Name: "scanning-ports", Title: "A scanner tries very many ports of one host", At: "client",
		About:   "One process tries port after port of one host, whose firewall answers nothing.",
		ByHand:  "nmap -Pn -p- SERVER, in a lab of your own only.",
		Expects: []Expectation{{Cause: "scanning", State: tcp.SynSent, AtLeast: 30, Program: "scanner"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Drop(lab.Drop{Hook: lab.Inbound})
			p.Client.Program("scanner").ScanPorts(lab.ServerAddress+":1", 60)
			p.Client.Shows(tcp.SynSent, 60)
		},
	},
	{
		Name: "stale-nat-entry", Title: "Attempts that began before a NAT rule follow the old mapping", At: "client",
		About:   "A service address is rewritten by a rule that was added a moment too late. Connection tracking remembers the attempts from before, so their SYNs still go nowhere while new connections work.",
		ByHand:  "connect, then `nft add rule ip nat output ... dnat to ...`, and connect again: only the new one works. conntrack -D frees the old one.",
		Expects: []Expectation{{Cause: "stale-nat-entry", State: tcp.SynSent, AtLeast: 5}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Route("default", lab.ServerAddress)
			p.Client.Track(lab.Outbound)
			p.Server.Program("web").Listen("0.0.0.0:8080", 128, actor.ServeAnswers)
			clients := p.Client.Program("clients")
			clients.Start("203.0.113.80:80", 5)
			p.Client.Shows(tcp.SynSent, 5)
			p.Client.RedirectOwn(80, lab.ServerAddress+":8080")
			clients.Dial("203.0.113.80:80", 3)
			p.Client.Shows(tcp.Established, 3)
		},
	},
	{
		Name: "ephemeral-ports-exhausted", Title: "No local port is left towards one destination", At: "client",
		About:   "Connections to one address and port hold every local port of the range. connect() fails with EADDRNOTAVAIL before a SYN is sent.",
		ByHand:  "sysctl -w net.ipv4.ip_local_port_range='40000 40031' and open 33 connections to one server.",
		Expects: []Expectation{{Cause: "ephemeral-ports-exhausted", State: tcp.Established, AtLeast: 32, Program: "clients"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Set("net.ipv4.ip_local_port_range", "40000 40031")
			p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeHold)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 32)
			clients.Fails(actor.Order{Do: "dial", To: server4}, syscall.EADDRNOTAVAIL)
			clients.Redial(server4, 50*ms, 0)
			p.Client.Shows(tcp.Established, 32)
		},
	},
	{
		Name: "hairpin-source-dropped", Title: "Through the balancer back to oneself", At: "server",
		About:   "A backend calls the service address, the balancer chooses that same backend, and its SYN comes back with its own address as source. The kernel drops it without a counter of its own.",
		ByHand:  "DNAT on the router to a backend, without SNAT; connect to the service address from that backend.",
		Expects: []Expectation{{Cause: "hairpin-source-dropped", State: tcp.SynSent, AtLeast: 5, Program: "backend"}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.Redirect(80, lab.ServerAddress+":8080")
			backend := r.Server.Program("backend")
			backend.Listen("0.0.0.0:8080", 128, actor.ServeAnswers)
			r.Client.Program("clients").Dial("203.0.113.80:80", 2) // works for everyone else
			r.Client.Shows(tcp.Established, 2)
			backend.Start("203.0.113.80:80", 6)
			r.Server.Shows(tcp.SynSent, 6)
			r.Server.Dropped(6) // our own SYNs came back and went no further than the IP layer
		},
	},
	{
		Name: "self-connect", Title: "A socket that is connected to itself", At: "client",
		About:   "A program tries again and again to reach a local server that is down, on a port of the ephemeral range. One day the kernel picks that very port as source: simultaneous open with oneself. The server can then not bind its port.",
		ByHand:  "while ! nc localhost 45000; do :; done, with nobody listening there.",
		Expects: []Expectation{{Cause: "self-connect", State: tcp.Established, AtLeast: 1, Program: "impatient"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			impatient := p.Client.Program("impatient")
			impatient.Do(actor.Order{Do: "dial", From: "127.0.0.1:45000", To: "127.0.0.1:45000", Exactly: true, Group: "all"})
			p.Client.Shows(tcp.Established, 1)
			p.Client.Program("late").Fails(actor.Order{Do: "listen", At: "127.0.0.1:45000", Backlog: 8}, syscall.EADDRINUSE)
		},
	},
}

// targets: what is wrong with the other side.
var targets = []Scenario{
	{
		Name: "target-dead-on-link", Title: "Nobody has that address on our own network", At: "client",
		About:   "The address is on our link and nobody answers ARP. Each attempt ends after about three seconds with EHOSTUNREACH: a stream of short attempts, never a pile.",
		ByHand:  "nc 192.0.2.99 80, with that address unused on your network.",
		Expects: []Expectation{{Cause: "target-dead", State: tcp.SynSent, AtLeast: 1, Program: "clients"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			clients := p.Client.Program("clients")
			clients.Start("192.0.2.99:81", 5)
			clients.Redial("192.0.2.99:81", 200*ms, 10*time.Second)
			p.Client.Shows(tcp.SynSent, 5)
		},
	},
	{
		Name: "target-dead-unreachable", Title: "A router says that the host is unreachable", At: "client",
		About:   "The router in front of the target gets no answer from it and says so by ICMP, which ends each attempt at once. The program tries on.",
		ByHand:  "nc to an unused address behind a router.",
		Expects: []Expectation{{Cause: "target-dead", State: tcp.SynSent, AtLeast: 1, Program: "clients"}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.Set("net.ipv4.neigh.eth1.mcast_solicit", "1")
			r.Router.Set("net.ipv4.neigh.eth1.retrans_time_ms", "1000") // by default it takes three seconds, and forgets packets meanwhile
			clients := r.Client.Program("clients")
			clients.Redial("192.0.2.99:81", 300*ms, 10*time.Second) // not faster: routers limit ICMP errors
			r.Client.Counted("IcmpInDestUnreachs", 5)
		},
	},
	{
		Name: "target-filtered", Title: "The host lives, and one of its ports stays silent", At: "client",
		About:   "Other connections to the host work; SYNs to this port vanish without ICMP and without RST.",
		ByHand:  "iptables -A INPUT -p tcp --dport 81 -j DROP on the server.",
		Expects: pile("target-filtered", tcp.SynSent, 5, "clients"),
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 2)
			p.Server.Drop(lab.Drop{Hook: lab.Inbound}.To(81))
			clients.Start(lab.ServerAddress+":81", 6)
			p.Client.Shows(tcp.SynSent, 6)
		},
	},
	{
		Name: "target-filtered-ipv6", Title: "The same over IPv6", At: "client",
		About:   "As target-filtered, over IPv6: the usual surprise when only iptables was configured.",
		ByHand:  "ip6tables -A INPUT -p tcp --dport 81 -j DROP on the server.",
		Expects: pile("target-filtered", tcp.SynSent, 5, "clients"),
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 2)
			p.Server.Drop(lab.Drop{Hook: lab.Inbound}.To(81))
			clients.Start("["+lab.ServerAddress6+"]:81", 6)
			p.Client.Shows(tcp.SynSent, 6)
		},
	},
	{
		Name: "synack-dropped-here", Title: "Our own firewall drops the SYN-ACK", At: "client",
		About:   "The answer arrives and our own rule drops it, so the client stays in SYN-SENT while the server shows SYN-RECEIVED: the textbook way to hold a client in SYN-SENT.",
		ByHand:  "iptables -A INPUT -p tcp --tcp-flags ALL SYN,ACK -j DROP on the client.",
		Expects: pile("synack-dropped-here", tcp.SynSent, 5, "clients"),
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 2)
			p.Client.Drop(lab.SYNACK.On(lab.Inbound))
			clients.Start(server4, 6)
			p.Client.Shows(tcp.SynSent, 6)
			p.Server.Shows(tcp.SynReceived, 6)
		},
	},
	{
		Name: "synack-dropped-by-rp-filter", Title: "Reverse path filtering drops the SYN-ACK", At: "client",
		About:   "The answer comes in on another interface than the one that the SYN left through, and rp_filter=1 drops it there.",
		ByHand:  "sysctl -w net.ipv4.conf.eth1.rp_filter=1 on a client with two uplinks.",
		Expects: pile("synack-dropped-here", tcp.SynSent, 5, "clients"),
		Build: func(w *lab.World) {
			t := w.Triangle()
			t.Client.Set("net.ipv4.conf.eth1.rp_filter", "1")
			t.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			t.Client.Program("clients").Start(server4, 6)
			t.Client.Shows(tcp.SynSent, 6)
			t.Client.Counted("TcpExtIPReversePathFilter", 6)
		},
	},
	{
		Name: "target-overloaded", Title: "The server on this very host has a full accept queue", At: "server",
		About:   "Both ends are on one host. The server does not accept, its queue is full, and the kernel drops the SYNs of our own clients: two piles with one cause.",
		ByHand:  "As accept-stalled-overflow, with clients on the server itself.",
		Expects: []Expectation{{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 3, Program: "web"}, {Cause: "target-overloaded", State: tcp.SynSent, AtLeast: 5}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("127.0.0.1:80", 2, actor.ServeNothing)
			clients := p.Server.Program("clients")
			clients.Dial("127.0.0.1:80", 3)
			clients.Start("127.0.0.1:80", 6)
			p.Server.Shows(tcp.SynSent, 6)
			p.Server.Counted("TcpExtListenOverflows", 6)
		},
	},
}
