package sockdiag

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// The measurement behind "a diagnosis of 100,000 sockets on a host that opens
// 5,000 connections a second takes at most a second of processor time for a
// window of five, and 150 MB".
const (
	roleMeasureDiagnosis = "measure-diagnosis"
	roleChurn            = "churn"
	idleProcesses        = 9
	churnRate            = 5000 // connections a second
	churnPulse           = 10 * time.Millisecond
	churnAddresses       = 16 // each has as many tuples as there are local ports
	churnFirst           = 10_000
	churnReset           = 5 // of so many connections all but one end by RST: TIME-WAIT alone would be 300,000
	diagnosisRounds      = 3
)

func init() {
	roles[roleMeasureDiagnosis] = measureDiagnosis
	roles[roleChurn] = churn
}

// diagnosisCost is the median of one whole "synoptic diagnose" for five seconds.
type diagnosisCost struct {
	Sockets  int     // after the last one
	Rate     float64 // connections that came in each second
	CPU      float64 // user and system, seconds
	Resident float64 // MB
}

// BenchmarkDiagnosis reports the processor time and the memory of "synoptic
// diagnose" for its default window.
func BenchmarkDiagnosis(b *testing.B) {
	var m diagnosisCost
	for b.Loop() {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), envRole+"="+roleMeasureDiagnosis, envProgram+"="+program(b))
		cmd.Stderr = os.Stderr
		private(cmd)
		said, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		if err := json.Unmarshal(said, &m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(m.Sockets), "sockets")
	b.ReportMetric(m.Rate, "connections/s")
	b.ReportMetric(m.CPU, "cpu-s")
	b.ReportMetric(m.Resident, "MB")
}

// measureDiagnosis is the child in the namespace.
func measureDiagnosis() error {
	if err := loopbackUp(); err != nil {
		return err
	}
	accepting := func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, envAccept+"=1") }
	for index := range idleProcesses {
		c, err := spawn(rolePopulate, index+1, pairsAProcess, accepting)
		if err != nil {
			return err
		}
		defer c.end()
	}
	c, err := spawn(roleChurn, 0, 0, nil)
	if err != nil {
		return err
	}
	defer c.end()
	var m diagnosisCost
	var cpu, resident []float64
	for range diagnosisRounds {
		cost, err := costOf(os.Getenv(envProgram), "diagnose", "-o", "json")
		if err != nil {
			return err
		}
		cpu, resident = append(cpu, cost.CPU), append(resident, cost.Resident)
		m.Rate = cost.Rate
	}
	m.CPU, m.Resident = median(cpu), median(resident)
	if m.Sockets, err = countOnce(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

func costOf(words ...string) (m diagnosisCost, err error) {
	before, err := passiveOpens()
	if err != nil {
		return m, err
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return m, err
	}
	after, err := passiveOpens()
	if err != nil {
		return m, err
	}
	m.Rate = float64(after-before) / time.Since(start).Seconds()
	m.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.Resident = float64(usage.Maxrss) / 1024
	}
	return m, nil
}

// passiveOpens reads the sixth number of the line Tcp.
func passiveOpens() (n int, err error) {
	file, err := os.Open("/proc/net/snmp")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var skip int
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if found, _ := fmt.Sscanf(lines.Text(), "Tcp: %d %d %d %d %d %d", &skip, &skip, &skip, &skip, &skip, &n); found == 6 {
			return n, nil
		}
	}
	return 0, fmt.Errorf("/proc/net/snmp has no line Tcp")
}

// churn is the child that dials itself at churnRate and closes at once. It says
// so when the first TIME-WAITs are there, and goes on until its input ends.
func churn() error {
	targets := make([]netip.AddrPort, churnAddresses)
	listeners := make([]int, churnAddresses)
	for i := range targets {
		targets[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 2, byte(i + 1)}), 8080)
		fd, err := listen(targets[i], 1024)
		if err != nil {
			return err
		}
		listeners[i] = fd
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	pulse := time.NewTicker(churnPulse)
	defer pulse.Stop()
	start, made, ready := time.Now(), 0, false
	for {
		select {
		case err := <-ended:
			return err
		case <-pulse.C:
		}
		for due := int(time.Since(start).Seconds() * churnRate); made < due; made++ {
			if err := openAndClose(targets[made%churnAddresses], listeners[made%churnAddresses], made%churnReset != 0); err != nil {
				return err
			}
		}
		if made >= churnFirst && !ready {
			ready = true
			fmt.Println("ready")
		}
	}
}

func openAndClose(target netip.AddrPort, listener int, reset bool) error {
	here, err := dial(target)
	if err != nil {
		return err
	}
	there, _, err := syscall.Accept(listener)
	if err != nil {
		return err
	}
	if reset {
		if err := syscall.SetsockoptLinger(here, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}); err != nil {
			return err
		}
	}
	syscall.Close(here)
	return syscall.Close(there)
}
