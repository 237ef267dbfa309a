package diagnose

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// incident is a public report, made into a bundle from the facts that it gives;
// docs/incidents.md says where it is. The lab shows what we thought of; this is
// what happened to others.
type incident struct {
	name  string
	make  func(*scene)
	cause Cause   // that must come first
	least int     // sockets, or ports
	never []Cause // that may not be named above possible
	open  Cause   // with what is known it is no more than possible, and this stays open
	also  Cause   // a second cause that is there, and must be named too
}

var incidents = []incident{
	// adib.express, 2026-01-06: about 100 SYN_RECV on port 443, from 97 addresses
	// of 177.8.132.0/22; SYN-ACKs went out and nothing came back.
	{"a hundred half-open from one provider", func(s *scene) {
		s.listens("0.0.0.0:443", 511, queue(0))
		for i := range 100 {
			s.stays(tcp.SynReceived, "192.0.2.1:443", fmt.Sprintf("177.8.%d.%d:%d", 132+i%4, 1+i*97/100, 20000+i*311), half, resent(2, host.TimerRetransmit))
		}
		s.rises("TcpExtTCPSynRetrans", 100)
		s.rises("TcpExtTCPTimeouts", 100)
		s.rises("TcpPassiveOpens", 3)
	}, "syn-flood-from-prefix", 100, []Cause{"syn-flood", "unexplained"}, "ack-lost", ""},
	// mehtadone/PTFeeder#334: a .NET program piles up CLOSE_WAIT towards many
	// hosts, port 9443, 32 bytes unread in each, timer off.
	{"a client that forgets many servers", func(s *scene) {
		s.runs(9337, "dotnet").Waits = []host.Wait{threadsIn("futex_wait_queue", 20), threadsIn("ep_poll", 1)} // as such programs do
		s.reads("192.0.2.1:34000", "52.92.7.7:443", 9337)
		for i := range 60 {
			s.stays(tcp.CloseWait, fmt.Sprintf("192.0.2.1:%d", 35000+i*397), fmt.Sprintf("13.112.%d.%d:9443", i, 7+i), s.heldBy(9337), unread(32), heard(time.Hour))
		}
	}, "app-not-closing", 60, []Cause{"idle-pool", "app-blocked", "unexplained"}, "", ""},
	// haproxy/haproxy#1453: leaked connections to one backend, some with unread
	// data, one with 34,602 bytes, some whose end was read.
	{"a proxy that leaks backend connections", func(s *scene) {
		s.runs(3768768, "haproxy").Waits = []host.Wait{threadsIn("ep_poll", 8)}
		s.reads("192.0.2.1:9999", "198.51.100.21:8082", 3768768) // it still serves
		s.listens("0.0.0.0:443", 4096, queue(0), s.heldBy(3768768))
		for i := range 300 {
			s.stays(tcp.CloseWait, fmt.Sprintf("192.0.2.1:%d", 10000+i), "198.51.100.21:8082", s.heldBy(3768768), unread([]uint32{0, 34602, 1}[i%3]), heard(2*time.Hour))
		}
		for i := range 30 {
			s.comes(tcp.CloseWait, fmt.Sprintf("192.0.2.1:%d", 20000+i), "198.51.100.21:8082", s.heldBy(3768768), unread(1), heard(time.Second))
		}
	}, "app-not-closing", 300, []Cause{"idle-pool", "unexplained"}, "", ""},
	// lighttpd/lighttpd1.4#115: connections that came in, end read, never closed.
	{"a server that forgets to close", func(s *scene) {
		s.runs(24691, "lighttpd")
		s.listens("172.31.0.1:80", 1024, queue(0), s.heldBy(24691))
		for i := range 80 {
			s.stays(tcp.CloseWait, "172.31.0.1:80", fmt.Sprintf("172.16.%d.%d:%d", 3+i%13, 41+i, 37000+i*131), s.heldBy(24691), heard(time.Hour))
		}
	}, "app-not-closing", 80, []Cause{"idle-pool", "app-blocked", "unexplained"}, "", ""},
	// apache/brpc#607 and openjdk/jdk8u-dev#267: CLOSE_WAIT with 78 to 3,069
	// unread bytes. The workers wait for a lock, while a poller waits for events and
	// gets none: from outside it cannot be told from a pool that is idle.
	{"threads that wait for a lock", func(s *scene) {
		s.runs(31014, "java").Waits = []host.Wait{threadsIn("futex_wait_queue", 200), threadsIn("ep_poll", 2)}
		s.listens("[::]:8443", 128, queue(0), s.heldBy(31014))
		for i := range 120 {
			s.stays(tcp.CloseWait, "[2001:db8::1]:8443", fmt.Sprintf("[2001:db8::184]:%d", 40532+i*4), s.heldBy(31014), unread(78+uint32(i)*25), heard(time.Hour))
		}
	}, "app-not-closing", 120, []Cause{"unexplained"}, "app-blocked", ""},
	// nodejs/node-v0.x-archive#3613 and uNetworking/uWebSockets#95: the program
	// half-closed, the clients vanished, no timer runs.
	{"half-closed, and the clients are gone", func(s *scene) {
		s.runs(26375, "node")
		s.listens("0.0.0.0:80", 511, queue(0), s.heldBy(26375))
		for i := range 300 {
			s.stays(tcp.FinWait2, "192.0.2.1:80", client(i), s.heldBy(26375), heard(20*time.Hour))
		}
	}, "half-close-held", 300, []Cause{"peer-not-closing", "unexplained"}, "", ""},
	// aspnet/KestrelHttpServer#1785: nginx gave up requests to a program on the
	// same host that had stopped accepting: FIN_WAIT1 with 255 and 258 unsent
	// bytes on loopback.
	{"orphans of a proxy in front of a program that does not accept", func(s *scene) {
		s.runs(2647, "dotnet")
		s.listens("127.0.0.1:5000", 128, queue(129), s.heldBy(2647))
		for i := range 129 {
			s.stays(tcp.CloseWait, "127.0.0.1:5000", fmt.Sprintf("127.0.0.1:%d", 41000+i), unread(259))
		}
		for i := range 20 {
			s.stays(tcp.FinWait1, fmt.Sprintf("127.0.0.1:%d", 46654+2*i), "127.0.0.1:5000", unsent(258), resent(5, host.TimerRetransmit), heard(40*time.Second))
		}
		s.rises("TcpExtListenOverflows", 60)
		s.rises("TcpExtListenDrops", 60)
	}, "accept-stalled", 129, []Cause{"unexplained"}, "", ""},
	// envoyproxy/envoy#44747: bind() to a source address before connect(): ten
	// destinations share one range of 28,232 ports.
	{"a proxy that binds before it connects", func(s *scene) {
		s.runs(77, "envoy")
		s.b.Settings["net.ipv4.ip_local_port_range"] = "32768 60999"
		for i := range 28100 {
			s.stays(tcp.Established, fmt.Sprintf("192.0.2.1:%d", 32768+i), fmt.Sprintf("198.51.100.%d:443", i%10), s.heldBy(77), heard(time.Second), func(k *host.Socket) { k.Info.BytesReceived = 5 })
		}
	}, "ephemeral-ports-exhausted", 28100, []Cause{"time-wait-port-exhaustion", "scanning", "unexplained"}, "", ""},
	// varnish/hitch#213: a TLS terminator opens a connection a request to a cache
	// on ::1 and gets EADDRNOTAVAIL.
	{"every port towards a cache on loopback waits", func(s *scene) {
		s.runs(18774, "hitch")
		s.listens("[::1]:6086", 1024, queue(0))
		s.b.Settings["net.ipv4.ip_local_port_range"], s.b.Settings["net.ipv4.tcp_tw_reuse"], s.b.Settings["net.ipv4.tcp_timestamps"] = "32768 60999", "0", "1"
		for i := range 28200 {
			s.stays(tcp.TimeWait, fmt.Sprintf("[::1]:%d", 32768+i), "[::1]:6086", waits(time.Duration(1+i%59)*time.Second))
		}
	}, "time-wait-port-exhaustion", 28000, []Cause{"unexplained"}, "", ""},
	// A widely copied page in Chinese: a great many SYN_SENT, each to another
	// host, "you very likely have a worm".
	{"a worm looks for hosts", func(s *scene) {
		s.runs(6666, "kdevtmpfsi")
		for i := range 900 {
			s.stays(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 33000+i), fmt.Sprintf("%d.%d.%d.%d:23", 1+i*7%223, i*31%256, i*17%256, 1+i*3%254), s.heldBy(6666), resent(2, host.TimerRetransmit))
		}
	}, "scanning", 900, []Cause{"target-dead", "target-filtered", "unexplained"}, "", ""},
	// linux-admins.net, 2013-01: "Out of socket memory", 126,800 orphans among
	// 174,950 sockets; memory is far from its limit.
	{"too many orphans", func(s *scene) {
		s.b.Settings["net.ipv4.tcp_max_orphans"] = "131072"
		s.b.CountersBefore.Values["sockstat.TCP.orphan"], s.b.CountersAfter.Values["sockstat.TCP.orphan"] = 126_000, 126_800
		for i := range 500 { // of many: what one look sees
			s.stays(tcp.FinWait1, "192.0.2.1:80", client(i), unsent(20000), resent(6, host.TimerRetransmit), heard(time.Minute))
		}
		s.listens("192.0.2.1:80", 1024, queue(0))
	}, "orphan-limit", 126_800, []Cause{"unexplained"}, "", ""},
	// besthub.dev and others: 667,399 times the listen queue of a socket
	// overflowed, as many SYNs ignored, the program accepts all the while.
	{"bursts on a short queue", func(s *scene) {
		s.listens("0.0.0.0:8080", 50, queue(51, 12, 51, 3, 51, 40))
		for i := range 40 {
			s.comes(tcp.Established, "192.0.2.1:8080", client(i))
		}
		for i := range 30 {
			s.turns(tcp.Established, "192.0.2.1:8080", client(500+i), nil, s.heldBy(programPID))
		}
		s.rises("TcpExtListenOverflows", 900)
		s.rises("TcpExtListenDrops", 900)
		s.rises("TcpPassiveOpens", 4000)
	}, "accept-backlog-too-small", 0, []Cause{"accept-stalled", "syn-flood", "unexplained"}, "", ""},
}

