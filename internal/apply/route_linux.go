package apply

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
)

// routes adds and removes entries of the main routing table.
type routes struct{}

// routeOf reads "10.9.0.0/16" and "via 192.0.2.1 dev eth0".
func routeOf(c diagnose.Change, value string) (*netlink.Route, error) {
	bad := fmt.Errorf("%q %q is no route", c.Target, value)
	to, err := netip.ParsePrefix(c.Target)
	words := strings.Fields(value)
	if err != nil || len(words) != 4 || words[0] != "via" || words[2] != "dev" {
		return nil, bad
	}
	via, err := netip.ParseAddr(words[1])
	if err != nil {
		return nil, bad
	}
	link, err := netlink.LinkByName(words[3])
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", words[3], err)
	}
	network := net.IPNet{IP: to.Masked().Addr().AsSlice(), Mask: net.CIDRMask(to.Bits(), to.Addr().BitLen())}
	return &netlink.Route{Dst: &network, Gw: via.AsSlice(), LinkIndex: link.Attrs().Index, Table: unix.RT_TABLE_MAIN}, nil
}

// Read returns the way of the main table to exactly this network, "" when there
// is none.
func (routes) Read(c diagnose.Change) (string, error) {
	to, err := netip.ParsePrefix(c.Target)
	if err != nil {
		return "", fmt.Errorf("%q is no network", c.Target)
	}
	family := netlink.FAMILY_V4
	if to.Addr().Is6() {
		family = netlink.FAMILY_V6
	}
	list, err := netlink.RouteListFiltered(family, &netlink.Route{Table: unix.RT_TABLE_MAIN}, netlink.RT_FILTER_TABLE)
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		return "", err
	}
	for _, r := range list {
		if prefixOf(r, to.Addr().Is6()) == to.Masked() {
			return way(r), nil
		}
	}
	return "", nil
}

func way(r netlink.Route) string {
	link, err := netlink.LinkByIndex(r.LinkIndex)
	if err != nil || r.Gw == nil || len(r.MultiPath) > 0 {
		return "another way"
	}
	gateway, _ := netip.AddrFromSlice(r.Gw)
	return "via " + gateway.Unmap().String() + " dev " + link.Attrs().Name
}

// Write adds the route, or deletes the one that the change added.
func (routes) Write(c diagnose.Change, value string) error {
	if value != "" {
		r, err := routeOf(c, value)
		if err != nil {
			return err
		}
		return netlink.RouteAdd(r)
	}
	r, err := routeOf(c, c.To)
	if err != nil {
		return err
	}
	if err := netlink.RouteDel(r); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// prefixOf is the destination of a route; the default one may come without.
func prefixOf(r netlink.Route, six bool) netip.Prefix {
	if r.Dst == nil {
		if six {
			return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		}
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	}
	addr, _ := netip.AddrFromSlice(r.Dst.IP)
	bits, _ := r.Dst.Mask.Size()
	return netip.PrefixFrom(addr.Unmap(), bits)
}
