package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestOrphanLimit(t *testing.T) {
	gauge := func(n int64) func(*scene) {
		return func(s *scene) { s.b.CountersBefore.Values[orphanGauge], s.b.CountersAfter.Values[orphanGauge] = n, n }
	}
	never := []Cause{"orphan-limit"}
	runScenes(t, []sceneCase{
		{"reached, and connections are reset", func(s *scene) { gauge(8192)(s); s.rises(orphansReset, 250) },
			verdict{"orphan-limit", Critical, Certain, 250, nil, nil}, nil},
		{"near", gauge(7400), verdict{"orphan-limit", Warning, Certain, 7400, nil, nil}, nil},
		{"far", gauge(4000), verdict{}, never},
		{"resets for lack of memory, few orphans", func(s *scene) { gauge(10)(s); s.rises(orphansReset, 250) }, verdict{}, never},
	})
}

func TestOrphanLimitIsNotShownInEveryNamespace(t *testing.T) {
	s := quietHost()
	delete(s.b.Settings, orphanLimitSetting)
	s.b.CountersAfter.Values[orphanGauge] = 9000
	report := s.diagnose()
	if !needs(report, "orphan-limit", "setting "+orphanLimitSetting) || len(report.of("orphan-limit")) > 0 {
		t.Error(causesOf(report))
	}
}

func TestOrphansOfThisNamespaceAreListed(t *testing.T) {
	s := quietHost()
	s.fins(tcp.FinWait1, 9, "198.51.100.7")
	s.b.CountersAfter.Values[orphanGauge] = 9000
	f := one(t, s.diagnose(), "orphan-limit")
	if e, ok := fact(f, "orphans-in-FIN-WAIT-1"); !ok || e.Value != 9 {
		t.Errorf("%+v", f.Evidence)
	}
}
