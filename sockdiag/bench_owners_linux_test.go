package sockdiag

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The measurement behind "sockets with owners of half a million sockets in at
// most twice the time of ss, which does not look for owners": fifty processes
// hold ten thousand descriptors each.
const (
	roleMeasureOwners = "measure-owners"
	envProcesses      = "SYNOPTIC_TEST_PROCESSES"
	pairsAProcess     = 5000
	ownersRounds      = 5
)

func init() { roles[roleMeasureOwners] = measureOwners }

// ownerTimings are medians in seconds.
type ownerTimings struct {
	Sockets      int
	States       float64
	SS, SSOwners float64
	Listing      float64 // "synoptic sockets -o jsonl"
	Resident     float64 // of it, MB
}

// BenchmarkOwnersAgainstSS reports "synoptic states" and "synoptic sockets -o
// jsonl" as ratios of the time of "ss -Htan", on 50,000 and on 500,000 sockets.
// "ss -Htanp" takes minutes on the latter and is timed once on the former.
func BenchmarkOwnersAgainstSS(b *testing.B) {
	if _, err := exec.LookPath("ss"); err != nil {
		b.Skip("ss is not installed")
	}
	for _, processes := range []int{5, 50} {
		b.Run(fmt.Sprintf("%dk", 2*processes*pairsAProcess/1000), func(b *testing.B) {
			var m ownerTimings
			for b.Loop() {
				m = ownersInside(b, processes)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(m.Sockets), "sockets")
			b.ReportMetric(m.SS*1e3, "ss-ms")
			b.ReportMetric(m.States/m.SS, "states/ss")
			b.ReportMetric(m.Listing/m.SS, "sockets/ss")
			b.ReportMetric(m.Listing/float64(m.Sockets)*1e9, "ns/socket")
			b.ReportMetric(m.Resident, "MB")
			if m.SSOwners > 0 {
				b.ReportMetric(m.SSOwners/m.Listing, "ss-p/sockets")
			}
		})
	}
}

func ownersInside(b *testing.B, processes int) (m ownerTimings) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), envRole+"="+roleMeasureOwners, envProgram+"="+program(b), envProcesses+"="+strconv.Itoa(processes))
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

// measureOwners is the child in the namespace.
func measureOwners() error {
	processes, err := strconv.Atoi(os.Getenv(envProcesses))
	if err != nil {
		return err
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	var children []*child
	defer func() {
		for _, c := range children {
			c.end()
		}
	}()
	for index := range processes {
		c, err := spawn(rolePopulate, index+1, pairsAProcess, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, envAccept+"=1") })
		if err != nil {
			return err
		}
		children = append(children, c)
	}
	m, err := ownerRounds(processes <= 5)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

func ownerRounds(withOwners bool) (m ownerTimings, err error) {
	if m.Sockets, err = countOnce(); err != nil {
		return m, err
	}
	program := os.Getenv(envProgram)
	subjects := [][]string{{program, "states"}, {program, "sockets", "-o", "jsonl"}, {"ss", "-Htan"}}
	times := make([][]float64, len(subjects))
	for range ownersRounds {
		for i, subject := range subjects {
			took, resident, err := timed(subject)
			if err != nil {
				return m, fmt.Errorf("%v: %w", subject, err)
			}
			times[i] = append(times[i], took)
			if i == 1 {
				m.Resident = max(m.Resident, resident)
			}
		}
	}
	m.States, m.Listing, m.SS = median(times[0]), median(times[1]), median(times[2])
	if withOwners {
		m.SSOwners, _, err = timed([]string{"ss", "-Htanp"})
	}
	return m, err
}

// timed runs a command with its output to /dev/null.
func timed(words []string) (seconds, residentMB float64, err error) {
	cmd := exec.Command(words[0], words[1:]...)
	start := time.Now()
	err = cmd.Run()
	seconds = time.Since(start).Seconds()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		residentMB = float64(usage.Maxrss) / 1024
	}
	return seconds, residentMB, err
}
