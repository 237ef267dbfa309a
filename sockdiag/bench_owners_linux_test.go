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

	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/live"
)

// The measurement behind "owners of half a million sockets in a second, and their
// states in 0.4 of the time of ss": fifty processes hold ten thousand descriptors
// each.
const (
	roleMeasureOwners = "measure-owners"
	envProcesses      = "SYNOPTIC_TEST_PROCESSES"
	envSlow           = "SYNOPTIC_BENCH_SLOW" // also time "ss -Htanp" on all of them, once: minutes
	pairsAProcess     = 5000
	ownersRounds      = 5
)

func init() { roles[roleMeasureOwners] = measureOwners }

// ownerTimings are medians in seconds.
type ownerTimings struct {
	Sockets      int
	SS, SSOwners float64
	States       float64 // "synoptic states", by the quicker way
	Netlink      float64 // the same by netlink
	ByListener   float64
	Listing      float64 // "synoptic sockets -o jsonl"
	ListingBy    float64 // the same by netlink, owners by the iterator too
	Resident     float64 // of it, MB
	Listeners    float64
	ListenersBy  float64 // by netlink
	Owners       float64 // of all sockets, by the iterator
}

// subjects are the commands, in turns, with where their times go.
func (m *ownerTimings) subjects(program string) map[*float64][]string {
	return map[*float64][]string{
		&m.SS:          {"ss", "-Htan"},
		&m.States:      {program, "states"},
		&m.Netlink:     {program, "states", "--source", "netlink"},
		&m.ByListener:  {program, "states", "--by", "listener"},
		&m.Listing:     {program, "sockets", "-o", "jsonl"},
		&m.ListingBy:   {program, "sockets", "-o", "jsonl", "--source", "netlink"},
		&m.Listeners:   {program, "listeners"},
		&m.ListenersBy: {program, "listeners", "--source", "netlink"},
	}
}

// BenchmarkOwnersAgainstSS reports "synoptic states", "sockets -o jsonl" and
// "listeners", each by the quicker way and by netlink, as ratios of the time of "ss
// -Htan", on 50,000 and on 500,000 sockets. "ss -Htanp" takes minutes on the latter
// and is timed once on the former, or on both with SYNOPTIC_BENCH_SLOW=1.
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
			b.ReportMetric(m.Owners*1e3, "owners-ms")
			b.ReportMetric(m.Listing*1e3, "sockets-ms")
			for name, time := range map[string]float64{
				"states": m.States, "states-netlink": m.Netlink, "states-by-listener": m.ByListener, "sockets": m.Listing,
				"sockets-netlink": m.ListingBy, "listeners": m.Listeners, "listeners-netlink": m.ListenersBy,
			} {
				b.ReportMetric(time/m.SS, name+"/ss")
			}
			b.ReportMetric(m.Listing/float64(m.Sockets)*1e9, "ns/socket")
			b.ReportMetric(m.Resident, "MB")
			if m.SSOwners > 0 {
				b.ReportMetric(m.SSOwners, "ss-p-s")
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
	m, err := ownerRounds(processes <= 5 || os.Getenv(envSlow) != "")
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

func ownerRounds(withOwners bool) (m ownerTimings, err error) {
	if m.Sockets, err = countOnce(); err != nil {
		return m, err
	}
	subjects := m.subjects(os.Getenv(envProgram))
	times := map[*float64][]float64{}
	for range ownersRounds {
		for into, subject := range subjects {
			took, resident, err := timed(subject)
			if err != nil {
				return m, fmt.Errorf("%v: %w", subject, err)
			}
			times[into] = append(times[into], took)
			if into == &m.Listing {
				m.Resident = max(m.Resident, resident)
			}
		}
		took, err := ownersOnce(m.Sockets)
		if err != nil {
			return m, err
		}
		times[&m.Owners] = append(times[&m.Owners], took)
	}
	for into, took := range times {
		*into = median(took)
	}
	if withOwners {
		m.SSOwners, _, err = timed([]string{"ss", "-Htanp"})
	}
	return m, err
}

// ownersOnce finds all descriptors on TCP sockets and describes their processes.
// Without the right to it takes no time.
func ownersOnce(least int) (seconds float64, err error) {
	holders, err := live.OpenHolders()
	if err != nil {
		return 0, nil
	}
	defer holders.Close()
	start := time.Now()
	owners, err := holders.Owners(nil)
	if err == nil {
		_, err = kernel.Host.Held(owners)
	}
	if err == nil && len(owners) < least {
		err = fmt.Errorf("%d owners of %d sockets", len(owners), least)
	}
	return time.Since(start).Seconds(), err
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
