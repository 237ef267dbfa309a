package diagnose

import (
	"fmt"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// churns lets n connections of a server come into TIME-WAIT in the window.
func (s *scene) churns(n int, local string) {
	for i := range n {
		s.comes(tcp.TimeWait, local, client(5000+i), waits(58*time.Second))
	}
}

// hurries lets n connections that we dialled come into TIME-WAIT.
func (s *scene) hurries(n int, to string) {
	for i := range n {
		s.comes(tcp.TimeWait, fmt.Sprintf("192.0.2.1:%d", 40100+i), to, waits(58*time.Second))
	}
}

// limits gives room for so many in TIME-WAIT, and for so many local ports.
func (s *scene) limits(buckets, ports int) {
	s.ports(ports)
	s.b.Settings["net.ipv4.tcp_max_tw_buckets"] = fmt.Sprint(buckets)
}

func TestActiveCloseChurnOfAServer(t *testing.T) {
	out := []Cause{"time-wait-port-exhaustion", "time-wait-overflow", "bind-blocked"}
	web := func(s *scene) { s.limits(6000, 1000); s.listens("0.0.0.0:80", 128, queue(0)) }
	want := verdict{"active-close-churn", Notice, Probable, 60, nil, out}
	counted := want
	counted.confidence = Certain
	runScenes(t, []sceneCase{
		{"a tenth of the limit, if it goes on", func(s *scene) { web(s); s.churns(60, "192.0.2.1:80") }, want, nil},
		{"the kernel counts them too", func(s *scene) { web(s); s.churns(60, "192.0.2.1:80"); s.rises("TcpExtTW", 60) }, counted, nil},
		{"IPv6", func(s *scene) {
			s.limits(6000, 1000)
			s.listens("[::]:80", 128, queue(0))
			for i := range 60 {
				s.comes(tcp.TimeWait, "[2001:db8::1]:80", client6(i), waits(58*time.Second))
			}
		}, want, nil},
		{"more than the limit, if it goes on", func(s *scene) {
			web(s)
			s.limits(600, 1000)
			s.churns(60, "192.0.2.1:80")
		}, want, nil},
		{"at a modest rate", func(s *scene) { web(s); s.churns(40, "192.0.2.1:80") }, verdict{}, nil},
		{"many that are there already", func(s *scene) {
			web(s)
			for i := range 600 {
				s.stays(tcp.TimeWait, "192.0.2.1:80", client(i), waits(halfway))
			}
		}, verdict{}, nil},
		{"long connections that end together", func(s *scene) {
			web(s)
			for i := range 60 {
				s.turns(tcp.Established, "192.0.2.1:80", client(i), nil, becomes(tcp.TimeWait), waits(58*time.Second))
			}
		}, verdict{}, nil},
	})
}

func TestActiveCloseChurnOfAClient(t *testing.T) {
	out := []Cause{"time-wait-port-exhaustion", "scanning", "time-wait-overflow", "bind-blocked"}
	dialled := func(severity Severity) verdict {
		return verdict{"active-close-churn", severity, Probable, 60, nil, out}
	}
	runScenes(t, []sceneCase{
		{"a part of the ports, if it goes on", func(s *scene) { s.limits(60000, 1000); s.hurries(60, service) }, dialled(Notice), nil},
		{"all of the ports, if it goes on", func(s *scene) { s.limits(60000, 700); s.hurries(60, service) }, dialled(Warning), nil},
		{"tcp_tw_reuse gives the ports back in time", func(s *scene) {
			s.limits(60000, 700)
			s.b.Settings["net.ipv4.tcp_tw_reuse"] = "1"
			s.hurries(60, service)
		}, verdict{}, nil},
		{"the ports are used up already", func(s *scene) {
			s.ports(64)
			s.takes(40000, 40, service, tcp.TimeWait, waits(halfway))
			for i := range 24 {
				s.comes(tcp.TimeWait, fmt.Sprintf("192.0.2.1:%d", 40040+i), service, waits(58*time.Second))
			}
		}, verdict{"time-wait-port-exhaustion", Critical, Certain, 64, nil, nil}, []Cause{"active-close-churn"}},
		{"to many destinations, a few each", func(s *scene) {
			s.limits(60000, 1000)
			for i := range 60 {
				s.hurries(1, client(i))
			}
		}, verdict{}, nil},
	})
}

func TestPoolThatIsTooSmall(t *testing.T) {
	for lasting, want := range map[int]string{0: "churn-out", 5: "churn-pool", 20: "churn-out"} {
		s := quietHost()
		s.limits(60000, 700)
		s.hurries(60, service)
		for i := range lasting {
			s.stays(tcp.Established, fmt.Sprintf("192.0.2.1:%d", 40000+i), service, s.heldBy(programPID), heard(time.Second))
		}
		f := only(t, s.diagnose(), "active-close-churn")
		if f.Summary.ID != want || lasting > 0 && f.Subject.PID != programPID || f.Subject.Peer != service {
			t.Errorf("%d last: %s of %+v", lasting, f.Summary, f.Subject)
		}
	}
}

func TestTimeWaitOverflow(t *testing.T) {
	full := func(n int) func(*scene) {
		return func(s *scene) {
			s.listens("0.0.0.0:80", 128, queue(0))
			s.limits(20, 1000)
			s.rises("TcpExtTCPTimeWaitOverflow", 2981)
			for i := range n {
				s.stays(tcp.TimeWait, "192.0.2.1:80", client(i), waits(halfway))
			}
		}
	}
	runScenes(t, []sceneCase{
		{"the limit is reached", full(20), verdict{"time-wait-overflow", Warning, Certain, 20, nil, []Cause{"active-close-churn"}}, nil},
		{"it is not, at either look", full(2), verdict{"time-wait-overflow", Warning, Possible, 2, []Cause{"active-close-churn"}, nil}, nil},
		{"a few still find room", func(s *scene) {
			full(17)(s)
			s.churns(3, "192.0.2.1:80")
		}, verdict{"time-wait-overflow", Warning, Certain, 20, nil, nil}, []Cause{"active-close-churn"}},
		{"at the limit, and nothing is cut short", func(s *scene) {
			full(20)(s)
			s.rises("TcpExtTCPTimeWaitOverflow", 0)
		}, verdict{}, nil},
	})
	s := quietHost()
	full(20)(s)
	f := only(t, s.diagnose(), "time-wait-overflow")
	if f.Subject.PID != programPID || f.Subject.Local != "0.0.0.0:80" || f.Remedies[1].Apply[0] != "sysctl -w net.ipv4.tcp_max_tw_buckets=40960" {
		t.Errorf("%+v %v", f.Subject, f.Remedies[1])
	}
}

func TestBindBlocked(t *testing.T) {
	gone := func(s *scene) {
		s.ports(1000)
		for i := range 3 {
			s.stays(tcp.TimeWait, "192.0.2.1:80", client(i), waits(halfway))
		}
	}
	out := []Cause{"app-not-closing"}
	runScenes(t, []sceneCase{
		{"a server that is gone", gone, verdict{"bind-blocked", Notice, Possible, 3, []Cause{"active-close-churn"}, out}, nil},
		{"one that went in the window, in the range", func(s *scene) {
			gone(s)
			s.first = append(s.first, s.socket(tcp.Listen, "0.0.0.0:40500", "0.0.0.0:0", nil))
			s.stays(tcp.TimeWait, "192.0.2.1:40500", client(9), waits(halfway))
			s.last = s.last[3:]
		}, verdict{"bind-blocked", Warning, Possible, 1, []Cause{"active-close-churn"}, out}, nil},
		{"connections that it left hold the port too", func(s *scene) {
			gone(s)
			s.stays(tcp.Established, "192.0.2.1:80", client(9), s.heldBy(programPID), heard(time.Second))
		}, verdict{"bind-blocked", Notice, Possible, 3, []Cause{"active-close-churn", "app-not-closing"}, nil}, nil},
		{"somebody listens there again", func(s *scene) { gone(s); s.listens("0.0.0.0:80", 128, queue(0)) }, verdict{}, nil},
		{"connections that we dialled", func(s *scene) {
			s.ports(1000)
			s.takes(40000, 9, service, tcp.TimeWait, waits(halfway))
		}, verdict{}, nil},
		{"dialled from a port below 1024, as NFS does", func(s *scene) {
			s.ports(1000)
			s.stays(tcp.TimeWait, "192.0.2.1:805", "198.51.100.7:2049", waits(halfway))
		}, verdict{}, nil},
	})
}
