package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// ports gives the host a range of so many local ports from 40000.
func (s *scene) ports(n int) {
	s.b.Settings["net.ipv4.ip_local_port_range"] = fmt.Sprintf("40000 %d", 39999+n)
	s.b.Settings["net.ipv4.tcp_tw_reuse"], s.b.Settings["net.ipv4.tcp_timestamps"] = "2", "1"
}

// takes dials the target from n ports, the first of them given.
func (s *scene) takes(from, n int, to string, state tcp.State, edits ...edit) {
	for i := range n {
		s.stays(state, fmt.Sprintf("192.0.2.1:%d", from+i), to, edits...)
	}
}

// waits is a minisocket in TIME-WAIT that has so long to go.
func waits(left time.Duration) edit {
	return func(sk *host.Socket) { mini(sk); sk.Expires = left }
}

const (
	halfway = 30 * time.Second
	service = "198.51.100.7:80"
)

func TestTimeWaitPortExhaustion(t *testing.T) {
	out := []Cause{"active-close-churn", "target-filtered", "target-dead"}
	all := verdict{"time-wait-port-exhaustion", Critical, Certain, 64, nil, out}
	runScenes(t, []sceneCase{
		{"every port waits", func(s *scene) {
			s.ports(64)
			s.takes(40000, 64, service, tcp.TimeWait, waits(halfway))
		}, all, nil},
		{"nine of ten", func(s *scene) {
			s.ports(100)
			s.takes(40000, 92, service, tcp.TimeWait, waits(halfway))
		}, verdict{"time-wait-port-exhaustion", Warning, Certain, 92, nil, out}, []Cause{"ephemeral-ports-exhausted"}},
		{"half of them", func(s *scene) {
			s.ports(100)
			s.takes(40000, 50, service, tcp.TimeWait, waits(halfway))
		}, verdict{}, nil},
		{"IPv6", func(s *scene) {
			s.ports(32)
			for i := range 32 {
				s.stays(tcp.TimeWait, fmt.Sprintf("[2001:db8::1]:%d", 40000+i), "[2001:db8::7]:80", waits(halfway))
			}
		}, verdict{"time-wait-port-exhaustion", Critical, Certain, 32, nil, out}, nil},
		{"as many, to many destinations", func(s *scene) {
			s.ports(64)
			for i := range 128 { // connect() takes a port for several of them
				s.stays(tcp.TimeWait, fmt.Sprintf("192.0.2.1:%d", 40000+i%64), client(i), waits(halfway))
			}
		}, verdict{}, nil},
		{"as many, from two addresses", func(s *scene) {
			s.ports(64)
			s.takes(40000, 32, service, tcp.TimeWait, waits(halfway))
			for i := range 32 {
				s.stays(tcp.TimeWait, fmt.Sprintf("192.0.2.2:%d", 40000+i), service, waits(halfway))
			}
		}, verdict{}, nil},
		{"on a server's port they take none", func(s *scene) {
			s.ports(64)
			s.listens("0.0.0.0:80", 128, queue(0))
			for i := range 640 {
				s.stays(tcp.TimeWait, "192.0.2.1:80", client(i), waits(halfway))
			}
		}, verdict{}, nil},
		{"tcp_tw_reuse gives them back after a second", func(s *scene) {
			s.ports(64)
			s.b.Settings["net.ipv4.tcp_tw_reuse"] = "1"
			s.takes(40000, 64, service, tcp.TimeWait, waits(halfway))
		}, verdict{}, nil},
		{"but not before", func(s *scene) {
			s.ports(64)
			s.b.Settings["net.ipv4.tcp_tw_reuse"] = "1"
			s.takes(40000, 64, service, tcp.TimeWait, waits(59500*time.Millisecond))
		}, all, nil},
		{"and not without timestamps", func(s *scene) {
			s.ports(64)
			s.b.Settings["net.ipv4.tcp_tw_reuse"], s.b.Settings["net.ipv4.tcp_timestamps"] = "1", "0"
			s.takes(40000, 64, service, tcp.TimeWait, waits(halfway))
		}, all, nil},
		{"on loopback tcp_tw_reuse=2 does the same", func(s *scene) {
			s.ports(64)
			for i := range 64 {
				s.stays(tcp.TimeWait, fmt.Sprintf("127.0.0.1:%d", 40000+i), "127.0.0.1:80", waits(halfway))
			}
		}, verdict{}, nil},
		{"reserved ports are none that connect() may take", func(s *scene) {
			s.ports(100)
			s.b.Settings["net.ipv4.ip_local_reserved_ports"] = "22,40064-40099"
			s.takes(40000, 64, service, tcp.TimeWait, waits(halfway))
		}, all, nil},
	})
}

