//go:build !windows

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// liveBeside is how many connections are open while a flood passes.
const liveBeside = 10_000

// writeFlood writes a capture: connections that stay open, and then SYNs from
// random sources.
func writeFlood(to io.Writer, syns int) error {
	buffered := bufio.NewWriterSize(to, 1<<20)
	w, err := packet.NewWriter(buffered, packet.LinkEthernet, 65535)
	if err != nil {
		return err
	}
	var f packet.Frame
	write := func(s *packet.Segment) error {
		f.Data = traffic.AppendFrame(f.Data[:0], s)
		f.Length, f.Time = len(f.Data), s.Time
		return w.Write(&f)
	}
	for i := range liveBeside {
		for _, segment := range []tcp.Segment{
			{Seq: 100, Flags: tcp.SYN, Window: 65535},
			{Seq: 300, Ack: 101, Flags: tcp.SYN | tcp.ACK, Window: 65535},
			{Seq: 101, Ack: 301, Flags: tcp.ACK, Window: 65535, Data: 9},
		} {
			s := packet.Segment{TCP: segment, Time: traffic.Start, IPVersion: 4, TTL: 64, Tuple: packet.Tuple{
				Source: packet.Address4(0x0a000000 + uint32(i)), Destination: packet.Address4(0xcb007107),
				SourcePort: 5000, DestinationPort: 80,
			}}
			if segment.Seq == 300 {
				s.Tuple = s.Tuple.Reverse()
			}
			if err := write(&s); err != nil {
				return err
			}
		}
	}
	source := traffic.NewFlood(7)
	var s packet.Segment
	for range syns {
		source.Next(&s)
		if err := write(&s); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// piped has the program read a flood from a pipe with --memory 64MB, and checks
// that nothing but the flood was lost, that its size is known within 1 %, and
// that the program stays under 128 MB. It returns the largest resident set, octets.
func piped(t testing.TB, syns int) int64 {
	t.Helper()
	command := exec.Command(os.Args[0], "read", "-", "--memory", "64MB", "-o", "json")
	command.Env = append(os.Environ(), asProgram+"=1")
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := writeFlood(in, syns); err != nil {
		t.Error(err)
	}
	in.Close()
	var summary struct {
		Words     map[string]uint64 `json:"conn_states"`
		Handshake struct {
			Unanswered uint64 `json:"unanswered"`
			Beyond     uint64 `json:"unanswered_beyond_memory"`
		} `json:"handshakes"`
	}
	if err := json.NewDecoder(out).Decode(&summary); err != nil {
		t.Error(err)
	}
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := summary.Words["S1"]; got != liveBeside {
		t.Errorf("%d of %d connections survived %d SYNs", got, liveBeside, syns)
	}
	counted := float64(summary.Handshake.Unanswered + summary.Handshake.Beyond)
	if off := counted/float64(syns) - 1; math.Abs(off) > 0.01 {
		t.Errorf("%d SYNs counted as %.0f: %.2f %%", syns, counted, 100*off)
	}
	resident := command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	if resident >= 128<<20 {
		t.Errorf("%d SYNs take %d MB", syns, resident>>20)
	}
	return resident
}

// TestFloodThroughPipe: memory does not depend on the traffic.
func TestFloodThroughPipe(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the largest resident set is in kB on Linux only")
	}
	if testing.Short() {
		t.Skip("eight million SYNs, and the race detector's own memory would count")
	}
	piped(t, 8_000_000)
}

// capturedIn writes a capture with so many packets of a source.
func capturedIn(t testing.TB, source traffic.Source, packets int) string {
	t.Helper()
	file, err := traffic.Capture(source, packets)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "made.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSummaryIsSumOfList: the summary, which several trackers make and which
// keeps no record, counts what the list holds.
func TestSummaryIsSumOfList(t *testing.T) {
	for name, path := range map[string]string{
		"connections": capturedIn(t, traffic.NewConnections(5, 700), 150_000),
		"flood":       capturedIn(t, traffic.NewFlood(5), 40_000),
	} {
		var summary struct {
			Words map[string]int `json:"conn_states"`
		}
		if err := json.Unmarshal(runProgram(t, "read", path, "-o", "json"), &summary); err != nil {
			t.Fatal(err)
		}
		listed := map[string]int{}
		lines := json.NewDecoder(bytes.NewReader(runProgram(t, "read", path, "-o", "jsonl")))
		for lines.More() {
			var c struct {
				Word string `json:"conn_state"`
			}
			if err := lines.Decode(&c); err != nil {
				t.Fatal(err)
			}
			listed[c.Word]++
		}
		if !maps.Equal(summary.Words, listed) {
			t.Errorf("%s: the summary has %v, the list %v", name, summary.Words, listed)
		}
	}
}

// runProgram runs the program and returns its standard output.
func runProgram(t testing.TB, args ...string) []byte {
	t.Helper()
	command := exec.Command(os.Args[0], args...)
	command.Env, command.Stderr = append(os.Environ(), asProgram+"=1"), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("synoptic %v: %v", args, err)
	}
	return out
}

// BenchmarkAgainst compares processor seconds of whole commands that read the
// same capture on one processor, in turns, five million packets of connections and
// one of a flood: the least of three runs each. Tools not installed are left out.
func BenchmarkAgainst(b *testing.B) {
	if _, err := exec.LookPath("taskset"); err != nil {
		b.Skip("taskset is not installed")
	}
	tools := [][]string{
		{os.Args[0], "read", "-o", "json", "FILE"},
		{"tcptrace", "-n", "FILE"},
		{"tshark", "-n", "-q", "-z", "conv,tcp", "-r", "FILE"},
		{"argus", "-r", "FILE", "-w", "/dev/null"},
	}
	for _, c := range []struct {
		name    string
		source  traffic.Source
		packets int
	}{{"connections", traffic.NewConnections(8, 200_000), 5_000_000}, {"flood", traffic.NewFlood(8), 1_000_000}} {
		path := capturedIn(b, c.source, c.packets)
		b.Run(c.name, func(b *testing.B) {
			least := map[string]time.Duration{}
			for range b.N * 3 {
				for _, tool := range tools {
					if _, err := exec.LookPath(tool[0]); err == nil {
						took := processorTime(b, tool, path)
						if best := least[tool[0]]; best == 0 || took < best {
							least[tool[0]] = took
						}
					}
				}
			}
			ours := least[os.Args[0]]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ours.Seconds(), "s")
			for _, tool := range tools[1:] {
				if least[tool[0]] != 0 {
					b.ReportMetric(least[tool[0]].Seconds()/ours.Seconds(), "times-"+tool[0])
				}
			}
		})
	}
}

// processorTime runs a tool on one processor.
func processorTime(b *testing.B, tool []string, path string) time.Duration {
	b.Helper()
	args := append([]string{"-c", "1"}, tool...)
	for i := range args {
		if args[i] == "FILE" {
			args[i] = path
		}
	}
	command := exec.Command("taskset", args...)
	command.Env = append(os.Environ(), asProgram+"=1")
	if err := command.Run(); err != nil {
		b.Fatalf("%v: %v", args, err)
	}
	return command.ProcessState.UserTime() + command.ProcessState.SystemTime()
}

// BenchmarkFloodThroughPipe is the same with 100 million SYNs.
func BenchmarkFloodThroughPipe(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(piped(b, 100_000_000)>>20), "MB")
	}
}
