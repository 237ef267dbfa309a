package sockdiag

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/tcp"
)

// The measurement behind "states of 100,000 sockets in at most 0.6 of the time
// of ss": it populates a private namespace and times Count, Dump and ss in
// turns, so that noise of the machine meets all of them.
const (
	roleMeasure  = "measure"
	envProgram   = "SYNOPTIC_TEST_PROGRAM" // the built program, measured as a whole process like ss
	benchSockets = 100_000
	benchRounds  = 9
)

func init() { roles[roleMeasure] = measure }

// timings are medians in seconds.
type timings struct {
	Sockets                         int
	Count, Dump, Info, TwoWalks, SS float64
	Program                         float64 // "synoptic states", from start to end

	// By the kernel's iterator, loaded before; 0 without the right to.
	InKernel, Iterator, IteratorInfo, IteratorListeners float64
}

// BenchmarkStatesAgainstSS reports the time of "synoptic states", Count, Dump
// and Dump with tcp_info as ratios of the time of "ss -Htan".
func BenchmarkStatesAgainstSS(b *testing.B) {
	if _, err := exec.LookPath("ss"); err != nil {
		b.Skip("ss is not installed")
	}
	var m timings
	for b.Loop() {
		m = measureInside(b)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(m.Sockets), "sockets")
	b.ReportMetric(m.SS*1e3, "ss-ms")
	b.ReportMetric(m.Count*1e3, "count-ms")
	b.ReportMetric(m.Program/m.SS, "program/ss")
	b.ReportMetric(m.Count/m.SS, "count/ss")
	b.ReportMetric(m.Dump/m.SS, "dump/ss")
	b.ReportMetric(m.Info/m.SS, "info/ss")
	b.ReportMetric(m.TwoWalks/m.SS, "two-walks/ss")
	b.ReportMetric(m.InKernel/m.SS, "in-kernel/ss")
	b.ReportMetric(m.Iterator/m.SS, "iterator/ss")
	b.ReportMetric(m.IteratorInfo/m.SS, "iterator-info/ss")
	b.ReportMetric(m.IteratorListeners/m.SS, "iterator-listeners/ss")
}

func measureInside(b *testing.B) (m timings) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), envRole+"="+roleMeasure, envProgram+"="+program(b))
	cmd.Stderr = os.Stderr
	private(cmd)
	said, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal(said, &m); err != nil {
		b.Fatal(err)
	}
	return m
}

func program(b *testing.B) string {
	path := filepath.Join(b.TempDir(), "synoptic")
	build := exec.Command("go", "build", "-o", path, "../cmd/synoptic")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return path
}

// measure is the child in the namespace.
func measure() error {
	if err := loopbackUp(); err != nil {
		return err
	}
	end, err := crowd(benchSockets / 2)
	if err != nil {
		return err
	}
	defer end()
	m, err := rounds()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

func rounds() (m timings, err error) {
	byIterator, end := iterators()
	defer end()
	subjects := append([]func() error{
		func() error { m.Sockets, err = countOnce(); return err },
		func() error { return dumpOnce(Options{}) },
		func() error { return dumpOnce(Options{Info: true}) },
		countFamilies,
		func() error { return exec.Command("ss", "-Htan").Run() }, // output goes to /dev/null
		func() error { return exec.Command(os.Getenv(envProgram), "states").Run() },
	}, byIterator...)
	times := make([][]float64, len(subjects))
	for range benchRounds {
		for i, subject := range subjects {
			start := time.Now()
			if err := subject(); err != nil {
				return m, fmt.Errorf("subject %d: %w", i, err)
			}
			times[i] = append(times[i], time.Since(start).Seconds())
		}
	}
	m.Count, m.Dump, m.Info, m.TwoWalks, m.SS = median(times[0]), median(times[1]), median(times[2]), median(times[3]), median(times[4])
	m.Program = median(times[5])
	if len(byIterator) > 0 {
		m.InKernel, m.Iterator, m.IteratorInfo, m.IteratorListeners = median(times[6]), median(times[7]), median(times[8]), median(times[9])
	}
	return m, nil
}

// iterators are the subjects that need rights: counting in the kernel, all sockets
// without and with tcp_info, and the listeners alone.
func iterators() (subjects []func() error, end func()) {
	counter, err := live.OpenCounter()
	if err != nil {
		return nil, func() {}
	}
	closers := []func() error{counter.Close}
	subjects = append(subjects, func() error { _, err := counter.Count(); return err })
	for _, o := range []live.SocketOptions{{}, {Details: true}, {States: tcp.SetOf(tcp.Listen)}} {
		sockets, err := live.OpenSockets(o)
		if err != nil {
			continue
		}
		closers = append(closers, sockets.Close)
		subjects = append(subjects, func() error { return sockets.Each(func(*host.Socket) error { return nil }) })
	}
	return subjects, func() {
		for _, end := range closers {
			_ = end() // the process ends
		}
	}
}

func countOnce() (int, error) {
	counts, _, err := Count(context.Background(), Options{})
	return int(counts.Total()), err
}

// countFamilies counts as Count would if the kernel refused the old request.
func countFamilies() error {
	c, err := open(0)
	if err != nil {
		return err
	}
	defer c.Close()
	var counts tcp.Counts
	return walkFamilies(context.Background(), c, Options{}, new(Result), func(b []byte) error {
		counts[stateOf(b[offState])]++
		return nil
	})
}

func dumpOnce(o Options) error {
	_, err := Dump(context.Background(), o, func(*host.Socket) error { return nil })
	return err
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkParseMessage reads one established socket with all extensions.
func BenchmarkParseMessage(b *testing.B) {
	message := recorded(b)["ESTABLISHED/full/ipv4/port-8002"]
	var s host.Socket
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseMessage(message, &s); err != nil {
			b.Fatal(err)
		}
	}
}
