package bench

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// TestRefusals: what cannot be done safely is not done, and one line says why.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	g, err := bpf.OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	on := func(link int, mode bpf.XDPMode) func() error {
		return func() error { return g.Attach(link, mode) }
	}
	offer := bpf.Offer{MSS: 1460, Window: 64240}
	for _, test := range []struct {
		name  string
		setup func() (undo func() error, err error)
		try   func() error
		is    error
		says  string
	}{
		{"another program", baselineOn(w, bpf.Native), on(w.serverLink, bpf.Native), bpf.ErrOccupied, wire},
		{"another program, generic", baselineOn(w, bpf.Native), on(w.serverLink, bpf.Generic), bpf.ErrOccupied, wire},
		{"another generic program", baselineOn(w, bpf.Generic), on(w.serverLink, bpf.Native), bpf.ErrOccupied, wire},
		{"another guard", func() (func() error, error) { return putGuard(bpf.Native)(w) }, on(w.serverLink, bpf.Native), bpf.ErrOccupied, wire},
		{"no such interface", nil, on(99, bpf.Native), nil, "interface 99"},
		{"no native XDP", nil, on(1, bpf.Native), bpf.ErrNoNative, "lo"},
		{"native on a veth", nil, on(w.serverLink, bpf.Native), bpf.ErrNoNative, "veth"},
		{"cookies off", func() (func() error, error) {
			return func() error { return w.Server.Set("net.ipv4.tcp_syncookies", "1") }, w.Server.Set("net.ipv4.tcp_syncookies", "0")
		}, func() error { return g.Arm(bpf.Listener{Address: server4, Offer: offer}) }, nil, "net.ipv4.tcp_syncookies is 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.setup != nil {
				undo, err := test.setup()
				if err != nil {
					t.Fatal(err)
				}
				defer undo()
			}
			had := w.programs(t)
			err := w.Server.Do(test.try)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("said %v", err)
			}
			if has := w.programs(t); has != had {
				t.Errorf("the interface had %s, and now has %s", had, has)
			}
		})
	}
}

func baselineOn(w *World, mode bpf.XDPMode) func() (func() error, error) {
	return func() (undo func() error, err error) {
		err = w.Server.Do(func() error {
			undo, err = w.Flood.Attach(bpf.FloodPass, w.serverLink, mode)
			return err
		})
		return undo, err
	}
}

