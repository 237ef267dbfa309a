package diagnose

import (
	"reflect"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// sees makes the scene one of captures alone, of one server.
func (s *scene) sees(server evidence.PacketServer) {
	server.Local = at("192.0.2.1:80")
	s.b.Sources = []evidence.Source{{Name: evidence.SourcePackets, OK: true}}
	s.b.Packets = &evidence.Packets{Servers: []evidence.PacketServer{server}}
}

// captures is a scene of one server.
func captures(server evidence.PacketServer) func(*scene) {
	return func(s *scene) { s.sees(server) }
}

// capturedGroup is connections of so many addresses, each in a network of its own.
func capturedGroup(count, addresses int) evidence.PacketGroup {
	return evidence.PacketGroup{
		Count: count, Addresses: addresses, Networks: addresses, Again: 3 * count, Longest: 4,
		Most: count / addresses, Share: count / addresses, Prefix: prefix("198.51.100.0/24"),
	}
}

// narrowGroup is the same from one network.
func narrowGroup(count, addresses int) evidence.PacketGroup {
	g := capturedGroup(count, addresses)
	g.Networks, g.Most, g.Share = 1, count, count
	return g
}

// silentServer has clients that send one SYN, get their answer, and say no more.
func silentServer(once evidence.PacketGroup, young int, near evidence.Vantage) evidence.PacketServer {
	return evidence.PacketServer{
		Near: near, Attempts: once.Count, Once: once, OnceAnswered: once.Count,
		OnceYoung: young, OnceWaited: once.Count - young, OnceResent: once.Count - young,
	}
}

func TestCapturedFlood(t *testing.T) {
	wide, narrow := capturedGroup(500, 500), narrowGroup(500, 5)
	noAnswer := evidence.PacketServer{Attempts: 500, Once: wide, OnceYoung: 500}
	crowd := silentServer(wide, 500, "")
	crowd.Attempts, crowd.Completed = 1500, 1000
	resend := silentServer(wide, 300, "")
	resend.Again = capturedGroup(100, 100)
	path := []Cause{"synack-lost-on-path", "asymmetric-return"}
	rest := []Cause{"syn-flood-from-prefix", "handshake-withheld", "ack-lost", "synack-blocked-here", "deferred-accept", "syn-queue-too-small"}
	both := []Cause{"syn-flood", "syn-flood-from-prefix"}
	runScenes(t, []sceneCase{
		{"from everywhere", captures(silentServer(wide, 100, "")), verdict{"syn-flood", Warning, Probable, 500, nil, append(path, rest...)}, both[1:]},
		{"in a blink", captures(silentServer(wide, 500, "")), verdict{"syn-flood", Warning, Possible, 500, path, rest}, both[1:]},
		{"from one network", captures(silentServer(narrow, 100, "")),
			verdict{"syn-flood-from-prefix", Warning, Probable, 500, nil, []Cause{"syn-flood", "handshake-withheld", "ack-lost"}}, both[:1]},
		{"SYNs too young for an answer", captures(noAnswer), verdict{}, both},
		{"most clients get through", captures(crowd), verdict{}, both},
		{"their clients send again", captures(resend), verdict{"synack-lost-on-path", Warning, Possible, 100, []Cause{"synack-dropped-here", "asymmetric-return"}, both}, both},
	})
}

// Two gateways: what completes by another neighbour is healthy.
func TestCapturedSYNACKs(t *testing.T) {
	again := func(near evidence.Vantage, turned, healthy, unplaced int) func(*scene) {
		return captures(evidence.PacketServer{
			Near: near, Again: capturedGroup(20, 20), AgainTurned: turned, Turned: healthy, AgainUnplaced: unplaced,
		})
	}
	lost, other, dropped := Cause("synack-lost-on-path"), Cause("asymmetric-return"), Cause("synack-dropped-here")
	live := []Cause{"syn-flood", "syn-flood-from-prefix", "handshake-withheld", "ack-lost", "synack-blocked-here"}
	runScenes(t, []sceneCase{
		{"the same neighbour", again(evidence.NearServer, 0, 0, 0), verdict{lost, Warning, Probable, 20, nil, append(live, other, dropped)}, []Cause{other, dropped}},
		{"another neighbour", again(evidence.NearServer, 20, 0, 0), verdict{other, Warning, Possible, 20, []Cause{lost}, live}, []Cause{lost, dropped}},
		{"another neighbour, as those that complete", again(evidence.NearServer, 20, 9, 0), verdict{lost, Warning, Probable, 20, nil, live}, []Cause{other}},
		{"no neighbours known", again(evidence.NearServer, 0, 0, 20), verdict{lost, Warning, Possible, 20, []Cause{other}, live}, nil},
		{"the place unknown", again(evidence.NearUnknown, 20, 0, 0), verdict{lost, Warning, Possible, 20, []Cause{other, dropped}, live}, []Cause{other}},
		{"at the client", again(evidence.NearClient, 0, 0, 0), verdict{dropped, Warning, Possible, 20, []Cause{lost}, live}, []Cause{lost, other}},
		{"one or two", captures(evidence.PacketServer{Again: capturedGroup(2, 2)}), verdict{}, nil},
	})
}

func TestCapturedSilence(t *testing.T) {
	withheld, lost := Cause("handshake-withheld"), Cause("ack-lost")
	acked := evidence.PacketServer{Acked: capturedGroup(20, 20), Completed: 9}
	serving := acked
	serving.Served = 9
	runScenes(t, []sceneCase{
		{"at the server, withheld", captures(silentServer(narrowGroup(20, 3), 5, evidence.NearServer)), verdict{withheld, Warning, Possible, 15, []Cause{lost}, []Cause{"syn-flood"}}, nil},
		{"at the server, lost", captures(silentServer(narrowGroup(20, 3), 5, evidence.NearServer)), verdict{lost, Warning, Possible, 15, []Cause{withheld}, nil}, nil},
		{"at the client", captures(silentServer(narrowGroup(20, 3), 5, evidence.NearClient)), verdict{withheld, Warning, Probable, 15, nil, []Cause{lost}}, []Cause{lost}},
		{"many clients", captures(silentServer(capturedGroup(40, 40), 5, "")), verdict{lost, Warning, Possible, 35, []Cause{"syn-flood"}, []Cause{withheld}}, []Cause{withheld}},
		{"all young", captures(silentServer(narrowGroup(20, 3), 20, "")), verdict{}, nil},
		{"their ACKs are seen", captures(acked), verdict{lost, Warning, Possible, 20, []Cause{"accept-stalled", "accept-backlog-too-small", "deferred-accept"}, []Cause{withheld}}, []Cause{withheld}},
		{"and others are served", captures(serving), verdict{lost, Warning, Possible, 20, []Cause{"accept-backlog-too-small", "deferred-accept"}, []Cause{"accept-stalled"}}, nil},
	})
}

func TestCapturedPeers(t *testing.T) {
	six := capturedGroup(6, 6)
	side := func(p evidence.PacketSide) func(*scene) { return captures(evidence.PacketServer{Server: p}) }
	vanished, dropped, hole, deaf := Cause("peer-vanished"), Cause("established-dropped"), Cause("path-mtu-black-hole"), Cause("peer-not-reading")
	runScenes(t, []sceneCase{
		{"nothing is heard", side(evidence.PacketSide{Unanswered: six, Small: 6}), verdict{vanished, Warning, Possible, 6, []Cause{dropped}, []Cause{hole, deaf}}, []Cause{dropped}},
		{"only large text", side(evidence.PacketSide{Unanswered: six}), verdict{vanished, Warning, Possible, 6, []Cause{dropped, hole}, nil}, []Cause{hole}},
		{"the hosts live", side(evidence.PacketSide{Unanswered: six, Small: 6, Alive: 6}), verdict{dropped, Warning, Probable, 6, nil, []Cause{vanished, hole, deaf}}, []Cause{vanished}},
		{"small text gets through", side(evidence.PacketSide{Large: six, LargeSize: 1448, LargePassed: 300}), verdict{hole, Warning, Probable, 6, nil, []Cause{vanished, dropped, deaf}}, []Cause{vanished, dropped}},
		{"windows are shut", side(evidence.PacketSide{Shut: six}), verdict{deaf, Warning, Probable, 6, nil, []Cause{vanished, dropped, hole}}, []Cause{vanished}},
	})
}

func TestCapturedScan(t *testing.T) {
	client := func(c evidence.PacketClient) func(*scene) {
		return func(s *scene) {
			c.Address = ip("198.51.100.7")
			s.sees(evidence.PacketServer{})
			s.b.Packets.Clients = []evidence.PacketClient{c}
		}
	}
	runScenes(t, []sceneCase{
		{"a port of many hosts", client(evidence.PacketClient{Targets: 200, Hosts: 200, Ports: 1, Port: 22, Attempts: 200, Unanswered: 150, Refused: 40, Served: 10}),
			verdict{"scanning", Warning, Probable, 200, nil, []Cause{"target-dead", "target-filtered"}}, nil},
		{"a crawler", client(evidence.PacketClient{Targets: 200, Hosts: 200, Ports: 1, Attempts: 200, Unanswered: 20, Served: 180}), verdict{}, nil},
		{"one dead target", client(evidence.PacketClient{Targets: 1, Hosts: 1, Ports: 1, Attempts: 200, Unanswered: 200}), verdict{}, nil},
	})
}

func TestCapturedEnds(t *testing.T) {
	server := func(connections int, p, q evidence.PacketSide) func(*scene) {
		return captures(evidence.PacketServer{Connections: connections, Server: p, Clients: q})
	}
	none, resets, churn := evidence.PacketSide{}, Cause("reset-storm"), Cause("active-close-churn")
	runScenes(t, []sceneCase{
		{"the server resets", server(100, evidence.PacketSide{Aborts: 90}, none), verdict{resets, Warning, Probable, 90, nil, []Cause{"asymmetric-return"}}, nil},
		{"a third of clients do", server(90, none, evidence.PacketSide{Aborts: 30}), verdict{resets, Notice, Probable, 30, nil, nil}, nil},
		{"a tenth of them", server(900, none, evidence.PacketSide{Aborts: 90}), verdict{}, nil},
		{"a few", server(9, none, evidence.PacketSide{Aborts: 9}), verdict{}, nil},
		{"guesses", server(9, evidence.PacketSide{Strays: 90, Struck: 9}, none), verdict{resets, Warning, Probable, 90, nil, []Cause{"established-dropped"}}, nil},
		{"meant by the peer", server(9, evidence.PacketSide{Strays: 90, Struck: 9, Aborts: 9}, none), verdict{resets, Notice, Possible, 90, []Cause{"established-dropped"}, nil}, nil},
		{"100 a second", server(500, none, evidence.PacketSide{Closed: 500, Brief: 500}), verdict{churn, Notice, Probable, 500, nil, []Cause{"time-wait-port-exhaustion"}}, nil},
		{"1000 a second", server(5000, evidence.PacketSide{Closed: 5000, Brief: 5000}, none), verdict{churn, Warning, Possible, 5000, []Cause{"time-wait-port-exhaustion", "time-wait-overflow"}, nil}, nil},
		{"10 a second", server(50, none, evidence.PacketSide{Closed: 50, Brief: 50}), verdict{}, nil},
		{"long lives", server(5000, none, evidence.PacketSide{Closed: 5000, Brief: 500}), verdict{}, nil},
	})
	s := quietHost()
	s.window = 20 * time.Millisecond
	server(30, none, evidence.PacketSide{Closed: 30, Brief: 30})(s)
	report := s.diagnose()
	if len(report.Findings) != 0 || !assessedNot(report, churn, needsWindow) {
		t.Errorf("20 ms tell no rate: %s, %v", causesOf(report), report.NotAssessed)
	}
}

func assessedNot(r Report, cause Cause, need string) bool {
	for _, n := range r.NotAssessed {
		if n.Cause == cause {
			return reflect.DeepEqual(n.Needs, []string{need})
		}
	}
	return false
}

func TestCapturedPiles(t *testing.T) {
	look := []Cause{"target-filtered", "accept-stalled", "syn-queue-too-small", "synack-blocked-here", "no-return-route", "return-path-filtered"}
	runScenes(t, []sceneCase{
		{"nobody answers", captures(evidence.PacketServer{Unanswered: capturedGroup(9, 9)}), verdict{"unexplained", Warning, Possible, 9, append([]Cause{"target-dead"}, look...), nil}, nil},
		{"others get through", captures(evidence.PacketServer{Completed: 4, Unanswered: capturedGroup(9, 9)}), verdict{"unexplained", Notice, Possible, 9, look, []Cause{"target-dead"}}, nil},
		{"a program does not close", captures(evidence.PacketServer{Server: evidence.PacketSide{Standing: 9}}), verdict{"unexplained", Notice, Possible, 9, []Cause{"app-not-closing", "app-blocked", "idle-pool", "closed-before-accept", "peer-not-reading", "tuple-clash", "proxied-culprit"}, nil}, nil},
		{"a FIN stays unanswered", captures(evidence.PacketServer{Clients: evidence.PacketSide{Stuck: tcp.Counts{tcp.LastAck: 9}}}), verdict{"unexplained", Notice, Possible, 9, []Cause{"last-ack-lost"}, nil}, nil},
		{"a few", captures(evidence.PacketServer{Unanswered: capturedGroup(3, 3), Server: evidence.PacketSide{Standing: 3}}), verdict{}, nil},
	})
}

// With sockets, packets change nothing: no rule of captures runs.
func TestSocketsComeFirst(t *testing.T) {
	s := quietHost()
	s.sees(silentServer(capturedGroup(500, 500), 0, ""))
	s.b.Sources = quietHost().b.Sources
	if report := s.diagnose(); len(report.Findings) > 0 {
		t.Errorf("%s", causesOf(report))
	}
}

// Every rule of captures belongs to a cause of the catalogue, and every cause is
// judged or not assessed.
func TestPacketRulesAreOfTheCatalogue(t *testing.T) {
	for _, p := range packetRules() {
		if rank(p.cause) < 0 {
			t.Errorf("%s is not in the catalogue", p.cause)
		}
	}
	s := quietHost()
	s.sees(evidence.PacketServer{})
	if n, all := len(s.diagnose().NotAssessed), len(Catalogue()); n+len(packetRules()) != all {
		t.Errorf("%d of %d causes are not assessed", n, all)
	}
}
