package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folderOf writes /proc/net of a host that is made up.
func folderOf(t *testing.T, files map[string]string) Root {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "proc", "net"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, "proc", "net", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Root(root)
}

const (
	someSNMP    = "Ip: Forwarding\nIp: 1\nTcp: RtoAlgorithm ActiveOpens PassiveOpens\nTcp: 1 22 333\nUdp: InDatagrams\nUdp: 7\n"
	someNetstat = "TcpExt: SyncookiesSent SyncookiesRecv ListenDrops\nTcpExt: 4 55 18446744073709551615\nIpExt: InOctets\nIpExt: 9\n"
)

// TestMeter: the wanted ones in the wanted order, also when they grow.
func TestMeter(t *testing.T) {
	root := folderOf(t, map[string]string{"snmp": someSNMP, "netstat": someNetstat})
	m, err := root.NewMeter("TcpPassiveOpens", "TcpExtListenDrops", "TcpExtSyncookiesSent")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	values := make([]uint64, 3)
	for _, want := range [][3]uint64{{333, 1<<64 - 1, 4}, {98765, 1<<64 - 1, 4}} {
		if err := m.Read(values); err != nil || [3]uint64(values) != want {
			t.Errorf("read %v (%v), not %v", values, err, want)
		}
		if err := os.WriteFile(filepath.Join(string(root), "proc", "net", "snmp"), []byte(strings.ReplaceAll(someSNMP, "333", "98765")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMeterLong: a file may be longer than room was made for.
func TestMeterLong(t *testing.T) {
	names, values := "TcpExt:", "TcpExt:"
	for range 5000 {
		names, values = names+" Unknown", values+" 12345"
	}
	root := folderOf(t, map[string]string{"snmp": someSNMP, "netstat": names + " Last\n" + values + " 42\n"})
	m, err := root.NewMeter("TcpExtLast")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	got := make([]uint64, 1)
	if err := m.Read(got); err != nil || got[0] != 42 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestMeterErrors: each says which file or counter.
func TestMeterErrors(t *testing.T) {
	for name, test := range map[string]struct{ snmp, netstat, says string }{
		"no such counter": {someSNMP, "TcpExt: Other\nTcpExt: 1\n", "no counter TcpExtListenDrops"},
		"no values":       {someSNMP, "TcpExt: ListenDrops\n", "no values of TcpExt"},
		"empty":           {someSNMP, "", "no values of TcpExt"},
	} {
		root := folderOf(t, map[string]string{"snmp": test.snmp, "netstat": test.netstat})
		if m, err := root.NewMeter("TcpExtListenDrops"); err == nil || m != nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	root := folderOf(t, map[string]string{"snmp": someSNMP, "netstat": "TcpExt: ListenDrops\nTcpExt: many\n"})
	m, err := root.NewMeter("TcpExtListenDrops")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Read(make([]uint64, 1)); err == nil || !strings.Contains(err.Error(), `"many"`) {
		t.Errorf("a word for a number: %v", err)
	}
	if _, err := Root(t.TempDir()).NewMeter("TcpPassiveOpens"); err == nil {
		t.Error("an empty folder is no host")
	}
}

// BenchmarkMeter reads those of the running kernel.
func BenchmarkMeter(b *testing.B) {
	m, err := Host.NewMeter("TcpExtTCPReqQFullDoCookies", "TcpExtTCPReqQFullDrop", "TcpExtSyncookiesSent", "TcpExtSyncookiesRecv", "TcpExtListenOverflows", "TcpPassiveOpens")
	if err != nil {
		b.Skip(err)
	}
	defer m.Close()
	values := make([]uint64, 6)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Read(values); err != nil {
			b.Fatal(err)
		}
	}
}
