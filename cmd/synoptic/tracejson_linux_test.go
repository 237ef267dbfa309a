package main

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/tcp"
)

func sampleTransition() *live.Transition {
	return &live.Transition{
		Time: time.Date(2026, 11, 21, 2, 0, 0, 123456789, time.UTC), From: tcp.Established, To: tcp.CloseWait, Kind: host.Full,
		Source: live.Event, Cause: live.BySegment,
		Local: netip.MustParseAddrPort("192.0.2.2:443"), Remote: netip.MustParseAddrPort("198.51.100.10:50123"), NetNS: 4026531840, Cookie: 77,
		Owners:    []inventory.Owner{{PID: 812, Name: "nginx", Exe: "/usr/sbin/nginx", FD: 9}, {PID: 813, Name: `a"b`, FD: -1}},
		OwnerKind: inventory.ByProcess, InFrom: 1500 * time.Millisecond, HasInFrom: true,
	}
}

// TestTransitionJSON: the record of the contract, key by key.
func TestTransitionJSON(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal(appendTransition(nil, sampleTransition()), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"time": "2026-11-21T02:00:00.123456Z", "from": "ESTABLISHED", "to": "CLOSE-WAIT", "kind": "full", "source": "event", "cause": "segment",
		"local": "192.0.2.2:443", "peer": "198.51.100.10:50123", "netns": "4026531840", "seconds_in_from": 1.5, "cookie": 77.0, "owner_kind": "process",
		"owners": []any{
			map[string]any{"pid": 812.0, "name": "nginx", "exe": "/usr/sbin/nginx", "fd": 9.0},
			map[string]any{"pid": 813.0, "name": `a"b`, "exe": ""},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n %v, not\n %v", got, want)
	}
}

// TestTransitionJSONOfTheUnknown: a listener has no peer, and a time that began
// before us is null.
func TestTransitionJSONOfTheUnknown(t *testing.T) {
	var got map[string]any
	x := &live.Transition{From: tcp.Closed, To: tcp.Listen, Local: netip.MustParseAddrPort("[::]:80"), Remote: netip.MustParseAddrPort("[::]:0")}
	if err := json.Unmarshal(appendTransition(nil, x), &got); err != nil {
		t.Fatal(err)
	}
	if got["peer"] != "" || got["seconds_in_from"] != nil || len(got["owners"].([]any)) != 0 || got["local"] != "[::]:80" {
		t.Errorf("%v", got)
	}
}

// TestMishapJSON: the record of the contract, key by key; what does not apply is
// absent.
func TestMishapJSON(t *testing.T) {
	x := &live.Mishap{
		Mishap: host.Mishap{Kind: host.Dropped, Reason: host.DropNetfilter, State: tcp.SynReceived, Segment: "SYN,ACK", Outgoing: true, Hook: host.Output, Function: "nft_do_chain"},
		Time:   time.Date(2026, 11, 21, 2, 0, 0, 123456789, time.UTC), NetNS: 4026531840, Cookie: 77,
		Local: netip.MustParseAddrPort("192.0.2.2:443"), Remote: netip.MustParseAddrPort("198.51.100.10:50123"),
	}
	want := map[string]any{
		"time": "2026-11-21T02:00:00.123456Z", "event": "drop", "reason": "NETFILTER_DROP", "state": "SYN-RECEIVED", "segment": "SYN,ACK", "outgoing": true,
		"hook": "output", "function": "nft_do_chain", "source": "event", "local": "192.0.2.2:443", "peer": "198.51.100.10:50123",
		"owners": []any{}, "owner_kind": "", "netns": "4026531840", "cookie": 77.0,
	}
	var got map[string]any
	if err := json.Unmarshal(appendMishap(nil, x), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: got\n %v, not\n %v", err, got, want)
	}
	x.Mishap = host.Mishap{Kind: host.SocketError, Reason: "ETIMEDOUT"}
	for _, key := range []string{"state", "segment", "outgoing", "hook", "function"} {
		delete(want, key)
	}
	want["event"], want["reason"] = "error", "ETIMEDOUT"
	got = nil
	if err := json.Unmarshal(appendMishap(nil, x), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: got\n %v, not\n %v", err, got, want)
	}
}

// BenchmarkTransitionJSON is the last step of every event in user space.
func BenchmarkTransitionJSON(b *testing.B) {
	x := sampleTransition()
	x.Owners = x.Owners[:1]
	var line []byte
	b.ReportAllocs()
	for b.Loop() {
		line = appendTransition(line[:0], x)
	}
}
