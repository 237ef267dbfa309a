package guard

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// needXDP skips where rights are missing or the kernel is too old, and nowhere else.
func needXDP(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 || lab.Inside() {
		t.Skip("it needs root: network namespaces with BPF in them")
	}
	for _, needed := range []*bpf.Feature{bpf.TrafficControl, bpf.AssignRequest} {
		missing := new(bpf.Missing)
		if err := needed.Probe(); errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// privateBPF gives the calling thread, which must be locked, namespaces of its own
// and in them a BPF filesystem.
func privateBPF(namespaces int) error {
	if err := unix.Unshare(namespaces); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	return unix.Mount("bpf", bpfFolder, "bpf", 0, "")
}

// alone runs f on a thread with a network namespace and a BPF filesystem of its
// own, and an interface "eth0" that has the address 192.0.2.1 and the default route.
func alone(t *testing.T, f func()) {
	t.Helper()
	needXDP(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespaces
		if err := privateBPF(unix.CLONE_FS | unix.CLONE_NEWNS | unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		if err := wire(); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

func wire() error {
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil { // addresses that come by and by
		return err
	}
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0"}, PeerName: "eth1"}
	if err := netlink.LinkAdd(veth); err != nil {
		return err
	}
	for _, name := range []string{"lo", "eth0", "eth1"} {
		one, err := netlink.LinkByName(name)
		if err == nil {
			err = netlink.LinkSetUp(one)
		}
		if err != nil {
			return err
		}
	}
	if _, err := upThere("eth1"); err != nil {
		return err
	}
	eth0, err := upThere("eth0")
	if err != nil {
		return err
	}
	address, err := netlink.ParseAddr("192.0.2.1/24")
	if err != nil {
		return err
	}
	return errors.Join(netlink.AddrAdd(eth0, address), netlink.RouteAdd(&netlink.Route{LinkIndex: eth0.Attrs().Index, Gw: net.IPv4(192, 0, 2, 2)}))
}

// upThere waits until the kernel says that the link is up, which it does a little
// later: a look before and one after would differ.
func upThere(name string) (netlink.Link, error) {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for patience := time.Now().Add(10 * time.Second); ; <-again.C {
		l, err := netlink.LinkByName(name)
		if err != nil || l.Attrs().OperState == netlink.OperUp || time.Now().After(patience) {
			return l, err
		}
	}
}

// now looks once at the namespace of the thread.
func now(t *testing.T) *evidence.Bundle {
	t.Helper()
	b, err := collect.Run(t.Context(), collect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func listen(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// climbed is a plan with the second rung alone.
func climbed(t *testing.T, wish Wish) Ladder {
	t.Helper()
	b := now(t)
	l := planOf(b)
	l.Plan.Changes = nil
	if err := l.Climb(b, wish); err != nil || len(l.Plan.Changes) != 1 {
		t.Fatal(err, l.Plan.Changes)
	}
	return l
}

// TestCookiesAppliedAndReverted: in peace, and armed for a listener on all
// addresses; links, programs and pins are as they were.
func TestCookiesAppliedAndReverted(t *testing.T) {
	alone(t, func() {
		listen(t, "0.0.0.0:8080")
		all := netip.MustParseAddrPort("0.0.0.0:8080")
		for want, wish := range map[string]Wish{
			"disarmed":             {XDP: true},
			"armed 192.0.2.1:8080": {XDP: true, Listeners: []netip.AddrPort{all}},
			"armed 127.0.0.1:8080": {XDP: true, Listeners: []netip.AddrPort{all}, Interface: "lo"},
		} {
			l := climbed(t, wish)
			if c := l.Plan.Changes[0]; c.To != want || c.From != "" || c.Kind != diagnose.ChangeXDP || !c.Preventive {
				t.Errorf("%+v, not %s", c, want)
			}
			roundTrip(t, l, t.TempDir())
		}
		if left, err := filepath.Glob(bpfFolder + "/synoptic*"); err != nil || len(left) > 0 {
			t.Error(left, err)
		}
	})
}

// TestAttachedInPeaceArmedLater: who attached in peace only arms in a flood, and
// each step is taken back to the one before.
func TestAttachedInPeaceArmedLater(t *testing.T) {
	alone(t, func() {
		first, second := netip.MustParseAddrPort("192.0.2.1:8080"), netip.MustParseAddrPort("192.0.2.1:8081")
		listen(t, first.String())
		listen(t, second.String())
		h, err := NewHand(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		values := []string{"disarmed", "armed 192.0.2.1:8080", "armed 192.0.2.1:8080 192.0.2.1:8081"}
		for i, want := range values {
			l := climbed(t, Wish{XDP: true, Listeners: []netip.AddrPort{second, first}[2-i:]})
			if i == 1 {
				l = climbed(t, Wish{XDP: true, Listeners: []netip.AddrPort{first}})
			}
			if _, err := h.Apply(l.Plan); err != nil || l.Plan.Changes[0].To != want {
				t.Fatal(err, l.Plan.Changes[0])
			}
		}
		for i := range values {
			steps, err := Status(h)
			if err != nil || len(steps) != 1 || steps[0].From != "" || steps[0].Held != values[2-i] || steps[0].Now != apply.InForce {
				t.Error(err, steps)
			}
			if _, err := h.Undo(Name, false); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestModes: an interface without native XDP gets the generic one, one whose
// other end may not take the answers too, and that is said.
func TestModes(t *testing.T) {
	alone(t, func() {
		modes := map[string]string{"eth0": "generic", "lo": "generic"}
		if _, err := os.Stat("/dev/net/tun"); err == nil {
			if err := netlink.LinkAdd(&netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: "tap0"}, Mode: netlink.TUNTAP_MODE_TAP}); err != nil {
				t.Fatal(err)
			}
			modes["tap0"] = "native"
		}
		h, err := NewHand(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range modes {
			if _, err := h.Apply(climbed(t, Wish{XDP: true, Interface: name}).Plan); err != nil {
				t.Error(err)
			}
			if mode, err := ModeOn(name); err != nil || mode != want {
				t.Errorf("%s: %s %v", name, mode, err)
			}
		}
		if done, err := Revert(h, false); err != nil || len(done) != len(modes) {
			t.Error(err, done)
		}
	})
}

// TestAnotherProgramStays: before the plan, and when it comes between plan and
// apply.
func TestAnotherProgramStays(t *testing.T) {
	alone(t, func() {
		l := climbed(t, Wish{XDP: true})
		flood, err := bpf.OpenFlood()
		if err != nil {
			t.Fatal(err)
		}
		defer flood.Close()
		eth0, err := indexOf("eth0")
		if err != nil {
			t.Fatal(err)
		}
		detach, err := flood.Attach(bpf.FloodSink, eth0, bpf.Native)
		if err != nil {
			t.Fatal(err)
		}
		before := traces(t)
		b := now(t)
		again := planOf(b)
		err = again.Climb(b, Wish{XDP: true})
		if !errors.Is(err, bpf.ErrOccupied) || strings.Contains(err.Error(), "\n") {
			t.Error(err)
		}
		h, err := NewHand(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if e, err := h.Apply(l.Plan); !errors.Is(err, bpf.ErrOccupied) || e.Stands() || strings.Contains(err.Error(), "\n") {
			t.Error(err)
		}
		if diff := cmp.Diff(before, traces(t)); diff != "" {
			t.Error(diff)
		}
		if err := detach(); err != nil {
			t.Error(err)
		}
	})
}

// TestNamedWrong: in one line, and nothing is planned.
func TestNamedWrong(t *testing.T) {
	alone(t, func() {
		b := now(t)
		nobody := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:9")}
		for says, wish := range map[string]Wish{
			`there is no interface "nope"`:        {XDP: true, Interface: "nope"},
			"nobody listens on 192.0.2.1:9":       {XDP: true, Listeners: nobody},
			"no BPF filesystem, in which the pro": {XDP: true},
		} {
			if strings.HasPrefix(says, "no BPF") {
				if err := unix.Unmount(bpfFolder, 0); err != nil {
					t.Fatal(err)
				}
			}
			l := planOf(b)
			was := len(l.Plan.Changes)
			if err := l.Climb(b, wish); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") || len(l.Plan.Changes) != was {
				t.Errorf("%v, not %s", err, says)
			}
			if strings.HasPrefix(says, "no BPF") {
				if err := unix.Mount("bpf", bpfFolder, "bpf", 0, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// TestLedElsewhere: connections to a port that a container publishes are none of who
// listens there, and the guard would drop their ACKs.
func TestLedElsewhere(t *testing.T) {
	alone(t, func() {
		listen(t, "192.0.2.1:80")
		b := now(t)
		web := netip.MustParseAddrPort("192.0.2.1:80")
		b.Published = []host.Published{{Rule: "ip nat DOCKER handle 7", First: 80, Last: 80, Target: netip.MustParseAddrPort("172.17.0.2:8000")}}
		l := planOf(b)
		was := len(l.Plan.Changes)
		err := l.Climb(b, Wish{XDP: true, Listeners: []netip.AddrPort{web}})
		if err == nil || !strings.Contains(err.Error(), "ip nat DOCKER handle 7 leads connections on to 172.17.0.2:8000") || len(l.Plan.Changes) != was {
			t.Error(err, proposed(l))
		}
		if err := l.Climb(b, Wish{XDP: true}); err != nil {
			t.Error("disarmed it harms nobody:", err)
		}
	})
}

// TestCrashBetween: pins that were not finished are taken back by a revert, and
// those of an interface that is gone are swept.
func TestCrashBetween(t *testing.T) {
	alone(t, func() {
		h, err := NewHand(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		before := traces(t)
		if _, err := h.Apply(climbed(t, Wish{XDP: true}).Plan); err != nil {
			t.Fatal(err)
		}
		eth0, err := indexOf("eth0")
		if err != nil {
			t.Fatal(err)
		}
		stand, making, err := xdp{folder: bpfFolder}.pins(eth0)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(stand, making); err != nil { // as a crash would leave it
			t.Fatal(err)
		}
		b := now(t)
		if l := planOf(b); l.Climb(b, Wish{XDP: true}) == nil {
			t.Error("planned over pins that are not finished")
		}
		if done, err := Revert(h, false); err != nil || len(done) != 1 {
			t.Error(err, done)
		}
		if diff := cmp.Diff(before, traces(t)); diff != "" || exists(making) {
			t.Error(diff)
		}
		if _, err := h.Apply(climbed(t, Wish{XDP: true}).Plan); err != nil {
			t.Fatal(err)
		}
		link, err := netlink.LinkByName("eth0")
		if err == nil {
			err = netlink.LinkDel(link)
		}
		if err != nil {
			t.Fatal(err)
		}
		done, err := Revert(h, false)
		if err != nil || len(done) != 1 || done[0].Steps[0].State != apply.Ended || exists(stand) {
			t.Error(err, done)
		}
	})
}
