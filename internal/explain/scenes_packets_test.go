package explain

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// seesServer makes the bundle one of captures alone, which show one server.
func (l *look) seesServer(window time.Duration, s evidence.PacketServer) {
	s.Local = netip.MustParseAddrPort("192.0.2.1:443")
	l.sees(window, evidence.Packets{Servers: []evidence.PacketServer{s}})
}

func (l *look) seesClient(c evidence.PacketClient) {
	c.Address = netip.MustParseAddr("198.51.100.7")
	l.sees(5*time.Second, evidence.Packets{Clients: []evidence.PacketClient{c}})
}

func (l *look) sees(window time.Duration, p evidence.Packets) {
	l.b.Sources = []evidence.Source{{Name: evidence.SourcePackets, OK: true}}
	l.b.End = l.b.Start.Add(window)
	l.b.Packets = &p
}

// seen is a group of connections from so many addresses of one network each.
func seen(count, addresses int) evidence.PacketGroup {
	return evidence.PacketGroup{
		Count: count, Addresses: addresses, Networks: addresses, Again: 2 * count, Longest: 4.2,
		Most: count / addresses, Share: count / addresses, Prefix: netip.MustParsePrefix("198.51.100.0/24"),
	}
}

// from is a group of connections from one network.
func from(count, addresses int) evidence.PacketGroup {
	g := seen(count, addresses)
	g.Networks, g.Most, g.Share = 1, count, count
	return g
}

// packetScenes say the sentences of captures.
var packetScenes = []func(*look){
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Once: seen(900, 900), Attempts: 901, Completed: 1, OnceAnswered: 900, OnceWaited: 800, OnceYoung: 100})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Once: from(200, 9), Attempts: 200, OnceYoung: 136})
	},
	func(l *look) {
		l.seesServer(time.Second/4, evidence.PacketServer{Once: from(2000, 90), Attempts: 2000, OnceYoung: 2000, OnceAnswered: 2000})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Near: evidence.NearServer, Again: seen(20, 20)})
	},
	func(l *look) { l.seesServer(5*time.Second, evidence.PacketServer{Again: seen(20, 20)}) },
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Near: evidence.NearServer, Again: seen(20, 20), AgainUnplaced: 20})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Near: evidence.NearServer, Again: seen(20, 20), AgainTurned: 20})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Near: evidence.NearClient, Again: seen(20, 20)})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Once: from(20, 3), OnceAnswered: 20, OnceWaited: 20, OnceResent: 60})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Near: evidence.NearClient, Once: from(20, 3), OnceAnswered: 20, OnceWaited: 20, OnceResent: 60})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Once: seen(20, 20), OnceAnswered: 20, OnceWaited: 20, OnceResent: 60})
	},
	func(l *look) { l.seesServer(5*time.Second, evidence.PacketServer{Acked: seen(20, 20), Served: 3}) },
	func(l *look) { l.seesServer(5*time.Second, evidence.PacketServer{Acked: seen(20, 20)}) },
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{
			Server:  evidence.PacketSide{Unanswered: seen(6, 6), Small: 6},
			Clients: evidence.PacketSide{Unanswered: seen(6, 6), Alive: 6},
		})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{
			Server:  evidence.PacketSide{Large: seen(6, 6), LargeSize: 1448, LargePassed: 200},
			Clients: evidence.PacketSide{Shut: seen(6, 6)},
		})
	},
	func(l *look) {
		l.seesClient(evidence.PacketClient{Targets: 300, Hosts: 300, Ports: 1, Port: 445, Attempts: 300, Unanswered: 290, Refused: 5, Served: 5})
	},
	func(l *look) {
		l.seesClient(evidence.PacketClient{Targets: 300, Hosts: 1, Host: netip.MustParseAddr("192.0.2.9"), Ports: 300, Attempts: 300, Refused: 300})
	},
	func(l *look) {
		l.seesClient(evidence.PacketClient{Targets: 300, Hosts: 30, Ports: 10, Attempts: 300, Unanswered: 300})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Connections: 90, Server: evidence.PacketSide{Aborts: 60}})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Connections: 90, Clients: evidence.PacketSide{Aborts: 40}})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{
			Server:  evidence.PacketSide{Strays: 60, Struck: 12, Foreign: 60},
			Clients: evidence.PacketSide{Strays: 60, Struck: 12, Aborts: 9},
		})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{
			Server:  evidence.PacketSide{Closed: 5000, Brief: 5000},
			Clients: evidence.PacketSide{Closed: 500, Brief: 500},
		})
	},
	func(l *look) {
		stuck := tcp.Counts{tcp.LastAck: 9}
		l.seesServer(5*time.Second, evidence.PacketServer{Unanswered: seen(9, 9), Server: evidence.PacketSide{Stuck: stuck, Standing: 9}})
	},
	func(l *look) {
		l.seesServer(5*time.Second, evidence.PacketServer{Completed: 3, Unanswered: seen(9, 9)})
	},
}
