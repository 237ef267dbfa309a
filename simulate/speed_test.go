package simulate

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// segmentsEach is how many segments of text an iteration of BenchmarkRun sends;
// each is acknowledged.
const segmentsEach = 100_000

// bulk sends much text over a network with a rule that has nothing to do.
func bulk() Config {
	const segment = 100
	c := play(listens, opens, sends(Originator, segment*segmentsEach, at(sec))).
		with(Rule{On: Match{Sorts: RSTs}, Do: Lose})
	c.MaxCount = 100 * segmentsEach
	return c.both(func(e *tcp.EndpointConfig) { e.MSS, e.AutoReceive = segment, true })
}

// BenchmarkRun reports the segments, text and acknowledgments, that two ends
// exchange in a second of real time: counted, told to a Watch, and written into a
// Trace.
func BenchmarkRun(b *testing.B) {
	b.Run("watched", func(b *testing.B) {
		c, told := bulk(), 0
		c.Watch = func(*Happening) { told++ }
		benchmarkRun(b, c)
	})
	b.Run("traced", func(b *testing.B) { benchmarkRun(b, bulk()) })
}

func benchmarkRun(b *testing.B, c Config) {
	b.ReportAllocs()
	segments := 0
	for b.Loop() {
		segments += Run(c).Segments
	}
	if segments < 2*segmentsEach*b.N {
		b.Fatalf("%d segments in %d runs", segments, b.N)
	}
	b.ReportMetric(float64(segments)/b.Elapsed().Seconds(), "segments/s")
}

// TestSegmentsCostNoAllocations: what a segment costs beyond what its Endpoints
// allocate, which BenchmarkEndpoints of package tcp shows.
func TestSegmentsCostNoAllocations(t *testing.T) {
	c := bulk()
	c.Watch = func(*Happening) {}
	var segments int
	allocations := testing.AllocsPerRun(1, func() { segments = Run(c).Segments })
	if each := allocations / float64(segments); each > 0.6 {
		t.Errorf("%.2f allocations a segment", each)
	}
}
