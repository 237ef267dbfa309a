package bench

import (
	"errors"
	"os"
	"testing"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// newWorld returns a world that ends with the test. It skips where the rights
// are missing or the kernel is too old, and nowhere else.
func newWorld(t testing.TB) *World {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("it needs root: network namespaces with BPF in them")
	}
	for _, f := range []*bpf.Feature{bpf.TrafficControl, bpf.AssignRequest} {
		err := f.Probe()
		var missing *bpf.Missing
		if errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// set writes settings of both ends: "server net.ipv4.tcp_sack=0".
func (w *World) set(t testing.TB, server, client map[string]string) {
	t.Helper()
	for name, value := range server {
		if err := w.Server.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range client {
		if err := w.Client.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// armed attaches a guard, arms it for both addresses, and checks at the end that
// the kernel refused none of its connections.
func armed(t testing.TB, w *World, mode bpf.XDPMode) *bpf.Guard {
	t.Helper()
	g, err := bpf.OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := w.arm(g, mode); err != nil {
		t.Fatal(err)
	}
	return g
}

// again measures what a busy machine may spoil, and fails the test only where it
// is found wrong so many times in a row.
func again(t *testing.T, times int, measure func() (wrong string)) {
	t.Helper()
	for attempt := range times {
		wrong := measure()
		switch {
		case wrong == "":
			return
		case attempt == times-1:
			t.Error(wrong)
		default:
			t.Log("once more: ", wrong)
		}
	}
}

// calmly is again for what goes wrong where segments are sent again, as they are
// when the machine stalls for a second: nothing else is an excuse.
func (w *World) calmly(t testing.TB, try func() (wrong string)) {
	t.Helper()
	for attempt := range 3 {
		before := w.resent(t)
		wrong := try()
		switch {
		case wrong == "":
			return
		case attempt == 2 || w.resent(t) == before:
			t.Error(wrong)
			return
		}
		t.Log("once more, for segments were sent again: ", wrong)
	}
}
