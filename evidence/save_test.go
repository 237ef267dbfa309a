package evidence

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func sample() *Bundle {
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	socket := host.Socket{
		State: tcp.CloseWait, Local: netip.MustParseAddrPort("192.0.2.1:8080"), Remote: netip.MustParseAddrPort("[2001:db8::7]:40000"),
		Cookie: 7, Inode: 4711, UID: 1000, RecvQueue: 1, HasInfo: true, Info: host.Info{RTO: 200 * time.Millisecond, BytesSent: 12},
	}
	listener := host.Socket{State: tcp.Listen, Local: netip.MustParseAddrPort("0.0.0.0:8080"), Cookie: 8, Inode: 4712, SendQueue: 128}
	return &Bundle{
		Schema: Schema, Host: host.Identity{Name: "web-1", Kernel: "6.18.44", NetNS: "4026531840"}, Start: start, End: start.Add(5 * time.Second),
		Sources:         []Source{{Name: SourceSockets, OK: true}, {Name: SourcePackets, Why: "not read by this version"}},
		Snapshots:       []host.Snapshot{{Time: start, States: tcp.AllStates, Sockets: []host.Socket{listener, socket}}, {Time: start.Add(5 * time.Second), States: tcp.AllStates, Sockets: []host.Socket{listener, socket}}},
		CountersBefore:  host.Counters{Time: start, Values: map[string]int64{"TcpExtListenOverflows": 3}},
		CountersAfter:   host.Counters{Time: start, Values: map[string]int64{"TcpExtListenOverflows": 9}},
		ProcessesBefore: host.Processes{Time: start},
		ProcessesAfter: host.Processes{
			Time: start, List: []host.Process{{PID: 812, Name: "nginx", Exe: "/usr/sbin/nginx", UID: 33}, {PID: 900, Name: "x", Exe: "/tmp/x"}},
			Owners: []host.Owner{{Inode: 4711, PID: 812, FD: 5}},
		},
		Settings:   host.Settings{"net.core.somaxconn": "4096", "net.ipv4.conf.eth0.rp_filter": "1", "net.ipv4.conf.eth0.100.rp_filter": "2"},
		Routes:     []host.Route{{Destination: netip.MustParsePrefix("192.0.2.0/24"), Interface: "eth0", Table: 254}},
		Neighbours: []host.Neighbour{{Address: netip.MustParseAddr("192.0.2.9"), Interface: "eth0", State: "REACHABLE", LinkLayer: "02:00:00:00:00:01"}},
		Published: []host.Published{{
			Rule: "ip nat web-1 handle 7", First: 80, Last: 80, In: "eth0", NotIn: "eth0.100",
			To: netip.MustParsePrefix("192.0.2.1/32"), From: netip.MustParsePrefix("192.0.2.0/24"), Target: netip.MustParseAddrPort("192.0.2.9:80"),
		}},
	}
}

// byValue compares addresses, whose zone pointer cmp may not look into.
var byValue = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

func saved(t testing.TB, b *Bundle) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, b); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestSaveAndRead(t *testing.T) {
	want := sample()
	got, err := Read(bytes.NewReader(saved(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, byValue); diff != "" {
		t.Errorf("a bundle changed on its way through a file (-saved +read):\n%s", diff)
	}
	if got.Window() != 5*time.Second || !got.Has(SourceSockets) || got.Has(SourcePackets) || got.Has("nonsense") {
		t.Errorf("window %v, sources %v", got.Window(), got.Sources)
	}
}

func TestReadPlainJSON(t *testing.T) {
	packed, err := gzip.NewReader(bytes.NewReader(saved(t, sample())))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(packed); err != nil {
		t.Errorf("unpacked JSON should be read: %v", err)
	}
}

func TestReadDamaged(t *testing.T) {
	file := saved(t, sample())
	wrongSum := bytes.Clone(file)
	wrongSum[len(wrongSum)-6] ^= 0xff
	cases := []struct{ name, content, says string }{
		{"empty", "", "it is empty"},
		{"one byte", "x", "invalid character"},
		{"cut gzip", string(file[:len(file)/2]), "ends in the middle"},
		{"gzip header only", string(file[:5]), "damaged gzip header"},
		{"wrong checksum", string(wrongSum), "checksum"},
		{"cut JSON", `{"schema":"synoptic.bundle/v1","host":{`, "ends in the middle"},
		{"wrong type", `{"schema":"synoptic.bundle/v1","start":7}`, "not a readable bundle"},
		{"wrong field type", `{"schema":"synoptic.bundle/v1","sources":"all"}`, "field sources holds a string"},
		{"unknown state word", `{"schema":"synoptic.bundle/v1","snapshots":[{"sockets":[{"state":"BROKEN"}]}]}`, `"BROKEN" is not a TCP state`},
		{"no schema", `{}`, "no schema"},
		{"other schema", `{"schema":"synoptic.bundle/v99"}`, `"synoptic.bundle/v99"`},
		{"trailing data", `{"schema":"synoptic.bundle/v1"} {"x":1}`, "more data follows"},
		{"time runs back", `{"schema":"synoptic.bundle/v1","start":"2026-01-01T00:00:05Z","end":"2026-01-01T00:00:00Z"}`, "ends before it starts"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.content))
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("error is not one line: %q", err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(saved(f, sample()))
	f.Add([]byte(`{"schema":"synoptic.bundle/v1","snapshots":[{"sockets":[{"state":"LISTEN","local":"[::]:80"}]}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		again, err := Read(bytes.NewReader(saved(t, b)))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if len(again.Snapshots) != len(b.Snapshots) || len(again.Sources) != len(b.Sources) {
			t.Fatal("saving lost something")
		}
		Anonymize(b, []byte("key"))
	})
}
