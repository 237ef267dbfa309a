package kernel

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"testing"
)

// These tests only look at the host.

func TestLiveCounters(t *testing.T) {
	counters, err := Host.Counters()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"TcpExtListenOverflows", "TcpExtListenDrops", "TcpPassiveOpens", "TcpRetransSegs", "IpInReceives", "sockstat.TCP.orphan", "sockstat.TCP.tw"} {
		if _, ok := counters.Values[name]; !ok {
			t.Errorf("no counter %s among %d", name, len(counters.Values))
		}
	}
}

func TestLiveSettings(t *testing.T) {
	settings, err := Host.Settings()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"net.ipv4.tcp_syncookies", "net.ipv4.ip_local_port_range", "net.core.somaxconn", "net.ipv4.conf.lo.rp_filter", "net.ipv4.tcp_fin_timeout"} {
		if settings[name] == "" {
			t.Errorf("no setting %s among %d", name, len(settings))
		}
	}
}

func TestLiveIdentity(t *testing.T) {
	id, err := Host.Identity()
	if err != nil || id.Name == "" || id.Kernel == "" {
		t.Errorf("%+v, %v", id, err)
	}
	var stat syscall.Stat_t
	if err := syscall.Stat("/proc/self/ns/net", &stat); err != nil || strconv.FormatUint(stat.Ino, 10) != id.NetNS {
		t.Errorf("namespace %s, want %d, %v", id.NetNS, stat.Ino, err)
	}
}

func TestLiveProcesses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	inode := inodeOf(t, listener.(*net.TCPListener))
	found, err := Host.Processes(func(i uint32) bool { return i == inode })
	if err != nil || len(found.List) != 1 || len(found.Owners) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	self := found.List[0]
	if self.PID != os.Getpid() || self.Exe != exe || self.ExeDeleted || self.UID != uint32(os.Geteuid()) || self.Threads < 1 || self.State == "" {
		t.Errorf("%+v", self)
	}
	if found.Owners[0].Inode != inode || found.Owners[0].PID != os.Getpid() {
		t.Errorf("%+v", found.Owners)
	}
}

func inodeOf(t *testing.T, listener *net.TCPListener) uint32 {
	t.Helper()
	raw, err := listener.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var stat syscall.Stat_t
	if err := raw.Control(func(fd uintptr) { err = syscall.Fstat(int(fd), &stat) }); err != nil {
		t.Fatal(err)
	}
	return uint32(stat.Ino)
}

func TestLiveRoutes(t *testing.T) {
	routes, err := Routes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		if !r.Destination.IsValid() || r.Table == 0 {
			t.Errorf("%+v", r)
		}
		if r.Destination == netip.MustParsePrefix("127.0.0.0/8") && r.Table == 255 && r.Type == "local" && r.Interface == "lo" {
			return
		}
	}
	t.Errorf("the loopback is not routed: %v", routes)
}

func TestLiveNeighbours(t *testing.T) {
	neighbours, err := Neighbours()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range neighbours {
		if !n.Address.IsValid() || n.Interface == "" || n.State == "" {
			t.Errorf("%+v", n)
		}
	}
}

// BenchmarkDescriptors reads 10,000 descriptors of this process.
func BenchmarkDescriptors(b *testing.B) {
	const descriptors = 10_000
	for range descriptors {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			b.Skip(err)
		}
		defer syscall.Close(fd)
	}
	folder := fmt.Sprintf("/proc/%d/fd", os.Getpid())
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := eachSocket(folder, func(int, uint32) { n++ }); err != nil || n < descriptors {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/descriptors, "ns/descriptor")
}
