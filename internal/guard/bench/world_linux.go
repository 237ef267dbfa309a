package bench

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// The addresses of the two ends (RFC 5737, RFC 3849), and the interface in both.
const (
	wire        = "wire0"
	mtu         = 1500
	serverText  = "192.0.2.1"
	clientText  = "192.0.2.2"
	serverText6 = "2001:db8::1"
	clientText6 = "2001:db8::2"
)

var (
	server4 = netip.MustParseAddrPort(serverText + ":8080")
	server6 = netip.MustParseAddrPort("[" + serverText6 + "]:8080")
)

// World is a server and its clients, genuine and not, on one wire.
type World struct {
	Server, Client *lab.Namespace
	Flood          *bpf.Flood

	serverLink, clientLink int // interface indices
	serverMAC, clientMAC   [6]byte
	guard                  *bpf.Guard // once it was needed
	ends                   []func() error
}

// NewWorld builds it. On the client's end a sink counts what the flood gets;
// without a program there, answers that XDP sends could not cross the wire.
func NewWorld() (w *World, err error) {
	w = &World{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
			w = nil
		}
	}()
	if w.Flood, err = bpf.OpenFlood(); err != nil { // first: it says which rights are missing
		return w, err
	}
	w.ends = append(w.ends, w.Flood.Close)
	if w.Server, err = lab.NewNamespace("server"); err != nil {
		return w, err
	}
	w.ends = append(w.ends, w.Server.Close)
	if w.Client, err = lab.NewNamespace("client"); err != nil {
		return w, err
	}
	w.ends = append(w.ends, w.Client.Close)
	if err = w.pin(); err != nil {
		return w, err
	}
	err = lab.Connect(w.Server, w.Client, wire, []string{serverText + "/24", serverText6 + "/64"}, []string{clientText + "/24", clientText6 + "/64"})
	if err != nil {
		return w, err
	}
	if err = w.learn(); err != nil {
		return w, err
	}
	if err = w.Client.Do(func() error {
		detach, err := w.Flood.Attach(bpf.FloodSink, w.clientLink, bpf.Native)
		if err == nil {
			w.ends = append(w.ends, detach)
		}
		return err
	}); err != nil {
		return w, err
	}
	return w, errors.Join(w.reach(server4.Addr()), w.reach(server6.Addr()))
}

// reach waits until the server answers at once. A new link takes its time, and a
// SYN that is lost meanwhile would look like harm that a defence does.
func (w *World) reach(server netip.Addr) error {
	const unused = 9 // nobody listens there
	for range 20 {
		c, err := w.dial(netip.AddrPortFrom(server, unused), netip.AddrPort{})
		if err == nil {
			err = c.ask(300 * time.Millisecond)
			c.file.Close()
		}
		if errors.Is(err, unix.ECONNREFUSED) {
			return nil
		}
	}
	return fmt.Errorf("bench: the server does not answer at %v", server)
}

// pin gives both ends the values of a usual host.
func (w *World) pin() error {
	for _, s := range [][2]string{
		{"net.core.somaxconn", "4096"}, {"net.ipv4.tcp_max_syn_backlog", "4096"}, {"net.ipv4.tcp_syncookies", "1"},
		{"net.ipv4.tcp_timestamps", "1"}, {"net.ipv4.tcp_sack", "1"}, {"net.ipv4.tcp_window_scaling", "1"}, {"net.ipv4.tcp_ecn", "2"},
		{"net.ipv4.tcp_rmem", "4096 131072 6291456"}, {"net.ipv4.conf.all.rp_filter", "0"}, {"net.ipv4.conf.default.rp_filter", "0"},
		{"net.ipv4.ip_local_port_range", "1024 65000"}, {"net.ipv4.tcp_tw_reuse", "2"},
		{"net.ipv4.tcp_no_metrics_save", "1"}, // else the genuine client is no stranger, for whom a full queue keeps a quarter
	} {
		for _, n := range []*lab.Namespace{w.Server, w.Client} {
			if err := n.Set(s[0], s[1]); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// learn reads the interfaces and tells each end where the other is, so that no
// question of address resolution meets the flood.
func (w *World) learn() error {
	for _, end := range []struct {
		at   *lab.Namespace
		link *int
		mac  *[6]byte
	}{{w.Server, &w.serverLink, &w.serverMAC}, {w.Client, &w.clientLink, &w.clientMAC}} {
		if err := end.at.Do(func() error {
			l, err := carrier()
			if err != nil {
				return err
			}
			*end.link = l.Attrs().Index
			copy(end.mac[:], l.Attrs().HardwareAddr)
			_, err = ethtool(wire, setGRO, 1) // else a veth takes no frames of XDP
			return err
		}); err != nil {
			return fmt.Errorf("bench: %s of %s: %w", wire, end.at.Name, err)
		}
	}
	return errors.Join(
		neighbour(w.Server, w.serverLink, w.clientMAC, clientText, clientText6),
		neighbour(w.Client, w.clientLink, w.serverMAC, serverText, serverText6),
		w.Server.Do(func() error {
			return errors.Join(w.route("198.18.0.0/15", clientText), w.route("2001:2::/48", clientText6))
		}))
}

// route leads answers to the flood's sources to the client.
func (w *World) route(sources, gateway string) error {
	_, prefix, err := net.ParseCIDR(sources)
	if err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: w.serverLink, Dst: prefix, Gw: net.ParseIP(gateway)})
}

// carrier waits until frames go through the wire: until then the kernel throws
// them away, and a SYN comes again a second later.
func carrier() (netlink.Link, error) {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for patience := time.Now().Add(5 * time.Second); ; <-again.C {
		l, err := netlink.LinkByName(wire)
		if err != nil || l.Attrs().OperState == netlink.OperUp {
			return l, err
		}
		if time.Now().After(patience) {
			return nil, errors.New("no carrier after 5 s")
		}
	}
}

func neighbour(at *lab.Namespace, index int, mac [6]byte, addresses ...string) error {
	return at.Do(func() error {
		for _, a := range addresses {
			n := &netlink.Neigh{LinkIndex: index, IP: net.ParseIP(a), HardwareAddr: mac[:], State: netlink.NUD_PERMANENT}
			if err := netlink.NeighSet(n); err != nil {
				return fmt.Errorf("bench: neighbour %s of %s: %w", a, at.Name, err)
			}
		}
		return nil
	})
}

// Close ends the world.
func (w *World) Close() error {
	var errs []error
	for i := len(w.ends) - 1; i >= 0; i-- {
		errs = append(errs, w.ends[i]())
	}
	w.ends = nil
	return errors.Join(errs...)
}