// reads adds a connection on which a program reads in the window.
func (s *scene) reads(local, remote string, pid int) {
	s.turns(tcp.Established, local, remote, []edit{s.heldBy(pid), heard(time.Second), received(1000)}, received(5000))
}

func TestIncidents(t *testing.T) {
	for _, c := range slices.Concat(incidents, laterIncidents) {
		t.Run(c.name, func(t *testing.T) {
			s := quietHost()
			c.make(s)
			report := s.diagnose()
			if len(report.Findings) == 0 || report.Findings[0].Cause != c.cause {
				t.Fatalf("want %s first, got %s", c.cause, causesOf(report))
			}
			if first := report.Findings[0]; first.Count < c.least || (first.Confidence == Possible) != (c.open != "") || c.open != "" && !has(first.Open, c.open) {
				t.Errorf("%s, %s, %d; open %v", first.Cause, first.Confidence, first.Count, first.Open)
			}
			for _, f := range report.Findings[1:] {
				if f.BecauseOf == "" && f.Severity > Notice && f.Cause != c.also {
					t.Errorf("beside it: %s", causesOf(report))
				}
			}
			if c.also != "" && len(report.of(c.also)) == 0 {
				t.Errorf("%s is there too: %s", c.also, causesOf(report))
			}
			for _, cause := range c.never {
				for _, f := range report.of(cause) {
					if f.Confidence > Possible || cause == "unexplained" {
						t.Errorf("%s was named: %s", cause, causesOf(report))
					}
				}
			}
		})
	}
}

