package lab

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// End is one end of a link: the name of the interface there, and its addresses
// ("192.0.2.1/24").
type End struct {
	At        *Namespace
	Link      string
	Addresses []string
}

// Connect joins two namespaces with a veth pair: interface link in both, with
// the given addresses.
func Connect(a, b *Namespace, link string, addressA, addressB []string) error {
	return join(End{a, link, addressA}, End{b, link, addressB})
}

// At is the end of a link on the host.
func (h *Host) At(link string, addresses ...string) End {
	return End{At: h.Namespace, Link: link, Addresses: addresses}
}

// Join lays a cable between two ends.
func (w *World) Join(a, b End) {
	w.step("link "+a.At.Name+" - "+b.At.Name, func() error { return join(a, b) })
}

func join(a, b End) error {
	err := a.At.Do(func() error {
		pair := netlink.NewLinkAttrs()
		pair.Name = a.Link
		return netlink.LinkAdd(&netlink.Veth{LinkAttrs: pair, PeerName: b.Link, PeerNamespace: netlink.NsFd(int(b.At.file.Fd()))})
	})
	if err != nil {
		return fmt.Errorf("lab: veth between %s and %s: %w", a.At.Name, b.At.Name, err)
	}
	// Both ends come up before they get addresses: an IPv6 address that meets a
	// link without carrier is not usable for two seconds.
	for _, end := range []End{a, b} {
		if err := end.At.Do(func() error { return setUp(end.Link) }); err != nil {
			return fmt.Errorf("lab: bring up %s of %s: %w", end.Link, end.At.Name, err)
		}
	}
	return errors.Join(a.At.address(a.Link, a.Addresses), b.At.address(b.Link, b.Addresses))
}

// Address adds one more address ("10.1.2.3/32") to an interface.
func (n *Namespace) Address(link, address string) error { return n.address(link, []string{address}) }

func (n *Namespace) address(link string, addresses []string) error {
	return n.Do(func() error {
		for _, text := range addresses {
			if err := addAddress(link, text); err != nil {
				return fmt.Errorf("lab: address %s on %s of %s: %w", text, link, n.Name, err)
			}
		}
		return nil
	})
}

func addAddress(link, text string) error {
	handle, err := netlink.LinkByName(link)
	if err != nil {
		return err
	}
	address, err := netlink.ParseAddr(text)
	if err != nil {
		return err
	}
	address.Flags |= unix.IFA_F_NODAD // usable at once: nobody else is on this link
	return netlink.AddrAdd(handle, address)
}

func setUp(link string) error { return onLink(link, netlink.LinkSetUp) }

func onLink(name string, do func(netlink.Link) error) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	return do(link)
}

// Address adds one more address ("10.1.2.3/32") to an interface.
func (h *Host) Address(link string, addresses ...string) {
	h.world.step("address", func() error { return h.address(link, addresses) })
}

// links returns the names of the host's interfaces, loopback last: a scenario
// may play on it alone.
func (n *Namespace) links() (names []string, err error) {
	err = n.Do(func() error {
		all, err := netlink.LinkList()
		for _, link := range all {
			if link.Attrs().Name != "lo" && link.Attrs().Flags&net.FlagUp != 0 {
				names = append(names, link.Attrs().Name)
			}
		}
		names = append(names, "lo")
		return err
	})
	return names, err
}

// Cut takes the interface down: the host falls silent without a word.
func (h *Host) Cut(link string) {
	h.world.step("cut "+link+" of "+h.Name, func() error {
		return h.Do(func() error { return onLink(link, netlink.LinkSetDown) })
	})
}

// MTU sets the largest packet of an interface.
func (h *Host) MTU(link string, bytes int) {
	h.world.step("mtu of "+h.Name, func() error {
		return h.Do(func() error {
			return onLink(link, func(l netlink.Link) error { return netlink.LinkSetMTU(l, bytes) })
		})
	})
}

// Route sends what goes to the prefix ("default" for everything, of the
// gateway's family) through the gateway.
func (h *Host) Route(prefix, gateway string) {
	h.world.step("route "+prefix+" of "+h.Name, func() error {
		route, err := parseRoute(prefix, gateway)
		if err != nil {
			return err
		}
		return h.Do(func() error { return netlink.RouteReplace(route) })
	})
}

// NoRoute removes the route to the prefix.
func (h *Host) NoRoute(prefix, gateway string) {
	h.world.step("remove route "+prefix+" of "+h.Name, func() error {
		route, err := parseRoute(prefix, gateway)
		if err != nil {
			return err
		}
		return h.Do(func() error { return netlink.RouteDel(route) })
	})
}

func parseRoute(prefix, gateway string) (*netlink.Route, error) {
	route := &netlink.Route{Gw: net.ParseIP(gateway)}
	if route.Gw == nil {
		return nil, fmt.Errorf("%q is no address", gateway)
	}
	if prefix == "default" {
		prefix = "0.0.0.0/0"
		if strings.Contains(gateway, ":") {
			prefix = "::/0"
		}
	}
	_, destination, err := net.ParseCIDR(prefix)
	route.Dst = destination
	return route, err
}

// Forget empties the neighbour table of an interface.
func (h *Host) Forget(link string) {
	h.world.step("neighbours of "+h.Name, func() error {
		return h.Do(func() error {
			return onLink(link, func(l netlink.Link) error { return forget(l.Attrs().Index) })
		})
	})
}

func forget(link int) error {
	entries, err := netlink.NeighList(link, netlink.FAMILY_ALL)
	if err != nil {
		return err
	}
	for i := range entries {
		_ = netlink.NeighDel(&entries[i]) // it may have gone by itself
	}
	return nil
}

// destroySockets ends every connection of the namespace at once, orphans too.
func (n *Namespace) destroySockets() error {
	return n.Do(func() error {
		for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
			sockets, err := netlink.SocketDiagTCP(family)
			if err != nil {
				return fmt.Errorf("lab: sockets of %s: %w", n.Name, err)
			}
			for _, s := range sockets {
				local := &net.TCPAddr{IP: s.ID.Source, Port: int(s.ID.SourcePort)}
				remote := &net.TCPAddr{IP: s.ID.Destination, Port: int(s.ID.DestinationPort)}
				_ = netlink.SocketDestroy(local, remote) // most end by themselves meanwhile
			}
		}
		return nil
	})
}

// LoseConnections ends every connection of the host and lets nothing of that out,
// as a reset button would.
func (h *Host) LoseConnections() {
	h.Drop(Drop{Hook: Outbound})
	h.world.step("lose connections", h.destroySockets)
	h.Flush()
}

// AnswerAtOnce makes the host acknowledge at once whatever comes from the peer,
// and wait at least so long before it sends anything again.
func (h *Host) AnswerAtOnce(link, peer string, rto time.Duration) {
	h.world.step("answer at once", func() error {
		return h.Do(func() error {
			handle, err := netlink.LinkByName(link)
			if err != nil {
				return err
			}
			to := &net.IPNet{IP: net.ParseIP(peer).To4(), Mask: net.CIDRMask(32, 32)}
			return netlink.RouteReplace(&netlink.Route{
				LinkIndex: handle.Attrs().Index, Scope: unix.RT_SCOPE_LINK, Dst: to,
				QuickACK: 1, RtoMin: int(rto.Milliseconds()), RtoMinLock: true,
			})
		})
	})
}
