package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// twoHosts is a server with the address 192.0.2.1 and a client with 192.0.2.9,
// each in a namespace of its own.
func twoHosts() (server, client *scene) {
	server, client = quietHost(), quietHost()
	server.b.Host.NetNS, client.b.Host.NetNS = "1", "2"
	for i := range client.b.Routes {
		if client.b.Routes[i].Type == "local" {
			client.b.Routes[i].Destination = netip.MustParsePrefix("192.0.2.9/32")
		}
	}
	return server, client
}

func clientEnd(i int) string { return fmt.Sprintf("192.0.2.9:%d", 40000+i) }

func TestBothEndsAreOneStory(t *testing.T) {
	const n = 8
	leaky := func(s *scene, from func(int) string) {
		s.listens("0.0.0.0:80", 128, queue(0))
		for i := range n {
			s.stays(tcp.CloseWait, "192.0.2.1:80", from(i), s.heldBy(programPID))
		}
	}
	for _, c := range []struct {
		name          string
		make          func(server, client *scene)
		cause, follow Cause
	}{
		{"orphans of the client wait for a leaking server", func(server, client *scene) {
			leaky(server, clientEnd)
			for i := range n {
				client.stays(tcp.FinWait2, clientEnd(i), "192.0.2.1:80", mini)
			}
		}, "app-not-closing", "peer-not-closing"},
		{"a client that holds its half", func(server, client *scene) {
			leaky(server, clientEnd)
			for i := range n {
				client.stays(tcp.FinWait2, clientEnd(i), "192.0.2.1:80", client.heldBy(programPID))
			}
		}, "app-not-closing", "half-close-held"},
		{"the leak has other clients", func(server, client *scene) {
			leaky(server, client0)
			for i := range n {
				client.stays(tcp.FinWait2, clientEnd(i), "192.0.2.1:80", mini)
			}
		}, "", "peer-not-closing"},
		{"SYNs to a listener that does not accept", func(server, client *scene) {
			server.listens("0.0.0.0:80", 2, []uint32{3, 3, 3, 3, 3, 3})
			for i := range 3 {
				server.stays(tcp.Established, "192.0.2.1:80", clientEnd(100+i))
			}
			for i := range n {
				client.stays(tcp.SynSent, clientEnd(i), "192.0.2.1:80", client.heldBy(programPID), resent(3, host.TimerRetransmit))
			}
			client.stays(tcp.Established, clientEnd(200), "192.0.2.1:443", client.heldBy(programPID), heard(0))
			client.neighbour("192.0.2.1", "REACHABLE")
		}, "accept-stalled", "target-filtered"},
		{"CLOSE-WAIT that nobody accepted", func(server, client *scene) {
			server.listens("0.0.0.0:80", 128, queue(n))
			for i := range n {
				server.stays(tcp.CloseWait, "192.0.2.1:80", clientEnd(i))
				client.stays(tcp.FinWait2, clientEnd(i), "192.0.2.1:80", mini)
			}
		}, "closed-before-accept", "peer-not-closing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, client := twoHosts()
			c.make(server, client)
			all := Merge([]Report{client.diagnose(), server.diagnose()})
			f := one(t, all, c.follow)
			if f.BecauseOf != c.cause {
				t.Fatalf("because of %q, want %q: %s", f.BecauseOf, c.cause, causesOf(all))
			}
			if c.cause == "" {
				return
			}
			order := causes(all)
			if at := slices.Index(order, c.follow); at < 1 || order[at-1] != c.cause {
				t.Errorf("order: %s", causesOf(all))
			}
			last := f.Evidence[len(f.Evidence)-1]
			if last.Fact != "other-end-here" || last.Value != n {
				t.Errorf("%+v", last)
			}
		})
	}
}

func client0(i int) string { return client(i) }

// TestHalvesOfOneNamespace: the same in one namespace.
func TestHalvesOfOneNamespace(t *testing.T) {
	s := quietHost()
	s.runs(900, "client")
	s.listens("127.0.0.1:80", 128, queue(0))
	for i := range 8 {
		dialler := fmt.Sprintf("127.0.0.1:%d", 40000+i)
		s.stays(tcp.CloseWait, "127.0.0.1:80", dialler, s.heldBy(programPID))
		s.stays(tcp.FinWait2, dialler, "127.0.0.1:80", s.heldBy(900))
	}
	report := s.diagnose()
	if f := one(t, report, "half-close-held"); f.BecauseOf != "app-not-closing" {
		t.Errorf("because of %q: %s", f.BecauseOf, causesOf(report))
	}
}