// programs says what is attached to the server's interface.
func (w *World) programs(t *testing.T) (said string) {
	t.Helper()
	if err := w.Server.Do(func() error {
		l, err := netlink.LinkByIndex(w.serverLink)
		if err != nil {
			return err
		}
		acks, err := bpf.IngressPrograms(w.serverLink)
		if err != nil {
			return err
		}
		said = strings.Join(append(acks, xdpOf(l)), " ")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return said
}

func xdpOf(l netlink.Link) string {
	if x := l.Attrs().Xdp; x != nil && x.Attached {
		return "xdp:" + string(rune('0'+x.AttachMode))
	}
	return "xdp:none"
}

// TestVLAN: behind a tag in the frame the guard answers as without.
func TestVLAN(t *testing.T) {
	w := newWorld(t)
	at := netip.MustParseAddrPort("203.0.113.1:8080")
	for _, end := range []struct {
		do      func(func() error) error
		link    int
		address string
	}{{w.Server.Do, w.serverLink, "203.0.113.1/24"}, {w.Client.Do, w.clientLink, "203.0.113.2/24"}} {
		err := end.do(func() error { return addVLAN(end.link, end.address) })
		if errors.Is(err, unix.EOPNOTSUPP) {
			t.Skip("this kernel has no VLAN interfaces (CONFIG_VLAN_8021Q): only verdicts on tagged frames are tested, in package bpf")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.serve(at, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	w.served(t, at) // once without: addresses are resolved
	for _, mode := range []bpf.XDPMode{bpf.Native, bpf.Generic} {
		g := armed(t, w, mode)
		if err := w.Server.Do(func() error {
			l, err := g.ListenerAt(at, mtu)
			return errors.Join(err, g.Arm(l))
		}); err != nil {
			t.Fatal(err)
		}
		w.served(t, at)
		if c, err := g.Counters(at); err != nil || c.Answered == 0 || c.Accepted == 0 {
			t.Errorf("%v: counted %+v (%v)", mode, c, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// addVLAN makes a tagged interface whose tags stand in the frames.
func addVLAN(parent int, address string) error {
	if err := tagsInFrames(wire); err != nil {
		return err
	}
	attributes := netlink.NewLinkAttrs()
	attributes.Name, attributes.ParentIndex = "tagged42", parent
	tagged := &netlink.Vlan{LinkAttrs: attributes, VlanId: 42, VlanProtocol: netlink.VLAN_PROTOCOL_8021Q}
	if err := netlink.LinkAdd(tagged); err != nil {
		return err
	}
	if err := netlink.LinkSetUp(tagged); err != nil {
		return err
	}
	a, err := netlink.ParseAddr(address)
	if err != nil {
		return err
	}
	return netlink.AddrAdd(tagged, a)
}

// TestBigTransfer: what goes through a connection of a cookie, both ways, is what
// was sent, and as fast as without: both ends use the scales that were agreed on.
func TestBigTransfer(t *testing.T) {
	const size = 64 << 20
	w := newWorld(t)
	again(t, 2, func() string {
		var took [2]time.Duration
		for i := range took {
			s, err := w.serve(server4, nil)
			if err != nil {
				t.Fatal(err)
			}
			undo, err := []func(*World) (func() error, error){baseline(bpf.FloodPass), putGuard(bpf.Native)}[i](w)
			if err != nil {
				t.Fatal(err)
			}
			took[i] = w.transfer(t, size)
			s.close()
			if err := undo(); err != nil {
				t.Error(err)
			}
		}
		t.Logf("%d MiB and back in %v, without the guard %v", size>>20, took[1], took[0])
		if took[1] <= 3*took[0]+time.Second {
			return ""
		}
		return fmt.Sprintf("%d MiB and back took %v, without the guard %v", size>>20, took[1], took[0])
	})
}

// transfer sends so many octets and compares what the server gives back.
func (w *World) transfer(t *testing.T, size int64) time.Duration {
	t.Helper()
	c, err := w.dial(server4, netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.file.Close()
	begun := time.Now()
	if err := c.file.SetDeadline(begun.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	sent, got := sha256.New(), sha256.New()
	failed := make(chan error, 1)
	go func() {
		_, err := io.CopyN(io.MultiWriter(c.file, sent), rand.NewChaCha8([32]byte{1}), size)
		failed <- err
	}()
	_, err = io.CopyN(got, c.file, size)
	if err := errors.Join(err, <-failed); err != nil {
		t.Fatal(err)
	}
	if string(sent.Sum(nil)) != string(got.Sum(nil)) {
		t.Error("what came back is not what was sent")
	}
	return time.Since(begun)
}

// TestBound: with the cookies of the kernel, as before Linux 6.9, connections
// succeed; their options survive where tcp_timestamps is 2.
func TestBound(t *testing.T) {
	w := newWorld(t)
	saw := make(chan Negotiated, 1)
	for _, at := range []netip.AddrPort{server4, server6} {
		s, err := w.serve(at, func(n Negotiated) { saw <- n })
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
	}
	for _, stamps := range []string{"1", "2"} {
		w.set(t, map[string]string{"net.ipv4.tcp_syncookies": "2", "net.ipv4.tcp_timestamps": stamps}, nil)
		g, err := bpf.OpenBoundGuard()
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		control := connectOnce(t, w, server4, saw)
		if err := w.arm(g, bpf.Native); err != nil {
			t.Fatal(err)
		}
		for _, at := range []netip.AddrPort{server4, server6} {
			for range 5 {
				got := connectOnce(t, w, at, saw)
				if at == server4 && (got == control) != (stamps == "2") {
					t.Errorf("tcp_timestamps=%s: the guard's connection has %+v, one without has %+v", stamps, got, control)
				}
			}
			if c, err := g.Counters(at); err != nil || c.Answered < 5 {
				t.Errorf("%v: counted %+v (%v)", at, c, err)
			}
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOwnConnections: an armed port is answered for, and nothing else: what the
// server begins itself, from and to the guarded port's number, goes on.
func TestOwnConnections(t *testing.T) {
	w := newWorld(t)
	s, err := w.serve(server4, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	armed(t, w, bpf.Native)
	var l net.Listener
	if err := w.Client.Do(func() (err error) {
		l, err = net.Listen("tcp", clientText+":8080")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_, _ = io.Copy(c, c)
			c.Close()
		}
	}()
	w.calmly(t, func() string {
		before := w.resent(t)
		var c net.Conn
		if err := w.Server.Do(func() (err error) {
			c, err = net.DialTimeout("tcp", clientText+":8080", 10*time.Second)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		octet := []byte{'?'}
		if err := errors.Join(c.SetDeadline(time.Now().Add(10*time.Second)), second(c.Write(octet)), second(io.ReadFull(c, octet))); err != nil {
			t.Fatal(err)
		}
		if again := w.resent(t) - before; again > 0 {
			return fmt.Sprintf("%d segments were sent again", again)
		}
		return ""
	})
}

func second(_ int, err error) error { return err }
