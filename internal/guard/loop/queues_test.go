package loop

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
	"github.com/synoptic-net/synoptic/tcp"
)

func addrPorts(words ...string) (list []netip.AddrPort) {
	for _, w := range words {
		list = append(list, netip.MustParseAddrPort(w))
	}
	return list
}

func listener(at string, backlog, waiting uint32) host.Socket {
	return host.Socket{State: tcp.Listen, Local: netip.MustParseAddrPort(at), SendQueue: backlog, RecvQueue: waiting}
}

func half(local, remote string) host.Socket {
	return host.Socket{State: tcp.SynReceived, Kind: host.Request, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote)}
}

// TestQueues: whose queue a half-open connection is in, and which addresses may be
// armed.
func TestQueues(t *testing.T) {
	bound, v6 := listener("0.0.0.0:99", 7, 0), listener("[::]:25", 50, 0)
	bound.Interface, v6.V6Only = 8, true
	sockets := []host.Socket{
		listener("0.0.0.0:80", 128, 3), listener("192.0.2.1:443", 10, 0), listener("[::]:8080", 20, 21),
		listener("192.0.2.1:5000", 5, 1), listener("192.0.2.1:5000", 5, 2), // SO_REUSEPORT
		listener("127.0.0.1:9000", 1, 0), bound, v6,
	}
	opening := []host.Socket{
		half("192.0.2.1:80", "198.51.100.1:1"), half("192.0.2.1:80", "198.51.100.2:1"), half("192.0.2.2:80", "203.0.113.9:1"),
		half("192.0.2.1:443", "198.51.100.1:2"), half("[::ffff:192.0.2.1]:8080", "[::ffff:198.51.100.1]:3"),
		half("[2001:db8::1]:8080", "[2001:db8:1:2::3]:4"), half("[2001:db8::1]:8080", "[2001:db8:1:3::3]:4"),
		half("192.0.2.1:12345", "198.51.100.1:5"), // its listener is gone
	}
	w := &Wanted{Own: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::1")}, Interface: 2}
	find := func(listeners ...string) map[string]detect.Queue {
		w.Listeners = addrPorts(listeners...)
		qs := newQueues(w, sockets)
		for i := range opening {
			qs.add(&opening[i])
		}
		all := map[string]detect.Queue{}
		for at, q := range qs.all() {
			all[at.String()] = q
		}
		return all
	}
	web := detect.Queue{Half: 3, Here: 2, Limit: 128, Waiting: 3, Sources: 3, Networks: 2}
	second := web
	second.Here = 1
	dual := detect.Queue{Half: 3, Limit: 20, Waiting: 21, Sources: 3, Networks: 2}
	dual1, dual6 := dual, dual
	dual1.Here, dual6.Here = 1, 2
	want := map[string]detect.Queue{
		"192.0.2.1:80": web, "192.0.2.2:80": second,
		"192.0.2.1:443":  {Half: 1, Here: 1, Limit: 10, Sources: 1, Networks: 1},
		"192.0.2.1:8080": dual1, "192.0.2.2:8080": dual, "[2001:db8::1]:8080": dual6,
		"192.0.2.1:5000":   {Limit: 10, Waiting: 3},
		"[2001:db8::1]:25": {Limit: 50},
	}
	if diff := cmp.Diff(want, find()); diff != "" {
		t.Error(diff)
	}
	for named, also := range map[string][]string{
		"192.0.2.1:443": {"192.0.2.1:443"},
		"0.0.0.0:80":    {"192.0.2.1:80", "192.0.2.2:80"},
		"0.0.0.0:8080":  {"192.0.2.1:8080", "192.0.2.2:8080"},
		"[::]:8080":     {"192.0.2.1:8080", "192.0.2.2:8080", "[2001:db8::1]:8080"},
		"192.0.2.1:77":  {},
	} {
		some := map[string]detect.Queue{}
		for _, at := range also {
			some[at] = want[at]
		}
		if diff := cmp.Diff(some, find(named)); diff != "" {
			t.Errorf("%s: %s", named, diff)
		}
	}
	w.Led = []host.Published{
		{First: 80, Last: 80, To: netip.MustParsePrefix("192.0.2.1/32"), Target: netip.MustParseAddrPort("172.17.0.2:8000")},
		{First: 440, Last: 450, Target: netip.MustParseAddrPort("172.17.0.2:0")},
		{First: 5000, Last: 5000, Target: netip.MustParseAddrPort("172.17.0.2:1"), Own: true}, // what this host opens
		{First: 25, Last: 25, Target: netip.MustParseAddrPort("172.17.0.2:25")},               // IPv4
	}
	for _, at := range []string{"192.0.2.1:80", "192.0.2.1:443"} {
		delete(want, at)
	}
	if diff := cmp.Diff(want, find()); diff != "" {
		t.Error("what a rule leads elsewhere:", diff)
	}
}
