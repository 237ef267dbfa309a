package kernel

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/host"
)

const envInside = "SYNOPTIC_TEST_INSIDE"

// TestNamespace runs itself again in a network namespace of its own, where
// routes and neighbours can be made without touching the host.
func TestNamespace(t *testing.T) {
	if os.Getenv(envInside) == t.Name() {
		furnish(t)
		t.Run("routes", checkRoutes)
		t.Run("neighbours", checkNeighbours)
		t.Run("identity", checkOtherNamespace)
		t.Run("packet filter", checkFilterOfNft)
		return
	}
	inNewNamespace(t)
}

// inNewNamespace runs the test again, in a network namespace of its own.
func inNewNamespace(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), envInside+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	report, err := cmd.CombinedOutput()
	if os.Geteuid() != 0 && (errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL)) {
		t.Skipf("no private network namespace here: %v", err)
	}
	if err != nil || !strings.Contains(string(report), "--- PASS: "+t.Name()) {
		t.Errorf("inside: %v\n%s", err, report)
	}
}

// furnish makes two linked interfaces, routes of several kinds and neighbours.
func furnish(t *testing.T) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "left"}, PeerName: "right"}
	must(netlink.LinkAdd(veth))
	for name, address := range map[string]string{"left": "192.0.2.7/24", "right": "198.51.100.7/24"} {
		link, err := netlink.LinkByName(name)
		must(err)
		addr, err := netlink.ParseAddr(address)
		must(err)
		must(netlink.AddrAdd(link, addr))
		must(netlink.LinkSetUp(link))
	}
	left, err := netlink.LinkByName("left")
	must(err)
	right, err := netlink.LinkByName("right")
	must(err)
	must(netlink.RouteAdd(&netlink.Route{Gw: net.ParseIP("192.0.2.1"), Priority: 50}))
	must(netlink.RouteAdd(&netlink.Route{Dst: cidr(t, "203.0.113.0/24"), Type: 6})) // RTN_BLACKHOLE
	must(netlink.RouteAdd(&netlink.Route{Dst: cidr(t, "10.0.0.0/8"), Table: 100, MultiPath: []*netlink.NexthopInfo{
		{LinkIndex: left.Attrs().Index, Gw: net.ParseIP("192.0.2.2")}, {LinkIndex: right.Attrs().Index, Gw: net.ParseIP("198.51.100.2")}}}))
	mac, err := net.ParseMAC("02:00:00:00:00:01")
	must(err)
	must(netlink.NeighAdd(&netlink.Neigh{LinkIndex: left.Attrs().Index, IP: net.ParseIP("192.0.2.1"), HardwareAddr: mac, State: netlink.NUD_PERMANENT}))
	must(netlink.NeighAdd(&netlink.Neigh{LinkIndex: left.Attrs().Index, IP: net.ParseIP("192.0.2.9"), HardwareAddr: mac, State: netlink.NUD_STALE}))
}

func checkRoutes(t *testing.T) {
	routes, err := Routes()
	if err != nil {
		t.Fatal(err)
	}
	addr, prefix := netip.MustParseAddr, netip.MustParsePrefix
	for _, want := range []host.Route{
		{Destination: prefix("0.0.0.0/0"), Gateway: addr("192.0.2.1"), Interface: "left", Metric: 50, Table: 254},
		{Destination: prefix("192.0.2.0/24"), Interface: "left", Source: addr("192.0.2.7"), Table: 254},
		{Destination: prefix("192.0.2.7/32"), Interface: "left", Source: addr("192.0.2.7"), Table: 255, Type: "local"},
		{Destination: prefix("203.0.113.0/24"), Table: 254, Type: "blackhole"},
		{Destination: prefix("10.0.0.0/8"), Gateway: addr("192.0.2.2"), Interface: "left", Table: 100},
		{Destination: prefix("10.0.0.0/8"), Gateway: addr("198.51.100.2"), Interface: "right", Table: 100},
	} {
		if !slices.Contains(routes, want) {
			t.Errorf("no %+v in", want)
		}
	}
	if t.Failed() {
		for _, r := range routes {
			t.Logf("  %+v", r)
		}
	}
}

func checkNeighbours(t *testing.T) {
	neighbours, err := Neighbours()
	if err != nil {
		t.Fatal(err)
	}
	for address, state := range map[string]string{"192.0.2.1": "PERMANENT", "192.0.2.9": "STALE"} {
		want := host.Neighbour{Address: netip.MustParseAddr(address), Interface: "left", State: state, LinkLayer: "02:00:00:00:00:01"}
		if !slices.Contains(neighbours, want) {
			t.Errorf("no %+v in %+v", want, neighbours)
		}
	}
}

func checkOtherNamespace(t *testing.T) {
	id, err := Host.Identity()
	outside, _ := os.Readlink("/proc/" + strconv.Itoa(os.Getppid()) + "/ns/net")
	if err != nil || id.NetNS == "" || outside == "net:["+id.NetNS+"]" {
		t.Errorf("inside %+v, outside %q, %v", id, outside, err)
	}
	settings, err := Host.Settings()
	if err != nil || settings["net.ipv4.conf.left.rp_filter"] == "" {
		t.Errorf("settings of another namespace: %v, %v", settings, err)
	}
	if counters, err := Host.Counters(); err != nil || counters.Values["sockstat.TCP.inuse"] != 0 {
		t.Errorf("counters of another namespace: %v", err)
	}
}
