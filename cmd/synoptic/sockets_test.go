package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

func known() *recorder {
	found := host.Processes{
		List:   []host.Process{{PID: 7, Name: "nginx", Exe: "/usr/sbin/nginx"}, {PID: 8, Name: "nginx"}, {PID: 9, Name: "a\"b\x01\u6570", Container: "c1"}},
		Owners: []host.Owner{{Inode: 5, PID: 7, FD: 3}, {Inode: 9, PID: 7, FD: 4}, {Inode: 9, PID: 8, FD: 4}, {Inode: 11, PID: 9, FD: 1}},
	}
	return &recorder{owners: inventory.NewOwners(found, false), forecast: fate.NewForecast(nil), netns: "4026531840"}
}

// contractSocket are the fields of a socket in the contract that this version
// can fill.
var contractSocket = []string{
	"state", "kind", "local", "peer", "local_port", "peer_port", "owners", "owner_kind", "inode", "uid",
	"recv_queue", "send_queue", "timer", "age_seconds", "fate", "netns", "cookie",
}

func TestSocketRecord(t *testing.T) {
	record := known().record(&host.Socket{
		State: tcp.LastAck, Inode: 9, UID: 33, Cookie: 1 << 60, SendQueue: 1,
		Local: netip.MustParseAddrPort("[2001:db8::1]:443"), Remote: netip.MustParseAddrPort("[2001:db8::2]:50000"),
		Timer: host.TimerRetransmit, Expires: 1500 * time.Millisecond, Retransmits: 2,
	})
	text := record.appendJSON(nil)
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range contractSocket {
		if _, ok := fields[name]; !ok {
			t.Errorf("no field %s in %s", name, text)
		}
	}
	for _, part := range []string{
		`"owners":[{"pid":7,"name":"nginx","exe":"/usr/sbin/nginx","fd":4},{"pid":8,"name":"nginx","exe":"","fd":4}]`,
		`"timer":{"kind":"on","expires_seconds":1.5,"retransmits":2}`, `"age_seconds":null`, `"fate":{"next":"CLOSED","within_seconds":924.7,"forever":false,"reason":"data-retries"}`, `"cookie":1152921504606846976`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}

func TestSocketCells(t *testing.T) {
	listener := known().record(&host.Socket{State: tcp.Listen, Local: netip.MustParseAddrPort("0.0.0.0:80"), Remote: netip.MustParseAddrPort("0.0.0.0:0"), Inode: 9})
	cells := listener.cells()
	if len(cells) != len(socketColumns) {
		t.Fatalf("%d cells for %d columns", len(cells), len(socketColumns))
	}
	if peer := cells[slices.Index(socketColumns, "peer")]; peer != "" {
		t.Errorf("a listener has the peer %q", peer)
	}
	if pids := cells[slices.Index(socketColumns, "pid")]; pids != "7;8" {
		t.Errorf("pids %q", pids)
	}
}

// The fast encoder writes what the library would.
func TestAppendJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	maker := known()
	for range 3000 {
		s := host.Socket{
			State: tcp.State(1 + random.IntN(11)), Kind: host.Kind(random.IntN(3)), Inode: []uint32{0, 5, 9, 11, 77}[random.IntN(5)],
			Local: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(random.Uint32())}), uint16(random.Uint32())),
			UID:   random.Uint32(), RecvQueue: random.Uint32() >> random.IntN(32), SendQueue: random.Uint32() >> random.IntN(32), Cookie: random.Uint64() >> random.IntN(64),
			Timer: host.Timer(random.IntN(6)), Expires: time.Duration(random.Int64N(1e12)) / time.Millisecond * time.Millisecond, Retransmits: uint8(random.Uint32()),
			Mark: random.Uint32() >> random.IntN(33), Cgroup: random.Uint64() >> random.IntN(65), HasInfo: random.IntN(9) == 0, HasMemory: random.IntN(9) == 0,
		}
		if random.IntN(3) > 0 {
			s.Remote = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), uint16(random.Uint32()))
		}
		record := maker.record(&s)
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(record.document()); err != nil {
			t.Fatal(err)
		}
		if got := string(record.appendJSON(nil)) + "\n"; got != want.String() {
			t.Fatalf("got  %swant %s", got, want.String())
		}
	}
}

func TestAppendJSONAllocatesNothing(t *testing.T) {
	maker := known()
	s := host.Socket{State: tcp.Established, Inode: 5, Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.MustParseAddrPort("[2001:db8::1]:5")}
	line := make([]byte, 0, 1024)
	maker.record(&s)
	if n := testing.AllocsPerRun(100, func() { line = maker.record(&s).appendJSON(line[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSocketArguments(t *testing.T) {
	for line, want := range map[string]string{
		"sockets -o json":               "sockets --output=json",
		"sockets state listen -o jsonl": "sockets state listen --output=jsonl",
		"sockets -ojsonl -tanp":         "sockets --output=jsonl -tanp",
		"sockets -o=csv":                "sockets --output=csv",
		"sockets -tanpo":                "sockets -tanpo",
		"sockets -o state listen":       "sockets -o state listen",
		"sockets -tno -o wide":          "sockets -tno --output=wide",
		"--color never sockets -o text": "--color never sockets --output=text",
		"states -o json":                "states -o json",
		"sockets -- -o json":            "sockets -- -o json",
		"sockets -o":                    "sockets -o",
	} {
		if got := strings.Join(socketArguments(strings.Fields(line)), " "); got != want {
			t.Errorf("%q became %q", line, got)
		}
	}
}