func TestEphemeralPortsExhausted(t *testing.T) {
	out := []Cause{"time-wait-port-exhaustion", "scanning"}
	held := func(n int) func(*scene) {
		return func(s *scene) {
			s.ports(32)
			for i := range n {
				s.stays(tcp.Established, fmt.Sprintf("192.0.2.1:%d", 40000+i), service, s.heldBy(programPID))
			}
		}
	}
	want := verdict{"ephemeral-ports-exhausted", Critical, Certain, 32, nil, out}
	runScenes(t, []sceneCase{
		{"connections hold every port", held(32), want, []Cause{"time-wait-port-exhaustion", "unexplained"}},
		{"nearly every port", held(30), verdict{"ephemeral-ports-exhausted", Warning, Certain, 30, nil, out}, nil},
		{"most of them", held(28), verdict{}, nil},
		{"a listener has one of the range", func(s *scene) {
			held(31)(s)
			s.listens("0.0.0.0:40031", 128, queue(0))
		}, want, nil},
		{"a few in TIME-WAIT among them", func(s *scene) {
			held(20)(s)
			s.takes(40020, 12, service, tcp.TimeWait, waits(halfway))
		}, want, []Cause{"time-wait-port-exhaustion"}},
		{"SYNs of a program with a range of its own", func(s *scene) {
			s.ports(32)
			s.takes(20000, 32, service, tcp.Established)
		}, verdict{}, nil},
	})
}

func TestPortsRunOutBecauseOf(t *testing.T) {
	for root, make := range map[Cause]func(*scene){
		"time-wait-port-exhaustion": func(s *scene) { s.takes(40000, 32, service, tcp.TimeWait, waits(halfway)) },
		"app-not-closing": func(s *scene) {
			for i := range 32 {
				s.stays(tcp.CloseWait, fmt.Sprintf("192.0.2.1:%d", 40000+i), service, s.heldBy(programPID))
			}
		},
		"target-filtered": func(s *scene) {
			for i := range 32 {
				s.stays(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 40000+i), service, s.heldBy(programPID), resent(3, host.TimerRetransmit))
			}
			s.rises("TcpExtTCPSynRetrans", 32)
		},
	} {
		s := quietHost()
		s.ports(32)
		make(s)
		report := s.diagnose()
		f := one(t, report, "ephemeral-ports-exhausted")
		if f.BecauseOf != root || len(report.Findings) != 2 || report.Findings[0].Cause != root || f.Count != 32 {
			t.Errorf("%s: because of %q in %s", root, f.BecauseOf, causesOf(report))
		}
	}
}

func TestWhoDialsIsFoundBesideTimeWait(t *testing.T) {
	s := quietHost()
	s.ports(32)
	s.takes(40000, 31, service, tcp.TimeWait, waits(halfway))
	s.goes(tcp.Established, "192.0.2.1:40031", service, s.heldBy(programPID))
	if f := one(t, s.diagnose(), "time-wait-port-exhaustion"); f.Subject.PID != programPID || f.Subject.Peer != service || f.Fate.Within != halfway {
		t.Errorf("%+v", f)
	}
}

func TestPortRange(t *testing.T) {
	for text, want := range map[string]int{
		"32768 60999": 28232, "40000 40000": 1, "": 0, "40000": 0, "2 1": 0, "0 9": 0, "1 70000": 0, "a b": 0, "1 2 3": 0,
	} {
		s := quietHost()
		s.b.Settings["net.ipv4.ip_local_port_range"] = text
		r, ok := newIndex(s.bundle()).portRange()
		if ok != (want > 0) || ok && r.size != want {
			t.Errorf("%q: %v, %v", text, r, ok)
		}
	}
}

// portsOfEverything makes the rules about local ports find something.
func (s *scene) portsOfEverything() {
	s.ports(16)
	s.takes(40000, 16, service, tcp.TimeWait, waits(halfway))
	s.limits(600, 16)
	s.b.Settings["net.ipv4.ip_local_port_range"] = "40000 40015"
	for i := range 60 { // dialled from ports of a second address
		s.comes(tcp.TimeWait, fmt.Sprintf("192.0.2.9:%d", 40000+i%12), "198.51.100.8:80", waits(58*time.Second))
	}
	s.rises("TcpExtTCPTimeWaitOverflow", 9)
	s.stays(tcp.TimeWait, "192.0.2.1:25", client(1), waits(halfway))
}

// hostOfEverything makes the rules about the whole host find something.
func (s *scene) hostOfEverything() {
	s.stays(tcp.Established, "127.0.0.1:40001", "127.0.0.1:40001", s.heldBy(programPID))
	s.tracks(65536)
	s.rises("conntrack.drop", 820)
	s.rises("arp_cache.table_fulls", 9)
	s.rises("TcpExtListenDrops", 3000)
	s.rises("IpOutNoRoutes", 69)
	s.b.Settings["net.ipv4.conf.eth1.rp_filter"] = "1"
	s.rises("TcpExtIPReversePathFilter", 48)
	s.rises("TcpExtTCPChallengeACK", 167)
}
