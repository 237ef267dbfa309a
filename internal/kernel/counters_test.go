package kernel

import (
	"errors"
	"maps"
	"strings"
	"testing"
)

const (
	netstatText = "TcpExt: SyncookiesSent ListenOverflows NewCounterOf2030\nTcpExt: 5 17 3\n" +
		"IpExt: InNoRoutes InOctets\nIpExt: 0 18446744073709551615\n"
	snmpText = "Ip: Forwarding InReceives\nIp: 2 900\nTcp: MaxConn PassiveOpens CurrEstab\nTcp: -1 40 3\n"
)

func TestCounters(t *testing.T) {
	root := fixture(t, map[string]string{
		"proc/thread-self/net/netstat":           netstatText,
		"proc/thread-self/net/snmp":              snmpText,
		"proc/thread-self/net/snmp6":             "Ip6InReceives                   \t12\nIp6InDelivers                   \t11\n",
		"proc/thread-self/net/sockstat":          "sockets: used 14\nTCP: inuse 3 orphan 1 tw 2 alloc 4 mem 5\n",
		"proc/thread-self/net/sockstat6":         "TCP6: inuse 2\n",
		"proc/thread-self/net/stat/arp_cache":    "entries  allocs   table_fulls\n00000400 00000001 0000000a\n00000400 00000002 00000010\n",
		"proc/thread-self/net/stat/nf_conntrack": "entries drop early_drop\n00000007 00000001 00000000\n00000007 00000002 00000000\n",
		"proc/net/netstat":                       "TcpExt: ListenOverflows\nTcpExt: 999\n", // the main thread's namespace
	})
	counters, err := root.Counters()
	if err != nil || counters.Time.IsZero() {
		t.Fatalf("%v at %v", err, counters.Time)
	}
	want := map[string]int64{
		"TcpExtSyncookiesSent": 5, "TcpExtListenOverflows": 17, "TcpExtNewCounterOf2030": 3, "IpExtInNoRoutes": 0, "IpExtInOctets": -1,
		"IpForwarding": 2, "IpInReceives": 900, "TcpMaxConn": -1, "TcpPassiveOpens": 40, "TcpCurrEstab": 3,
		"Ip6InReceives": 12, "Ip6InDelivers": 11,
		"sockstat.sockets.used": 14, "sockstat.TCP.inuse": 3, "sockstat.TCP.orphan": 1, "sockstat.TCP.tw": 2, "sockstat.TCP.alloc": 4,
		"sockstat.TCP.mem": 5, "sockstat.TCP6.inuse": 2,
		"arp_cache.entries": 1024, "arp_cache.allocs": 3, "arp_cache.table_fulls": 26,
		"conntrack.entries": 7, "conntrack.drop": 3, "conntrack.early_drop": 0,
	}
	if !maps.Equal(counters.Values, want) {
		t.Errorf("got  %v\nwant %v", counters.Values, want)
	}
}

func TestCountersOfOldKernel(t *testing.T) {
	root := fixture(t, map[string]string{"proc/net/netstat": netstatText, "proc/net/snmp": snmpText})
	counters, err := root.Counters()
	if err != nil || counters.Values["TcpExtListenOverflows"] != 17 || counters.Values["TcpPassiveOpens"] != 40 {
		t.Errorf("%v, %v", counters.Values, err)
	}
}

func TestCountersKeepWhatCouldBeRead(t *testing.T) {
	root := fixture(t, map[string]string{
		"proc/thread-self/net/netstat": netstatText,
		"proc/thread-self/net/snmp":    "Ip: Forwarding\nIp: 1\n\nTcp: A B\nTcp: 1\n",
	})
	counters, err := root.Counters()
	const want = "proc/thread-self/net/snmp:5: 2 names but 1 values for Tcp"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if counters.Values["TcpExtListenOverflows"] != 17 || counters.Values["IpForwarding"] != 1 {
		t.Errorf("lost: %v", counters.Values)
	}
	if _, err := fixture(t, nil).Counters(); err == nil {
		t.Error("an empty root has counters")
	}
}

func TestParseErrors(t *testing.T) {
	table := tableParser("arp_cache")
	for _, test := range []struct {
		parse func([]byte, map[string]int64) error
		text  string
		line  int
		what  string
	}{
		{parsePairs, "Tcp: A\n", 1, "no values"},
		{parsePairs, "Tcp: A\nUdp: 1\n", 2, `expected the values of "Tcp:"`},
		{parsePairs, "Tcp A\nTcp 1\n", 2, "expected"},
		{parsePairs, "Tcp: A\nTcp: x\n", 2, `TcpA: "x" is not a number`},
		{parsePairs, "Tcp: A\nTcp: 99999999999999999999\n", 2, "not a number"},
		{parseLines, "Ip6In 1\nIp6Out\n", 2, "found 1 words"},
		{parseLines, "Ip6In 0x1\n", 1, "not a number"},
		{parseSockstat, "TCP: inuse\n", 1, "PROTOCOL"},
		{parseSockstat, "TCP inuse 1\n", 1, "PROTOCOL"},
		{parseSockstat, "TCP: inuse one\n", 1, "sockstat.TCP.inuse"},
		{table, "entries drop\n1\n", 2, "2 names but 1 values"},
		{table, "entries drop\n1 z\n", 2, "not a hexadecimal number"},
	} {
		err := test.parse([]byte(test.text), map[string]int64{})
		var line *LineError
		if !errors.As(err, &line) || line.Line != test.line || !strings.Contains(line.What, test.what) {
			t.Errorf("%q: %v, want line %d: %s", test.text, err, test.line, test.what)
		}
	}
}

func FuzzCounters(f *testing.F) {
	f.Add([]byte(netstatText))
	f.Add([]byte(snmpText))
	f.Add([]byte("Ip6InReceives 12\n"))
	f.Add([]byte("TCP: inuse 3 orphan 1\n"))
	f.Add([]byte("entries drop\n00000007 00000001\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, src := range sources {
			if err := src.parse(b, map[string]int64{}); err != nil {
				if line := (*LineError)(nil); !errors.As(err, &line) || line.Line < 1 {
					t.Errorf("%s: %v", src.name, err)
				}
			}
		}
	})
}
