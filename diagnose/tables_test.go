package diagnose

import (
	"fmt"
	"slices"
	"testing"
)

// tracks gives the host so many conntrack entries of 65,536.
func (s *scene) tracks(entries int) {
	s.b.Settings[conntrackCount], s.b.Settings[conntrackMax] = fmt.Sprint(entries), "65536"
}

func TestConntrackFull(t *testing.T) {
	out := []Cause{"target-filtered", "synack-dropped-here", "neighbour-table-full"}
	runScenes(t, []sceneCase{
		{"packets are dropped", func(s *scene) { s.tracks(65536); s.rises("conntrack.drop", 820) },
			verdict{"conntrack-full", Critical, Certain, 820, nil, out}, nil},
		{"others are thrown out first", func(s *scene) { s.tracks(65000); s.rises("conntrack.early_drop", 12) },
			verdict{"conntrack-full", Warning, Certain, 12, nil, out}, nil},
		{"full and nothing comes", func(s *scene) { s.tracks(65536) }, verdict{}, nil},
		{"drops of another kind, with room left", func(s *scene) { s.tracks(30000); s.rises("conntrack.drop", 820) }, verdict{}, nil},
		{"no tracking at all", func(s *scene) { s.rises("conntrack.drop", 0) }, verdict{}, nil},
		{"neighbours have no room either", func(s *scene) {
			s.tracks(65536)
			s.rises("conntrack.drop", 820)
			s.rises("arp_cache.table_fulls", 7)
		}, verdict{"conntrack-full", Critical, Certain, 820, nil, out[:2]}, nil},
	})
}

// thresholds sets gc_thresh1 to 3 of IPv4.
func (s *scene) thresholds(low, middle, high string) {
	for i, value := range []string{low, middle, high} {
		s.b.Settings[fmt.Sprintf("net.ipv4.neigh.default.gc_thresh%d", i+1)] = value
	}
}

func TestNeighbourTableFull(t *testing.T) {
	out := []Cause{"target-dead", "target-filtered", "scanning"}
	full := func(s *scene) {
		s.thresholds("16", "32", "64")
		s.rises("arp_cache.table_fulls", 211)
		for i := range 64 {
			s.neighbour(fmt.Sprintf("192.0.2.%d", 100+i), "STALE")
		}
	}
	runScenes(t, []sceneCase{
		{"as many as gc_thresh3", full, verdict{"neighbour-table-full", Critical, Certain, 211, nil, out}, nil},
		{"in a namespace, which has no thresholds", func(s *scene) { s.rises("arp_cache.table_fulls", 211) },
			verdict{"neighbour-table-full", Critical, Probable, 211, nil, out}, nil},
		{"the kernel's number is the whole host's", func(s *scene) {
			s.thresholds("16", "32", "64")
			s.rises("arp_cache.table_fulls", 211)
			s.b.CountersAfter.Values["arp_cache.entries"] = 64
		}, verdict{"neighbour-table-full", Critical, Certain, 211, nil, out}, nil},
		{"IPv6", func(s *scene) { s.rises("ndisc_cache.table_fulls", 9) },
			verdict{"neighbour-table-full", Critical, Probable, 9, nil, out}, nil},
		{"a scan fills it", func(s *scene) {
			full(s)
			for i := range manyTargets {
				s.dials(1, fmt.Sprintf("192.0.2.%d:445", 10+i))
			}
		}, verdict{"neighbour-table-full", Critical, Possible, 211, []Cause{"scanning"}, out[:2]}, nil},
		{"many neighbours and room for more", func(s *scene) { full(s); s.rises("arp_cache.table_fulls", 0) }, verdict{}, nil},
	})
}

func TestThresholdsAreRaisedTogether(t *testing.T) {
	s := quietHost()
	s.thresholds("128", "512", "1024")
	s.rises("arp_cache.table_fulls", 9)
	r := only(t, s.diagnose(), "neighbour-table-full").Remedies[0]
	const name = "sysctl -w net.ipv4.neigh.default.gc_thresh"
	if !slices.Equal(r.Apply, []string{name + "3=4096", name + "2=2048", name + "1=512"}) || !slices.Equal(r.Undo, []string{name + "1=128", name + "2=512", name + "3=1024"}) {
		t.Error(r.Apply, r.Undo)
	}
}
