package kernel

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
)

// Routes reads all routing tables, IPv4 and IPv6, of the network namespace of
// the calling thread. A route over several next hops gives one entry each.
func Routes() ([]host.Route, error) {
	names, err := interfaceNames()
	if err != nil {
		return nil, err
	}
	list, err := steady(func() ([]netlink.Route, error) {
		everyTable := &netlink.Route{Table: unix.RT_TABLE_UNSPEC}
		return netlink.RouteListFiltered(netlink.FAMILY_ALL, everyTable, netlink.RT_FILTER_TABLE)
	})
	if err != nil {
		return nil, fmt.Errorf("read routes: %w", err)
	}
	routes := make([]host.Route, 0, len(list))
	for _, r := range list {
		routes = append(routes, hops(r, names)...)
	}
	return routes, nil
}

// hops turns one route into an entry for each of its next hops.
func hops(r netlink.Route, names map[int]string) []host.Route {
	base := host.Route{
		Destination: destination(r),
		Gateway:     gateway(r.Gw, r.Via),
		Interface:   names[r.LinkIndex],
		Source:      plainAddr(r.Src),
		Metric:      r.Priority,
		Table:       r.Table,
		Type:        routeType(r.Type),
	}
	if len(r.MultiPath) == 0 {
		return []host.Route{base}
	}
	list := make([]host.Route, 0, len(r.MultiPath))
	for _, hop := range r.MultiPath {
		one := base
		one.Gateway, one.Interface = gateway(hop.Gw, hop.Via), names[hop.LinkIndex]
		list = append(list, one)
	}
	return list
}

// gateway also understands an IPv6 gateway of an IPv4 route (RTA_VIA).
func gateway(gw net.IP, via netlink.Destination) netip.Addr {
	if v, ok := via.(*netlink.Via); ok && gw == nil {
		return plainAddr(v.Addr)
	}
	return plainAddr(gw)
}

// destination returns the prefix; the default route may come without one.
func destination(r netlink.Route) netip.Prefix {
	if r.Dst == nil {
		zero := netip.IPv4Unspecified()
		if r.Family == unix.AF_INET6 {
			zero = netip.IPv6Unspecified()
		}
		return netip.PrefixFrom(zero, 0)
	}
	bits, _ := r.Dst.Mask.Size()
	return netip.PrefixFrom(plainAddr(r.Dst.IP), bits)
}

func plainAddr(ip net.IP) netip.Addr {
	addr, _ := netip.AddrFromSlice(ip)
	return addr.Unmap()
}

// Neighbours reads the neighbour tables, ARP and neighbour discovery, of the
// network namespace of the calling thread.
func Neighbours() ([]host.Neighbour, error) {
	names, err := interfaceNames()
	if err != nil {
		return nil, err
	}
	list, err := steady(func() ([]netlink.Neigh, error) { return netlink.NeighList(0, netlink.FAMILY_ALL) })
	if err != nil {
		return nil, fmt.Errorf("read neighbours: %w", err)
	}
	neighbours := make([]host.Neighbour, 0, len(list))
	for _, n := range list {
		addr := plainAddr(n.IP)
		if !addr.IsValid() {
			continue // a bridge's forwarding entry
		}
		neighbours = append(neighbours, host.Neighbour{
			Address: addr, Interface: names[n.LinkIndex],
			State: neighbourState(n.State), LinkLayer: n.HardwareAddr.String(),
		})
	}
	return neighbours, nil
}

// steady repeats a dump that the kernel interrupted because the table changed.
// A table that never rests is returned as it was last seen.
func steady[T any](list func() ([]T, error)) (found []T, err error) {
	for range 3 {
		if found, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return found, err
		}
	}
	return found, nil
}

// interfaceNames maps interface indexes to names; 0 is no interface.
func interfaceNames() (map[int]string, error) {
	links, err := steady(netlink.LinkList)
	if err != nil {
		return nil, fmt.Errorf("read interfaces: %w", err)
	}
	names := make(map[int]string, len(links))
	for _, link := range links {
		index := link.Attrs().Index
		names[index] = link.Attrs().Name
		if names[index] == "" {
			names[index] = "if" + strconv.Itoa(index)
		}
	}
	return names, nil
}
