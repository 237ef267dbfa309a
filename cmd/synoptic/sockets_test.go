package main

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func known() *owners {
	return newOwners(host.Processes{
		List:   []host.Process{{PID: 7, Name: "nginx", Exe: "/usr/sbin/nginx"}, {PID: 8, Name: "nginx"}},
		Owners: []host.Owner{{Inode: 5, PID: 7, FD: 3}, {Inode: 9, PID: 7, FD: 4}, {Inode: 9, PID: 8, FD: 4}},
	})
}

func TestOwnerKind(t *testing.T) {
	for _, c := range []struct {
		name   string
		socket host.Socket
		hidden bool
		want   string
	}{
		{"a process", host.Socket{State: tcp.Established, Inode: 9}, true, "process"},
		{"in the accept queue", host.Socket{State: tcp.Established}, false, "never-accepted"},
		{"given up in the accept queue", host.Socket{State: tcp.CloseWait}, false, "never-accepted"},
		{"half-open", host.Socket{State: tcp.SynReceived, Kind: host.Request}, false, "never-accepted"},
		{"closed by its program", host.Socket{State: tcp.LastAck}, false, "orphan"},
		{"minisocket", host.Socket{State: tcp.FinWait2, Kind: host.TimeWaitKind}, false, "orphan"},
		{"in the kernel", host.Socket{State: tcp.Established, Inode: 77}, false, "kernel"},
		{"another user's", host.Socket{State: tcp.CloseWait, Inode: 77}, true, "hidden"},
	} {
		o := known()
		o.hidden = c.hidden
		if got := o.kind(&c.socket, len(o.of(c.socket.Inode))); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
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
	}, "4026531840")
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
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
	if record.holder() != "nginx[7] +1" {
		t.Errorf("holder: %s", record.holder())
	}
}

func TestSocketCells(t *testing.T) {
	listener := known().record(&host.Socket{State: tcp.Listen, Local: netip.MustParseAddrPort("0.0.0.0:80"), Remote: netip.MustParseAddrPort("0.0.0.0:0"), Inode: 9}, "1")
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
