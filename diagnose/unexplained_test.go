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
