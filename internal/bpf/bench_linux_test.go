package bpf

import (
	"bufio"
	"context"
	"io"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// acceptClose opens a connection over the loopback and closes it from both ends,
// b.N times: ten transitions each.
func acceptClose(b *testing.B) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for b.Loop() {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		_ = client.(*net.TCPConn).SetLinger(0) // or 28,000 in TIME-WAIT would use up the ports
		_ = client.Close()
		_, _ = io.Copy(io.Discard, server)
		_ = server.Close()
	}
}

// BenchmarkAcceptClose compares connections that nobody watches with ones that
// are told and ones that are summed up. Read the three in one run.
func BenchmarkAcceptClose(b *testing.B) {
	b.Run("unwatched", acceptClose)
	for name, o := range map[string]Options{"summary": {Summary: true}, "told": {}} {
		b.Run(name, func(b *testing.B) {
			t := opened(b, o)
			defer drained(b, t)()
			acceptClose(b)
		})
	}
}

// BenchmarkEvent reports what one event costs inside the kernel, as the kernel
// itself measures it (bpf_stats).
func BenchmarkEvent(b *testing.B) {
	for name, o := range map[string]Options{"summary": {Summary: true}, "told": {}} {
		b.Run(name, func(b *testing.B) {
			t := opened(b, o)
			defer drained(b, t)()
			stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME)
			if err != nil {
				b.Fatal(err)
			}
			defer stats.Close()
			acceptClose(b)
			found, err := t.objects.Programs["set_state"].Stats()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(found.Runtime)/float64(found.RunCount), "ns/event")
			b.ReportMetric(float64(found.RunCount)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkAgainstBPFTrace prints the same transitions by bpftrace: read it beside
// "unwatched" and "told". bpftrace is not needed for anything else.
func BenchmarkAgainstBPFTrace(b *testing.B) {
	needRights(b)
	path, err := exec.LookPath("bpftrace")
	if err != nil {
		b.Skip("bpftrace is not installed: apt-get install bpftrace")
	}
	const program = `tracepoint:sock:inet_sock_set_state { printf("%lld %d %d %d %d\\n", nsecs, args->sport, args->dport, args->oldstate, args->newstate); }`
	// it reads the format of the tracepoint from tracefs, which may not be mounted
	cmd := exec.Command("sh", "-c", `mount -t tracefs none /sys/kernel/tracing; ulimit -l unlimited; exec "$0" -e "$1"`, path, program)
	cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWNS, Pdeathsig: unix.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	if !lines.Scan() { // "Attaching 1 probe...", or nothing
		b.Skip("bpftrace does not run here")
	}
	attached := make(chan struct{})
	go func() {
		lines.Scan()
		close(attached)
		for lines.Scan() {
			continue
		}
	}()
	for waiting := true; waiting; {
		if c, err := net.DialTimeout("tcp", "127.0.0.1:1", time.Second); err == nil {
			_ = c.Close()
		}
		select {
		case <-attached:
			waiting = false
		case <-time.After(100 * time.Millisecond):
		}
	}
	acceptClose(b)
}

// BenchmarkMishaps is the accept-close benchmark beside what diagnose attaches:
// each connection is reset once.
func BenchmarkMishaps(b *testing.B) {
	needRights(b)
	m, err := OpenMishaps(MishapOptions{Quiet: true})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	sums := opened(b, Options{Summary: true, Timeless: true})
	defer drained(b, sums)()
	stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME)
	if err != nil {
		b.Fatal(err)
	}
	defer stats.Close()
	acceptClose(b)
	for name, program := range m.objects.Programs {
		if found, err := program.Stats(); err == nil && found.RunCount > 0 {
			b.ReportMetric(float64(found.Runtime)/float64(found.RunCount), "ns/"+name)
		}
	}
}

func opened(b *testing.B, o Options) *Transitions {
	needRights(b)
	t, err := OpenTransitions(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = t.Close() })
	return t
}

// drained reads events as a trace does, and returns what ends that and reports
// the losses.
func drained(b *testing.B, t *Transitions) func() {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				_ = t.Read(time.Now().Add(20*time.Millisecond), func(*Transition) error { return nil })
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
		losses, err := t.Losses()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(losses.Lost+losses.Sampled), "lost")
	}
}

// BenchmarkDecode is the first step of every event in user space.
func BenchmarkDecode(b *testing.B) {
	record := make([]byte, sizeOfRecord)
	native.PutUint16(record[atFamily:], familyIPv4)
	native.PutUint32(record[atPID:], 812)
	copy(record[atName:], "nginx")
	names := map[string]string{}
	var t Transition
	b.ReportAllocs()
	for b.Loop() {
		if err := t.Decode(record, names); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHolders reads the descriptors of all processes, ten thousand sockets
// of ours among them.
func BenchmarkHolders(b *testing.B) {
	needRights(b)
	const many = 10_000
	for range many {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
		if err != nil {
			b.Fatal(err)
		}
		defer unix.Close(fd)
	}
	holders, err := OpenHolders()
	if err != nil {
		b.Fatal(err)
	}
	defer holders.Close()
	for b.Loop() {
		found := 0
		if err := holders.Each(func(*Holder) error { found++; return nil }); err != nil {
			b.Fatal(err)
		}
		if found < many {
			b.Fatalf("%d sockets, not %d and more", found, many)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*many), "ns/socket")
}
