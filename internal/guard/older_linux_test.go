package guard

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/collect"
)

// lacking is a kernel without these features.
func lacking(features ...*bpf.Feature) func(*bpf.Feature) error {
	return func(f *bpf.Feature) error {
		if slices.Contains(features, f) {
			return &bpf.Missing{Feature: f, Running: "5.15.0", Cause: errors.New("not found")}
		}
		return nil
	}
}

// TestOlderKernel: what is planned where the kernel's own cookies must do.
func TestOlderKernel(t *testing.T) {
	alone(t, func() {
		at := netip.MustParseAddrPort("192.0.2.1:8080")
		listen(t, at.String())
		for _, test := range []struct {
			now, stamps string
			listeners   []netip.AddrPort
			want        []string
			cost        string
		}{
			{"1", "1", []netip.AddrPort{at}, []string{"tcp_syncookies=2", "eth0=armed 192.0.2.1:8080"}, "guard-bound-cost"},
			{"0", "2", []netip.AddrPort{at}, []string{"tcp_syncookies=2", "eth0=armed 192.0.2.1:8080"}, "guard-bound-cost-stamped"},
			{"2", "1", []netip.AddrPort{at}, []string{"eth0=armed 192.0.2.1:8080"}, "guard-bound-cost"},
			{"1", "1", nil, []string{"tcp_synack_retries=3", "eth0=disarmed"}, "guard-xdp-cost"},
		} {
			b := now(t)
			b.Settings = map[string]string{cookies: test.now, timestamps: test.stamps, retries: "5"}
			l := planOf(b)
			if err := l.Climb(b, Wish{XDP: true, Listeners: test.listeners, older: lacking(bpf.AssignRequest)}); err != nil {
				t.Fatal(err)
			}
			if got := proposed(l); !slices.Equal(got, test.want) || l.Plan.Changes[len(got)-1].Cost.ID != test.cost {
				t.Errorf("%+v: %v, %+v", test, got, l.Plan.Changes[len(got)-1].Cost)
			}
		}
	})
}

// TestTooOldAKernel: what is missing is said in one line.
func TestTooOldAKernel(t *testing.T) {
	alone(t, func() {
		b := now(t)
		without := planOf(b)
		delete(b.Settings, cookies)
		for says, feature := range map[string]*bpf.Feature{"since 5.3": bpf.KernelCookie, "since 5.9": bpf.XDPLink, "makes no SYN cookies": bpf.AssignRequest} {
			l := without
			err := l.Climb(b, Wish{XDP: true, older: lacking(bpf.AssignRequest, feature)})
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") || len(l.Plan.Changes) != len(without.Plan.Changes) {
				t.Error(says, err)
			}
		}
	})
}

// TestOlderKernelInAFlood: the kernel's cookies carry a genuine client through it,
// and nothing remains.
func TestOlderKernelInAFlood(t *testing.T) {
	needXDP(t)
	w, at := world(t, "syn-flood-cookies-off")
	takesXDP(t, w.Find("client").Do)
	err := at.Do(func() error {
		if err := privateBPF(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return err
		}
		b, err := collect.Run(w.Context, collect.Options{Window: 2 * time.Second})
		if err != nil {
			return err
		}
		l := planOf(b)
		if err := l.Climb(b, Wish{Interface: "eth0", older: lacking(bpf.AssignRequest)}); err != nil || l.Plan.Changes[0].To != "2" {
			t.Error(err, proposed(l), l.Hints)
			return nil
		}
		h, err := NewHand(t.TempDir())
		if err != nil {
			return err
		}
		h.Doers[diagnose.ChangeXDP] = xdp{folder: bpfFolder, older: true}
		before := traces(t)
		if _, err := h.Apply(l.Plan); err != nil {
			return err
		}
		reaches(t, w.Find("client").Do)
		if eth0, err := indexOf("eth0"); err != nil {
			t.Error(err)
		} else if answered := answers(t, eth0); answered == 0 {
			t.Error("the program answered nobody")
		}
		same := func() bool { return slices.Equal(sorted(before), sorted(traces(t))) }
		if done, err := Revert(h, false); err != nil || len(done) != 1 || !same() {
			t.Error("reverted, it is not as it was:", err, done)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// takesXDP lets frames of XDP reach a veth: its other end drops them unless there
// is a program.
func takesXDP(t *testing.T, host func(func() error) error) {
	t.Helper()
	g, err := bpf.OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	if err := host(func() error {
		eth0, err := indexOf("eth0")
		if err != nil {
			return err
		}
		g.TrustVeth()
		return g.Attach(eth0, bpf.Native)
	}); err != nil {
		t.Fatal(err)
	}
}

// reaches has the client connect, many times at the first try.
func reaches(t *testing.T, client func(func() error) error) {
	t.Helper()
	err := client(func() error {
		for range 50 {
			c, err := net.DialTimeout("tcp", "192.0.2.2:80", 900*time.Millisecond)
			if err != nil {
				return err
			}
			c.Close()
		}
		return nil
	})
	if err != nil {
		t.Error("a genuine client:", err)
	}
}

// answers counts the SYNs that the guard on an interface answered.
func answers(t *testing.T, index int) (n uint64) {
	t.Helper()
	stand, _, err := xdp{folder: bpfFolder}.pins(index)
	if err != nil {
		t.Fatal(err)
	}
	g, err := bpf.OpenPinnedGuard(stand)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, a := range g.Armed() {
		c, err := g.Counters(a)
		if err != nil {
			t.Fatal(err)
		}
		n += c.Answered
	}
	return n
}

func sorted(m map[string]string) (list []string) {
	for name, value := range m {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}
