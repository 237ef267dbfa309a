package lab

import "time"

// Pair is a client and a server on one link. The client is also the server's
// gateway, so that answers to forged sources have a way to go.
type Pair struct{ Client, Server *Host }

// Addresses of the simplest topology.
const (
	ClientAddress  = "192.0.2.1"
	ServerAddress  = "192.0.2.2"
	ClientAddress6 = "2001:db8::1"
	ServerAddress6 = "2001:db8::2"
)

// Pair builds a client and a server.
func (w *World) Pair() Pair {
	p := Pair{Client: w.Host("client"), Server: w.Host("server")}
	w.Join(p.Client.At("eth0", ClientAddress+"/24", ClientAddress6+"/64"), p.Server.At("eth0", ServerAddress+"/24", ServerAddress6+"/64"))
	p.Server.Route("default", ClientAddress)
	p.Server.Route("default", ClientAddress6)
	return p
}

// Routed is a client and a server with a router between them. The server has
// the same address as in Pair.
type Routed struct{ Client, Router, Server *Host }

// Addresses on the client's side of a router.
const (
	FarAddress   = "198.51.100.10"
	FarGateway   = "198.51.100.1" // the router, as the client sees it
	NearGateway  = "192.0.2.1"    // the router, as the server sees it
	FarAddress6  = "2001:db8:1::10"
	FarGateway6  = "2001:db8:1::1"
	NearGateway6 = "2001:db8::1"
)

// Routed builds a client, a router and a server.
func (w *World) Routed() Routed {
	r := Routed{Client: w.Host("client"), Router: w.router("router"), Server: w.Host("server")}
	w.Join(r.Client.At("eth0", FarAddress+"/24", FarAddress6+"/64"), r.Router.At("eth0", FarGateway+"/24", FarGateway6+"/64"))
	w.Join(r.Router.At("eth1", NearGateway+"/24", NearGateway6+"/64"), r.Server.At("eth0", ServerAddress+"/24", ServerAddress6+"/64"))
	r.Client.Route("default", FarGateway)
	r.Client.Route("default", FarGateway6)
	r.Server.Route("default", NearGateway)
	r.Server.Route("default", NearGateway6)
	return r
}

func (w *World) router(name string) *Host {
	h := w.Host(name)
	h.Set("net.ipv4.ip_forward", "1")
	h.Set("net.ipv6.conf.all.forwarding", "1")
	return h
}

// Slow is Pair with a cable that takes time, once each way.
func (w *World) Slow(delay time.Duration) Pair {
	p := Pair{Client: w.Host("client"), Server: w.Host("server")}
	w.JoinSlowly(p.Client.At("eth0", ClientAddress+"/24", ClientAddress6+"/64"), p.Server.At("eth0", ServerAddress+"/24", ServerAddress6+"/64"), delay)
	p.Server.Route("default", ClientAddress)
	return p
}

// Star is a server with two clients, each on a link of its own. IPv4 only.
type Star struct{ First, Second, Server *Host }

// Star builds two clients and a server. The second one reaches it at SecondServer.
func (w *World) Star() Star {
	s := Star{First: w.Host("first"), Second: w.Host("second"), Server: w.Host("server")}
	w.Join(s.First.At("eth0", ClientAddress+"/24"), s.Server.At("eth0", ServerAddress+"/24"))
	w.Join(s.Second.At("eth0", SecondGateway+"/24"), s.Server.At("eth1", SecondServer+"/24"))
	return s
}

// Triangle is a server with two gateways: what comes through the first one is
// answered through the second.
type Triangle struct{ Client, First, Second, Server *Host }

// Addresses on the second way.
const (
	SecondFar     = "198.51.101.10" // the client on the second way
	SecondGateway = "203.0.113.1"   // the second gateway, as the server sees it
	SecondServer  = "203.0.113.2"   // the server on the second way
)

// Triangle builds a client, two gateways and a server. IPv4 only.
func (w *World) Triangle() Triangle {
	t := Triangle{Client: w.Host("client"), First: w.router("first"), Second: w.router("second"), Server: w.Host("server")}
	w.Join(t.Client.At("eth0", FarAddress+"/24"), t.First.At("eth0", FarGateway+"/24"))
	w.Join(t.First.At("eth1", NearGateway+"/24"), t.Server.At("eth0", ServerAddress+"/24"))
	w.Join(t.Client.At("eth1", SecondFar+"/24"), t.Second.At("eth0", "198.51.101.1/24"))
	w.Join(t.Second.At("eth1", SecondGateway+"/24"), t.Server.At("eth1", SecondServer+"/24"))
	t.Client.Route("default", FarGateway)
	t.Second.Route(FarAddress+"/32", SecondFar)
	t.Server.Route("default", SecondGateway)
	return t
}