// TestLoopbackLeadsNowhereElse: the same two loopback addresses in another
// namespace are another connection.
func TestLoopbackLeadsNowhereElse(t *testing.T) {
	leaking, waiting := twoHosts()
	leaking.listens("127.0.0.1:80", 128, queue(0))
	for i := range 8 {
		dialler := fmt.Sprintf("127.0.0.1:%d", 40000+i)
		leaking.stays(tcp.CloseWait, "127.0.0.1:80", dialler, leaking.heldBy(programPID))
		waiting.stays(tcp.FinWait2, dialler, "127.0.0.1:80", mini)
	}
	all := Merge([]Report{waiting.diagnose(), leaking.diagnose()})
	if f := one(t, all, "peer-not-closing"); f.BecauseOf != "" {
		t.Errorf("because of %s in another namespace: %v", f.BecauseOf, f.Evidence)
	}
}

// TestMergeOfReportsMadeElsewhere: a report without its bundle loses nothing.
func TestMergeOfReportsMadeElsewhere(t *testing.T) {
	all := Merge([]Report{{Findings: []Finding{
		{Cause: "half-close-held", State: tcp.FinWait2, Count: 1},
		{Cause: "app-not-closing", State: tcp.CloseWait, Count: 1, Subject: Subject{Local: "192.0.2.1:80"}},
		{Cause: "peer-not-closing", State: tcp.FinWait2, Count: 1, BecauseOf: "app-not-closing", Subject: Subject{Peer: "192.0.2.9"}},
	}}})
	if len(all.Findings) != 3 {
		t.Errorf("%s", causesOf(all))
	}
}

// TestStoryOfManyPrograms: a thousand pairs of programs are told in about the time
// of their sockets; comparing all with all would take hours.
func TestStoryOfManyPrograms(t *testing.T) {
	const programs, each = 1000, 10
	s := quietHost()
	for i := range programs {
		here := fmt.Sprintf("192.0.2.1:%d", 1000+i)
		s.listens(here, 128, queue(0), s.heldBy(10_000+i))
		for k := range each {
			there := fmt.Sprintf("192.0.2.1:%d", 20_000+k)
			s.stays(tcp.CloseWait, here, there, s.heldBy(10_000+i))
			s.stays(tcp.FinWait2, there, here, s.heldBy(30_000+i))
		}
	}
	report := s.diagnose()
	followed := 0
	for _, f := range report.of("half-close-held") {
		if f.BecauseOf == "app-not-closing" {
			followed++
		}
	}
	if followed != programs || len(report.Findings) != 2*programs {
		t.Errorf("%d of %d follow, %d findings", followed, programs, len(report.Findings))
	}
}

// TestBothEndsLive: each end takes the other for dead. Seen together, neither is.
func TestBothEndsLive(t *testing.T) {
	server, client := twoHosts()
	unanswered := []edit{heard(20 * time.Second), resent(5, host.TimerRetransmit), backoff(5), unsent(100)}
	server.listens("192.0.2.1:80", 128, queue(0))
	client.runs(900, "client")
	for i := range 6 {
		server.stays(tcp.Established, "192.0.2.1:80", clientEnd(i), append(unanswered, server.heldBy(programPID))...)
		client.stays(tcp.Established, clientEnd(i), "192.0.2.1:80", append(unanswered, client.heldBy(900))...)
	}
	for i := range 6 { // and one end closed
		server.stays(tcp.Established, "192.0.2.1:80", clientEnd(20+i), append(unanswered, server.heldBy(programPID))...)
		client.stays(tcp.FinWait1, clientEnd(20+i), "192.0.2.1:80", append(unanswered, client.heldBy(900))...)
	}
	all := Merge([]Report{server.diagnose(), client.diagnose()})
	roots := 0
	for _, f := range all.Findings {
		if f.BecauseOf == "" {
			roots++
			if f.Cause != "peer-vanished" || f.Summary.ID != "both-ends-cut" {
				t.Errorf("%s, %v", f.Cause, f.Summary)
			}
		}
	}
	if roots != 1 || len(all.Findings) != 3 {
		t.Errorf("%d roots: %s", roots, causesOf(all))
	}
	alone := Merge([]Report{server.diagnose(), quietHost().diagnose()})
	if f := one(t, alone, "peer-vanished"); f.Summary.ID != "peer-vanished" {
		t.Errorf("the other end was not seen: %v", f.Summary)
	}
}
