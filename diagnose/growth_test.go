package diagnose

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// leak makes a program forget more connections: there are n, more come and some
// go in the window of five seconds.
func (s *scene) leak(n, come, leave int, edits ...edit) {
	s.listens("0.0.0.0:80", 128, queue(0))
	edits = append([]edit{s.heldBy(programPID)}, edits...)
	for i := range n {
		s.stays(tcp.CloseWait, "192.0.2.1:80", client(i), edits...)
	}
	for i := range come {
		s.comes(tcp.CloseWait, "192.0.2.1:80", client(1000+i), edits...)
	}
	for i := range leave {
		s.goes(tcp.CloseWait, "192.0.2.1:80", client(2000+i), edits...)
	}
}

func (s *scene) descriptors(used int, most uint64) {
	for _, list := range [][]host.Process{s.b.ProcessesBefore.List, s.b.ProcessesAfter.List} {
		for i := range list {
			if list[i].PID == programPID {
				list[i].Descriptors, list[i].OpenFiles = used, most
			}
		}
	}
}

func TestGrowth(t *testing.T) {
	for _, c := range []struct {
		name     string
		make     func(*scene)
		perMin   float64 // 0: no growth
		limit    string
		reached  time.Duration
		severity Severity
		says     string
	}{
		{"a leak that stands still", func(s *scene) { s.leak(50, 0, 0) }, 0, "", 0, Warning, ""},
		{"one that grows, limit not known", func(s *scene) { s.leak(50, 10, 0) }, 120, "", 0, Warning, "growth"},
		{"hours from its limit", func(s *scene) { s.leak(50, 10, 0); s.descriptors(1000, 20_000) }, 120, "descriptors", 9500 * time.Second, Warning, "growth-limit"},
		{"minutes from its limit", func(s *scene) { s.leak(50, 10, 0); s.descriptors(900, 1024) }, 120, "descriptors", 62 * time.Second, Critical, "growth-limit"},
		{"at its limit", func(s *scene) { s.leak(50, 10, 0); s.descriptors(1024, 1024) }, 120, "descriptors", 0, Critical, "growth-reached"},
		{"no limit is set", func(s *scene) { s.leak(50, 10, 0); s.descriptors(900, math.MaxUint64) }, 120, "", 0, Warning, "growth"},
		{"as many go as come", func(s *scene) { s.leak(50, 30, 28) }, 0, "", 0, Warning, ""},
		{"slowly, and none goes", func(s *scene) { s.leak(50, 3, 0) }, 36, "", 0, Warning, "growth"},
		{"another program's come too", func(s *scene) {
			s.leak(50, 0, 0)
			for i := range 20 {
				s.comes(tcp.CloseWait, "192.0.2.1:81", client(i))
			}
		}, 0, "", 0, Warning, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := quietHost()
			c.make(s)
			f := one(t, s.diagnose(), "app-not-closing")
			if f.Severity != c.severity {
				t.Errorf("%s, want %s", f.Severity, c.severity)
			}
			if (f.Growth != nil) != (c.perMin > 0) {
				t.Fatalf("%+v", f.Growth)
			}
			if g := f.Growth; g != nil && (math.Abs(g.PerSecond*60-c.perMin) > 0.1 || g.Limit != c.limit || g.Reached != c.reached || g.Text.ID != c.says) {
				t.Errorf("%+v", g)
			}
		})
	}
}

func TestGrowthOfAnAcceptQueue(t *testing.T) {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, []uint32{10, 20, 30, 40, 50, 60})
	for i := range 60 {
		s.stays(tcp.Established, "192.0.2.1:80", client(i))
	}
	f := one(t, s.diagnose(), "accept-stalled")
	if g := f.Growth; g == nil || g.Limit != "accept queue" || g.Used != 60 || g.Of != 129 || g.PerSecond != 10 || g.Reached != 6900*time.Millisecond {
		t.Errorf("%+v", g)
	}
}

func TestAge(t *testing.T) {
	for ago, id := range map[time.Duration]string{
		time.Second: "", 90 * time.Second: "about-seconds", 90 * time.Minute: "about-minutes", 30 * time.Hour: "about-hours", 72 * time.Hour: "about-days",
	} {
		s := quietHost()
		s.leak(20, 0, 0, heard(ago))
		f := one(t, s.diagnose(), "app-not-closing")
		if (f.Age == nil) != (id == "") || f.Age != nil && (f.Age.AtLeast != ago || !strings.Contains(f.Age.Text.String(), id)) {
			t.Errorf("%v: %+v", ago, f.Age)
		}
	}
}

