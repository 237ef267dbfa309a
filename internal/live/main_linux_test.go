package live

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

func TestMain(m *testing.M) {
	actor.Main()
	m.Run()
}

// inodeOf is the number of a host's network namespace.
func inodeOf(t *testing.T, h *lab.Host) uint32 {
	t.Helper()
	var found unix.Stat_t
	if err := h.Do(func() error { return unix.Stat("/proc/thread-self/ns/net", &found) }); err != nil {
		t.Fatal(err)
	}
	return uint32(found.Ino)
}

// visiting gets into all hosts of a world.
func visiting(w *lab.World) Visit {
	return func(look func() error) error {
		for _, h := range w.Hosts() {
			if err := h.Do(look); err != nil {
				return err
			}
		}
		return nil
	}
}

// settle is how long is watched after the last thing was done: two looks and
// more.
const settle = 700 * time.Millisecond

// watched returns every transition that is told while do runs, and shortly
// after. It skips where programs may not be loaded.
func watched(t *testing.T, o Options, do func()) []Transition {
	t.Helper()
	w, err := Open(o)
	if errors.Is(err, bpf.ErrRights) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan struct{})
	var once sync.Once
	w.options.Idle = func() error { once.Do(func() { close(ready) }); return nil }
	var all []Transition
	var failed error
	var watching sync.WaitGroup
	watching.Go(func() {
		failed = w.Run(ctx, func(x *Transition) error { all = append(all, *x); return nil })
	})
	select {
	case <-ready:
		do()
		<-time.After(settle)
	case <-time.After(10 * time.Second):
		t.Error("the watch does not begin")
	}
	stop()
	watching.Wait()
	losses, untold, err := w.Losses()
	untold.LeftOut = 0 // of a flood of resets elsewhere on this machine; a transition then lacks its reason
	if err := errors.Join(failed, err); err != nil || losses != (bpf.Losses{}) || untold != (bpf.MishapLosses{}) {
		t.Errorf("%v, losses %+v, %+v", err, losses, untold)
	}
	return all
}
