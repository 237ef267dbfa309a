package hold

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkLife: how long it takes to begin, to be replaced, and to be put back
// after a kill, and what the reaper keeps in memory.
func BenchmarkLife(b *testing.B) {
	w := newWorld(b)
	echo(b, w, web)
	before, folder := traces(b, w.Server), b.TempDir()
	var begun, replaced, restored time.Duration
	for b.Loop() {
		first, second := newOther(b, w.Server, folder), newOther(b, w.Server, folder)
		first.ok("hello")
		second.ok("hello")
		begun += timed(func() { first.ok("begin -1s") })
		first.ok("set net.ipv4.tcp_synack_retries=2", "arm "+web.String())
		replaced += timed(func() { second.ok("replace -1s") })
		b.ReportMetric(float64(resident(b, second.reaper())), "reaper-kB")
		second.kill()
		restored += same(b, w.Server, before)
		free(b, w.Server)
		first.kill()
	}
	for unit, sum := range map[string]time.Duration{"begin-ms": begun, "replace-ms": replaced, "restore-ms": restored} {
		b.ReportMetric(float64(sum.Microseconds())/1000/float64(b.N), unit)
	}
}

func timed(f func()) time.Duration {
	begun := time.Now()
	f()
	return time.Since(begun)
}

// resident is the memory of a process, in kB, that it shares with no other.
func resident(b *testing.B, pid int) (kB int) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "Private_Dirty:"); found {
			if _, err := fmt.Sscan(rest, &kB); err != nil {
				b.Error(err)
			}
		}
	}
	return kB
}