// TestGrowthOfOrphans: the kernel counts orphans in FIN-WAIT-2 with TIME-WAIT, and
// what a hidden program holds is no orphan.
func TestGrowthOfOrphans(t *testing.T) {
	for _, c := range []struct {
		name    string
		cause   Cause
		edit    func(*scene) edit
		buckets string
		limit   string
		used    int
	}{
		{"minisockets", "peer-not-closing", func(*scene) edit { return mini }, "64", timeWaitLimit, 41},
		{"minisockets, which the limit does not stop within their minute", "peer-not-closing", func(*scene) edit { return mini }, "262144", "", 0},
		{"held by a program that is not seen", "half-close-held", (*scene).unseenHolder, "64", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := quietHost()
			s.b.Settings[timeWaitLimit] = c.buckets
			s.b.CountersAfter.Values[orphanGauge] = 3
			s.listens("0.0.0.0:80", 128, queue(0))
			s.stays(tcp.TimeWait, "192.0.2.1:80", client(1), mini)
			for i := range 20 {
				s.stays(tcp.FinWait2, "192.0.2.1:80", fmt.Sprintf("198.51.100.7:%d", 20000+i), c.edit(s))
				s.comes(tcp.FinWait2, "192.0.2.1:80", fmt.Sprintf("198.51.100.7:%d", 30000+i), c.edit(s))
			}
			g := one(t, s.diagnose(), c.cause).Growth
			if g == nil || g.Limit != c.limit || g.Used != c.used {
				t.Errorf("%+v, want %s with %d taken", g, c.limit, c.used)
			}
		})
	}
}

// TestGrowthIsOfOneReason: what a program dialled does not grow when what came in
// does, and what nobody is seen to hold does not grow with what a program holds.
func TestGrowthIsOfOneReason(t *testing.T) {
	s := quietHost()
	s.leak(50, 10, 0)
	for i := range 10 {
		s.stays(tcp.CloseWait, "192.0.2.1:40000", client(5000+i), s.heldBy(programPID))
		s.stays(tcp.CloseWait, "192.0.2.1:40001", client(6000+i), s.unseenHolder())
	}
	for _, f := range s.diagnose().of("app-not-closing") {
		if grew := f.Count == 50; (f.Growth != nil) != grew {
			t.Errorf("%d sockets, subject %+v: growth %+v", f.Count, f.Subject, f.Growth)
		}
	}
	if n := len(s.diagnose().of("app-not-closing")); n != 3 {
		t.Errorf("%d findings, want 3", n)
	}
}

// TestGrowthOfTimeWait: the sockets have no owner, though the finding names the
// program that closed.
func TestGrowthOfTimeWait(t *testing.T) {
	s := quietHost()
	s.b.Settings[timeWaitLimit] = "9000"
	s.listens("0.0.0.0:80", 128, queue(0))
	for i := range 1000 {
		s.stays(tcp.TimeWait, "192.0.2.1:80", client(i), mini)
	}
	for i := range 2000 {
		s.comes(tcp.TimeWait, "192.0.2.1:80", client(10_000+i), mini, lasts(58*time.Second))
	}
	f := one(t, s.diagnose(), "active-close-churn")
	if g := f.Growth; g == nil || g.Limit != timeWaitLimit || g.Used != 3000 || g.PerSecond != 400 || f.Severity == Critical {
		t.Errorf("%s, %+v", f.Severity, g)
	}
}

// TestGrowthLevelsOff: attempts that end by themselves do not fill a table that
// would take longer.
func TestGrowthLevelsOff(t *testing.T) {
	for most, limit := range map[uint64]string{1024: "descriptors", 20_000: ""} {
		s := quietHost()
		s.descriptors(1000, most)
		for i := range 10 {
			s.stays(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 40_000+i), "198.51.100.7:80", s.heldBy(programPID), resent(3, host.TimerRetransmit), lasts(4*time.Second))
			s.comes(tcp.SynSent, fmt.Sprintf("192.0.2.1:%d", 41_000+i), "198.51.100.7:80", s.heldBy(programPID), resent(1, host.TimerRetransmit), lasts(time.Second))
		}
		f := one(t, s.diagnose(), "target-filtered")
		if g := f.Growth; g == nil || g.PerSecond != 2 || g.Limit != limit || (f.Severity == Critical) != (limit != "") {
			t.Errorf("of %d: %s, %+v", most, f.Severity, g)
		}
	}
}