// TestWorkers: what one process of a program shows is told of it; what many show
// is told once, and no other program is drawn in.
func TestWorkers(t *testing.T) {
	leakIn := func(processes int) Report {
		s := quietHost()
		s.listens("0.0.0.0:80", 128, queue(0))
		s.runs(700, "other")
		s.stays(tcp.CloseWait, "192.0.2.1:80", client(900), s.heldBy(700), heard(time.Hour))
		for i := range processes {
			s.runs(2000+i, "worker")
			s.stays(tcp.CloseWait, "192.0.2.1:80", client(i), s.heldBy(2000+i), heard(time.Hour))
		}
		return s.diagnose()
	}
	if got := leakIn(4).of("app-not-closing"); len(got) != 5 {
		t.Errorf("four workers are told one by one: %d findings", len(got))
	}
	got := leakIn(40).of("app-not-closing")
	if len(got) != 2 {
		t.Fatalf("%d findings", len(got))
	}
	f := got[0]
	if f.Subject.Name != "worker" || f.Subject.PID != 2000 || f.Count != 40 || f.Severity != Warning || f.Evidence[0].Value != 40 || f.Summary.ID != "workers-alike" {
		t.Errorf("%+v: %v, %d, %v", f.Subject, f.Summary, f.Count, f.Severity)
	}
	if got[1].Subject.Name != "other" || got[1].Count != 1 {
		t.Errorf("%+v", got[1].Subject)
	}
}

// TestWorkersStory: the other ends of what many workers hold follow from it, in
// another namespace too.
func TestWorkersStory(t *testing.T) {
	server, waiting := twoHosts()
	server.listens("0.0.0.0:80", 128, queue(0))
	for i := range 12 {
		server.runs(2000+i, "worker")
		server.stays(tcp.CloseWait, "192.0.2.1:80", clientEnd(i), server.heldBy(2000+i), heard(time.Hour))
		waiting.stays(tcp.FinWait2, clientEnd(i), "192.0.2.1:80", mini)
	}
	all := Merge([]Report{server.diagnose(), waiting.diagnose()})
	f := one(t, all, "peer-not-closing")
	if last := f.Evidence[len(f.Evidence)-1]; f.BecauseOf != "app-not-closing" || last.Value != 12 {
		t.Errorf("because of %q, %v: %s", f.BecauseOf, last.Value, causesOf(all))
	}
}
