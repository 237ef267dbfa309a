package bpf

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// shared opens a guard, arms it, and returns what another process would be given.
func shared(t *testing.T, at netip.AddrPort) (*Guard, []Handle) {
	t.Helper()
	needRights(t)
	g, err := OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := g.Arm(Listener{Address: at, Offer: Offer{MSS: 1460, Window: 64240}}); err != nil {
		t.Fatal(err)
	}
	handles, err := g.Handles()
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range handles {
		if handles[i].FD, err = unix.FcntlInt(uintptr(h.FD), unix.F_DUPFD_CLOEXEC, 0); err != nil {
			t.Fatal(err)
		}
	}
	return g, handles
}

// TestTaken: who takes a guard over goes on where the other one was, key and
// counters included, with the programs of its own version.
func TestTaken(t *testing.T) {
	at := netip.MustParseAddrPort("192.0.2.1:80")
	first, handles := shared(t, at)
	second, err := TakeGuard(handles)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.Renew(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(second.Armed(), []netip.AddrPort{at}) || second.control != first.control || second.AcksLeft() != 0 {
		t.Errorf("armed is %v, %+v instead of %+v", second.Armed(), second.control, first.control)
	}
	if err := second.Withdraw(); err != nil {
		t.Error(err)
	}
	if left := second.AcksLeft(); len(second.Armed()) != 0 || left > AcksStay || left < AcksStay-5*time.Second {
		t.Errorf("withdrawn, %v is armed, and ACKs come for %v", second.Armed(), left)
	}
	if _, err := second.Counters(at); err != nil {
		t.Error(err)
	}
}

// TestTakenInPart: what is no whole guard, or one of another version, is refused in
// one line.
func TestTakenInPart(t *testing.T) {
	at := netip.MustParseAddrPort("192.0.2.1:80")
	_, whole := shared(t, at)
	part := slices.DeleteFunc(whole, func(h Handle) bool { return h.Name == pinMap+"guard_ports" && unix.Close(h.FD) == nil })
	if _, err := TakeGuard(part); err == nil || !strings.Contains(err.Error(), "is missing") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	_, whole = shared(t, at)
	other, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for i, h := range whole {
		if h.Name == pinMap+"guard_control" {
			unix.Close(h.FD)
			if whole[i].FD, err = unix.FcntlInt(uintptr(other.FD()), unix.F_DUPFD_CLOEXEC, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := TakeGuard(whole); !errors.Is(err, ErrOtherVersion) || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	if _, err := TakeGuard([]Handle{{Name: "nonsense", FD: -1}}); err == nil {
		t.Error("nonsense was taken")
	}
}
