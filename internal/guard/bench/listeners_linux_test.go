package bench

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// listen listens in the server's namespace, in the way that the test wants.
func (w *World) listen(t *testing.T, at netip.AddrPort, config *net.ListenConfig) {
	t.Helper()
	s := &service{}
	if err := w.Server.Do(func() (err error) {
		s.listener, err = config.Listen(context.Background(), "tcp", at.String())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.served.Go(s.accept)
	t.Cleanup(s.close)
}

// plain listens as most servers do, without MPTCP.
func plain() *net.ListenConfig {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	return &config
}

// served makes a connection and fails the test unless it is answered at once.
func (w *World) served(t *testing.T, at netip.AddrPort) {
	t.Helper()
	w.calmly(t, func() string { return w.ask(t, at) })
}

// TestMPTCPListener: the kernel makes no connection of our cookie for one, as
// every server in Go is, so its own cookies are used and nobody is reset.
func TestMPTCPListener(t *testing.T) {
	w := newWorld(t)
	var multi net.ListenConfig
	multi.SetMultipathTCP(true)
	w.listen(t, server4, &multi)
	for _, cookies := range []string{"1", "2"} {
		w.set(t, map[string]string{"net.ipv4.tcp_syncookies": cookies}, nil)
		g := armed(t, w, bpf.Native)
		if err := w.Server.Do(func() error {
			l, err := g.ListenerAt(server4, mtu)
			if !l.Bound {
				t.Error("the listener was not seen to be of MPTCP")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.served(t, server4)
		c, err := g.Counters(server4)
		if err != nil || c.Refused != 0 || c.Forged != 0 || (c.Answered > 0) != (cookies == "2") {
			t.Errorf("tcp_syncookies=%s: %+v (%v)", cookies, c, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSmallBuffer: a listener whose program set a small SO_RCVBUF is offered for
// with the window and scale of the kernel.
func TestSmallBuffer(t *testing.T) {
	w := newWorld(t)
	saw := make(chan Negotiated, 2)
	s := &service{saw: func(n Negotiated) { saw <- n }}
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 8192)
		})
		return errors.Join(err, failed)
	}}
	config.SetMultipathTCP(false)
	if err := w.Server.Do(func() (err error) {
		s.listener, err = config.Listen(context.Background(), "tcp", server4.String())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s.served.Go(s.accept)
	defer s.close()
	control := connectOnce(t, w, server4, saw)
	armed(t, w, bpf.Native)
	if got := connectOnce(t, w, server4, saw); got != control {
		t.Errorf("the guard's connection has %+v, one without has %+v", got, control)
	}
}

// TestNobodyListens: there is nothing to defend, and that is said.
func TestNobodyListens(t *testing.T) {
	w := newWorld(t)
	g, err := bpf.OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, at := range []netip.AddrPort{server4, server6} {
		err := w.Server.Do(func() error { _, err := g.ListenerAt(at, mtu); return err })
		if !errors.Is(err, bpf.ErrNobodyListens) || !strings.Contains(err.Error(), at.String()) {
			t.Errorf("%v: %v", at, err)
		}
	}
}

// TestBothFamilies: a listener at no address in particular is armed address by
// address, IPv4 among them.
func TestBothFamilies(t *testing.T) {
	w := newWorld(t)
	w.listen(t, netip.MustParseAddrPort("[::]:8080"), plain())
	g := armed(t, w, bpf.Native)
	for _, at := range []netip.AddrPort{server4, server6} {
		w.served(t, at)
		if c, err := g.Counters(at); err != nil || c.Accepted == 0 {
			t.Errorf("%v: %+v (%v)", at, c, err)
		}
	}
}

// TestSeveralAddresses: at one port each address is a listener of its own.
func TestSeveralAddresses(t *testing.T) {
	w := newWorld(t)
	second, third := netip.MustParseAddrPort("192.0.2.11:8080"), netip.MustParseAddrPort("192.0.2.12:8080")
	if err := errors.Join(w.Server.Address(wire, "192.0.2.11/24"), w.Server.Address(wire, "192.0.2.12/24"),
		neighbour(w.Client, w.clientLink, w.serverMAC, "192.0.2.11", "192.0.2.12")); err != nil {
		t.Fatal(err)
	}
	w.listen(t, netip.MustParseAddrPort("0.0.0.0:8080"), plain())
	g := armed(t, w, bpf.Native)
	if err := w.Server.Do(func() error {
		l, err := g.ListenerAt(second, mtu)
		return errors.Join(err, g.Arm(l))
	}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []netip.AddrPort{server4, second, third} {
		w.served(t, at)
	}
	for _, at := range []netip.AddrPort{server4, second} {
		if c, err := g.Counters(at); err != nil || c.Accepted == 0 || c.Answered == 0 {
			t.Errorf("%v: %+v (%v)", at, c, err)
		}
	}
	if _, err := g.Counters(third); err == nil {
		t.Errorf("%v was never armed, and has counters", third)
	}
}
