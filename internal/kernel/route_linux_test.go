package kernel

import (
	"net"
	"net/netip"
	"reflect"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
)

func cidr(t *testing.T, text string) *net.IPNet {
	t.Helper()
	_, network, err := net.ParseCIDR(text)
	if err != nil {
		t.Fatal(err)
	}
	return network
}

func TestHops(t *testing.T) {
	names := map[int]string{2: "eth0", 3: "eth1"}
	addr, prefix := netip.MustParseAddr, netip.MustParsePrefix
	for _, test := range []struct {
		name string
		in   netlink.Route
		want []host.Route
	}{
		{"default", netlink.Route{Gw: net.ParseIP("192.0.2.1"), LinkIndex: 2, Table: 254, Type: 1, Family: unix.AF_INET, Priority: 100},
			[]host.Route{{Destination: prefix("0.0.0.0/0"), Gateway: addr("192.0.2.1"), Interface: "eth0", Table: 254, Metric: 100}}},
		{"IPv6 default", netlink.Route{Gw: net.ParseIP("2001:db8::1"), LinkIndex: 2, Table: 254, Type: 1, Family: unix.AF_INET6},
			[]host.Route{{Destination: prefix("::/0"), Gateway: addr("2001:db8::1"), Interface: "eth0", Table: 254}}},
		{"connected", netlink.Route{Dst: cidr(t, "192.0.2.0/24"), Src: net.ParseIP("192.0.2.7"), LinkIndex: 3, Table: 254, Type: 1},
			[]host.Route{{Destination: prefix("192.0.2.0/24"), Source: addr("192.0.2.7"), Interface: "eth1", Table: 254}}},
		{"blackhole", netlink.Route{Dst: cidr(t, "2001:db8::/32"), Table: 254, Type: 6},
			[]host.Route{{Destination: prefix("2001:db8::/32"), Table: 254, Type: "blackhole"}}},
		{"IPv4 by an IPv6 gateway", netlink.Route{Dst: cidr(t, "10.0.0.0/8"), Table: 254, Type: 1, LinkIndex: 2,
			Via: &netlink.Via{AddrFamily: unix.AF_INET6, Addr: net.ParseIP("fe80::1")}},
			[]host.Route{{Destination: prefix("10.0.0.0/8"), Gateway: addr("fe80::1"), Interface: "eth0", Table: 254}}},
		{"two hops", netlink.Route{Dst: cidr(t, "10.0.0.0/8"), Table: 100, Type: 1, MultiPath: []*netlink.NexthopInfo{
			{LinkIndex: 2, Gw: net.ParseIP("192.0.2.1")}, {LinkIndex: 3, Gw: net.ParseIP("198.51.100.1")}}},
			[]host.Route{{Destination: prefix("10.0.0.0/8"), Gateway: addr("192.0.2.1"), Interface: "eth0", Table: 100},
				{Destination: prefix("10.0.0.0/8"), Gateway: addr("198.51.100.1"), Interface: "eth1", Table: 100}}},
	} {
		if got := hops(test.in, names); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

func TestSteady(t *testing.T) {
	calls := 0
	got, err := steady(func() ([]int, error) {
		if calls++; calls < 3 {
			return nil, netlink.ErrDumpInterrupted
		}
		return []int{1}, nil
	})
	if err != nil || len(got) != 1 || calls != 3 {
		t.Errorf("%v, %v after %d calls", got, err, calls)
	}
	got, err = steady(func() ([]int, error) { return []int{1, 2}, netlink.ErrDumpInterrupted })
	if err != nil || len(got) != 2 {
		t.Errorf("never at rest: %v, %v", got, err)
	}
}
