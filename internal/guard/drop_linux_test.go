package guard

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// attacked is a server to which a thousand SYNs a second come from one network,
// and genuine clients from elsewhere. The client's host has an address in the
// network next to it.
func attacked(t *testing.T) (*lab.World, lab.Pair) {
	t.Helper()
	needXDP(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	w := lab.NewWorld(ctx)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	p := w.Pair()
	p.Client.Address("eth0", "198.18.6.5/32")
	p.Server.Program("web").Listen("[::]:80", 128, actor.ServeAnswers)
	clients := p.Client.Program("clients")
	clients.Dial("192.0.2.2:80", 5)
	p.Client.Program("attacker").Flood("192.0.2.2:80", "198.18.7.0/24", 1000)
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	takesXDP(t, p.Client.Do)
	return w, p
}

// inside is an address of the network that attacks.
const inside = "198.18.7.5/32"

// dialFrom connects from an address of the client's host.
func dialFrom(client *lab.Host, from string) (c net.Conn, err error) {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 0)), Timeout: 900 * time.Millisecond}
	err = client.Do(func() (err error) {
		c, err = d.Dial("tcp", "192.0.2.2:80")
		return err
	})
	return c, err
}

// TestHostileNetworkIsDropped: it is named, dropped on request, and nobody else
// notices; reverted, all is as it was.
func TestHostileNetworkIsDropped(t *testing.T) {
	w, p := attacked(t)
	source := netip.MustParsePrefix("198.18.7.0/24")
	err := p.Server.Do(func() error {
		if err := privateBPF(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return err
		}
		b, err := collect.Run(w.Context, collect.Options{Window: 2 * time.Second})
		if err != nil {
			return err
		}
		l := planOf(b)
		if err := l.Climb(b, Wish{Interface: "eth0"}); err != nil || strings.Contains(strings.Join(proposed(l), " "), dropping) || !accused(l) {
			t.Errorf("without --drop: %v %v %v %+v", err, proposed(l), l.Hints, b.Packets.Servers)
		}
		l = planOf(b)
		if err := l.Climb(b, Wish{Interface: "eth0", Drop: []netip.Prefix{source}}); err != nil {
			return err
		}
		if accused(l) {
			t.Error("it is proposed still:", l.Hints)
		}
		if c := l.Plan.Changes[len(l.Plan.Changes)-1]; c.To != "armed 192.0.2.2:80 [2001:db8::2]:80 dropping 198.18.7.0/24" || c.Cost.ID != "guard-drop-cost" {
			t.Errorf("%+v", c)
		}
		before := traces(t)
		h, err := NewHand(t.TempDir())
		if err != nil {
			return err
		}
		if _, err := h.Apply(l.Plan); err != nil {
			return err
		}
		reaches(t, p.Client.Do)
		if c, err := dialFrom(p.Client, "198.18.6.5"); err != nil {
			t.Error("a genuine client next to it:", err)
		} else {
			c.Close()
		}
		if p.Client.Address("eth0", inside); w.Err() != nil { // only now: it would answer for that forged address
			return w.Err()
		}
		if c, err := dialFrom(p.Client, "198.18.7.5"); err == nil {
			c.Close()
			t.Error("its SYNs are not dropped")
		}
		if done, err := Revert(h, false); err != nil || len(done) != 1 {
			t.Error(err, done)
		}
		if diff := cmp.Diff(before, traces(t)); diff != "" {
			t.Error(diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func accused(l Ladder) bool {
	return slices.ContainsFunc(l.Hints, func(m diagnose.Message) bool { return m.ID == "guard-hint-drop" })
}

// TestNobodyGenuineIsDropped: one connection with somebody there, and the network
// stays.
func TestNobodyGenuineIsDropped(t *testing.T) {
	w, p := attacked(t)
	p.Client.Address("eth0", inside)
	c, err := dialFrom(p.Client, "198.18.7.5")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = p.Server.Do(func() error {
		if err := privateBPF(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return err
		}
		b, err := collect.Run(w.Context, collect.Options{Window: 2 * time.Second})
		if err != nil {
			return err
		}
		l := planOf(b)
		err = l.Climb(b, Wish{Interface: "eth0", Drop: []netip.Prefix{netip.MustParsePrefix("198.18.7.0/24")}})
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "not dropped: 198.18.7.0/24: ") {
			t.Error(err, proposed(l))
		}
		l = planOf(b)
		if err := l.Climb(b, Wish{Interface: "eth0"}); err != nil || accused(l) {
			t.Error(err, l.Hints)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDropsComeAndGo: over a guard that stands, and each revert is one step back.
func TestDropsComeAndGo(t *testing.T) {
	alone(t, func() {
		at := netip.MustParseAddrPort("192.0.2.1:8080")
		listen(t, at.String())
		x := xdp{folder: bpfFolder}
		c, err := x.Pin(diagnose.Change{Kind: diagnose.ChangeXDP, Target: "eth0"})
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{
			"armed 192.0.2.1:8080", "armed 192.0.2.1:8080 dropping 198.18.7.0/24 2001:db8:7::/48", "armed 192.0.2.1:8080 dropping 198.18.7.0/24",
			"disarmed dropping 198.18.7.0/24", "disarmed", "",
		} {
			if err := x.Write(c, value); err != nil {
				t.Fatal(value, err)
			}
			if held, err := x.Read(c); err != nil || held != value {
				t.Errorf("%q, not %q: %v", held, value, err)
			}
		}
		l := planOf(now(t))
		if err := l.Climb(now(t), Wish{XDP: true, Drop: []netip.Prefix{netip.MustParsePrefix("198.18.7.0/24")}}); err == nil || !strings.Contains(err.Error(), "name it with --listener") {
			t.Error(err)
		}
	})
}
