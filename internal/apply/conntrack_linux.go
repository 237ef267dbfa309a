package apply

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
)

// entries deletes entries of connection tracking. There is no way back; the next
// packet makes a new one.
type entries struct{}

// flow is the connection that an entry is of, as its first packet showed it.
type flow struct{ from, to netip.AddrPort }

// flowOf reads the words of conntrack(8) that we write ourselves.
func flowOf(c diagnose.Change) (flow, error) {
	given := map[string]string{}
	words := strings.Fields(c.Target)
	for i := 0; i+1 < len(words); i += 2 {
		given[words[i]] = words[i+1]
	}
	from, err1 := netip.ParseAddr(given["--orig-src"])
	to, err2 := netip.ParseAddr(given["--orig-dst"])
	sport, err3 := strconv.ParseUint(given["--sport"], 10, 16)
	dport, err4 := strconv.ParseUint(given["--dport"], 10, 16)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || given["-p"] != "tcp" || (given["-f"] == "ipv6") != from.Is6() {
		return flow{}, fmt.Errorf("%q names no connection", c.Target)
	}
	return flow{netip.AddrPortFrom(from, uint16(sport)), netip.AddrPortFrom(to, uint16(dport))}, nil
}

// Read finds nothing that could be put back.
func (entries) Read(c diagnose.Change) (string, error) {
	_, err := flowOf(c)
	return "", err
}

// MatchConntrackFlow is for package netlink.
func (f flow) MatchConntrackFlow(entry *netlink.ConntrackFlow) bool {
	from, _ := netip.AddrFromSlice(entry.Forward.SrcIP)
	to, _ := netip.AddrFromSlice(entry.Forward.DstIP)
	return entry.Forward.Protocol == unix.IPPROTO_TCP &&
		netip.AddrPortFrom(from.Unmap(), entry.Forward.SrcPort) == f.from &&
		netip.AddrPortFrom(to.Unmap(), entry.Forward.DstPort) == f.to
}

// Write deletes the entry; one that is gone already is as good.
func (entries) Write(c diagnose.Change, _ string) error {
	f, err := flowOf(c)
	if err != nil {
		return err
	}
	family := netlink.InetFamily(unix.AF_INET)
	if f.from.Addr().Is6() {
		family = unix.AF_INET6
	}
	_, err = netlink.ConntrackDeleteFilters(netlink.ConntrackTable, family, f)
	return err
}
