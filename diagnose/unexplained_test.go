package diagnose

import (
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// TestUnexplainedPiles: connections that nobody holds, on a port where nobody
// listens any more.
func TestUnexplainedPiles(t *testing.T) {
	for n, want := range map[int]int{few - 1: 0, few: 1} {
		s := quietHost()
		for i := range n {
			s.stays(tcp.CloseWait, "192.0.2.1:80", client(i), unread(1))
		}
		report := s.diagnose()
		if len(report.Findings) != want {
			t.Fatalf("%d: %s", n, causesOf(report))
		}
		if want == 0 {
			continue
		}
		f := only(t, report, "unexplained")
		if f.State != tcp.CloseWait || f.Severity != Notice || f.Confidence != Possible || f.Count != n {
			t.Errorf("%+v", f)
		}
		if !slices.Equal(openCodes(f), withoutRuleCodes(tcp.CloseWait)) {
			t.Errorf("open %v", f.Open)
		}
	}
}

func openCodes(f Finding) (codes []Cause) {
	for _, e := range f.Open {
		codes = append(codes, e.Cause)
	}
	return codes
}

func TestBareCountsAreNoPile(t *testing.T) {
	for _, state := range tcp.States() {
		s := quietHost()
		for n := range 300 {
			if state != tcp.CloseWait && state != tcp.FinWait2 {
				s.stays(state, "192.0.2.1:40001", client(n), s.heldBy(programPID))
			} else {
				s.comes(state, "192.0.2.1:40001", client(n), s.heldBy(programPID))
			}
		}
		if report := s.diagnose(); len(report.Findings) > 0 {
			t.Errorf("%s: %s", state, causesOf(report))
		}
	}
}

// TestWhatExplainsOneEndExplainsTheOther: both ends are on this host.
func TestWhatExplainsOneEndExplainsTheOther(t *testing.T) {
	s := quietHost()
	s.listens("127.0.0.1:80", 128, queue(0))
	for n := range 8 {
		dialler := at("127.0.0.1:40000").Addr().String() + ":" + client(n)[len(client(n))-1:]
		s.stays(tcp.CloseWait, "127.0.0.1:80", dialler+"000"+string(rune('1'+n)), s.heldBy(programPID))
		s.stays(tcp.FinWait2, dialler+"000"+string(rune('1'+n)), "127.0.0.1:80", mini)
	}
	only(t, s.diagnose(), "app-not-closing")
}

// TestUnexplainedDrops: the sum of the kernel's counters, and what is left over.
func TestUnexplainedDrops(t *testing.T) {
	const cookies = "net.ipv4.tcp_syncookies"
	host := func(known map[string]int64, settings ...string) *scene {
		s := quietHost()
		s.listens("0.0.0.0:80", 128, queue(0))
		s.rises("TcpExtListenDrops", 100)
		for name, by := range known {
			s.rises(name, by)
		}
		for i := 0; i < len(settings); i += 2 {
			s.b.Settings[settings[i]] = settings[i+1]
		}
		return s
	}
	for name, c := range map[string]struct {
		scene *scene
		left  int
		open  []Cause
	}{
		"nothing accounts for them":                {host(nil, cookies, "1"), 100, nil},
		"some are accounted for":                   {host(map[string]int64{"TcpExtListenOverflows": 40, "TcpExtTCPReqQFullDrop": 30, "Ip6OutNoRoutes": 10}, cookies, "1"), 20, nil},
		"all are":                                  {host(map[string]int64{"TcpExtListenOverflows": 60, "TcpExtTCPReqQFullDrop": 40}, cookies, "1"), 0, nil},
		"a few are not":                            {host(map[string]int64{"TcpExtListenOverflows": 100 - someDrops + 1}, cookies, "1"), 0, nil},
		"without cookies, and no queue looks full": {host(nil, cookies, "0", "net.ipv4.tcp_max_syn_backlog", "128"), 100, []Cause{"syn-queue-too-small"}},
	} {
		t.Run(name, func(t *testing.T) {
			found := 0
			for _, f := range c.scene.diagnose().Findings {
				if f.Cause != "unexplained" {
					continue
				}
				found = f.Count
				if f.State != tcp.Unknown || f.Confidence != Possible || !slices.Equal(openCodes(f), c.open) {
					t.Errorf("%+v", f)
				}
			}
			if found != c.left {
				t.Errorf("%d left over, want %d", found, c.left)
			}
		})
	}
	crowded := host(nil, cookies, "0", "net.ipv4.tcp_max_syn_backlog", "64")
	for n := range 48 { // three quarters
		crowded.stays(tcp.SynReceived, "192.0.2.1:80", client(n), half)
	}
	for _, f := range crowded.diagnose().Findings {
		if f.Cause == "unexplained" {
			t.Errorf("a queue at three quarters of its limit explains them: %+v", f)
		}
	}
}
