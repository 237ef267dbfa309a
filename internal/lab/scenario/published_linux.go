package scenario

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// published: services that the firewall leads strangers to (DNAT), and those that
// it leads friends to.
var published = []Scenario{
	{
		Name: "published-container", Title: "A container's database is published to everybody", At: "router",
		About:   "The port is led to a container before the rules for what comes in are asked: the host has no listener there, and its firewall never sees the connection.",
		ByHand:  "docker run -p 6379:6379 redis, on a host whose input chain lets only SSH in.",
		Expects: []Expectation{{Cause: "exposed-listener", State: tcp.Listen, AtLeast: 1, Benign: true}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Server.Program("redis").Listen("0.0.0.0:6379", 128, actor.ServeAnswers)
			r.Router.Drop(lab.Drop{Hook: lab.Inbound}.To(6379))
			r.Router.Publish(lab.Publish{Port: 6379, Target: lab.ServerAddress + ":6379", In: "eth0"})
			r.Router.Route("default", lab.FarAddress)
			r.Client.Program("stranger").Dial(lab.FarGateway+":6379", 1)
			r.Server.Shows(tcp.Established, 1)
		},
	},
	{
		Name: "published-loopback", Title: "A database on loopback, to which a rule leads everybody", At: "server",
		About:   "The program listens on 127.0.0.1 and feels safe. route_localnet, which some cluster software switches on, and one NAT rule let strangers in.",
		ByHand:  "sysctl net.ipv4.conf.all.route_localnet=1; nft add rule ip nat prerouting tcp dport 16379 dnat to 127.0.0.1:6379",
		Expects: []Expectation{{Cause: "exposed-listener", State: tcp.Listen, AtLeast: 1, Program: "redis", Benign: true}},
		Build: func(w *lab.World) {
			p := loopbackDatabase(w)
			p.Server.Set("net.ipv4.conf.eth0.route_localnet", "1")
			p.Server.Publish(lab.Publish{Port: 16379, Target: "127.0.0.1:6379"})
			p.Client.Program("stranger").Dial(lab.ServerAddress+":16379", 1)
			p.Server.Shows(tcp.Established, 1)
		},
	},
	{
		Name: "published-for-itself", Title: "A container's database, published on loopback", At: "router",
		About:  "The near miss of published-container: the rule takes only what is dialled at 127.0.0.1, which nobody else can.",
		ByHand: "docker run -p 127.0.0.1:6379:6379 redis",
		Build: func(w *lab.World) {
			r := w.Routed()
			loopback := netip.MustParsePrefix("127.0.0.1/32")
			r.Server.Program("redis").Listen("0.0.0.0:6379", 128, actor.ServeAnswers)
			r.Router.Set("net.ipv4.conf.all.route_localnet", "1")
			r.Router.Masquerade("eth1")
			for _, own := range []bool{false, true} {
				r.Router.Publish(lab.Publish{Port: 6379, Target: lab.ServerAddress + ":6379", Own: own, Dialled: loopback})
			}
			r.Router.Program("application").Dial("127.0.0.1:6379", 1)
			r.Server.Shows(tcp.Established, 1)
		},
	},
	{
		Name: "published-to-friends", Title: "Databases published to one network and through one interface", At: "router",
		About:  "The other near miss: one rule takes the connections of one network, the other what comes in through an interface that is not the way to the world.",
		ByHand: "nft add rule ip nat prerouting ip saddr 198.51.100.0/24 tcp dport 6379 dnat to 192.0.2.2:6379, and iifname instead of ip saddr.",
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Server.Program("redis").Listen("0.0.0.0:6379", 128, actor.ServeAnswers)
			r.Router.Publish(lab.Publish{Port: 6379, Target: lab.ServerAddress + ":6379", From: netip.MustParsePrefix("198.51.100.0/24")})
			r.Router.Publish(lab.Publish{Port: 5432, Target: lab.ServerAddress + ":6379", In: "eth0"})
			r.Router.Route("default", lab.ServerAddress)
			friends := r.Client.Program("friends")
			friends.Dial(lab.FarGateway+":6379", 1)
			friends.Dial(lab.FarGateway+":5432", 1)
			r.Server.Shows(tcp.Established, 2)
		},
	},
	{
		Name: "published-nowhere", Title: "A rule to loopback where the kernel drops what takes it", At: "server",
		About:  "The near miss of published-loopback: without route_localnet the kernel drops at its own door what is led to 127.0.0.1.",
		ByHand: "The NAT rule of published-loopback alone.",
		Build: func(w *lab.World) {
			p := loopbackDatabase(w)
			p.Server.Publish(lab.Publish{Port: 16379, Target: "127.0.0.1:6379"})
			strangers := p.Client.Program("stranger")
			strangers.Start(lab.ServerAddress+":16379", 1)
			p.Client.Shows(tcp.SynSent, 1)
			p.Server.Program("application").Dial("127.0.0.1:6379", 1)
			p.Server.Shows(tcp.Established, 2)
		},
	},
}

func loopbackDatabase(w *lab.World) lab.Pair {
	p := w.Pair()
	p.Server.Program("redis").Listen("127.0.0.1:6379", 128, actor.ServeAnswers)
	return p
}
