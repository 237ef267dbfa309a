package bench

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/guard/detect"
	"github.com/synoptic-net/synoptic/internal/guard/loop"
)

// inServer runs f on a thread of its own in the server's namespace.
func inServer(b *testing.B, w *World, f func() error) {
	b.Helper()
	done := make(chan error, 1)
	go func() { done <- inside(w.Server, f) }()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTick is what the guard that runs does ten times a second in peace: read
// the counters, decide, renew the lease.
func BenchmarkTick(b *testing.B) {
	w := newWorld(b)
	h := &bareHands{Guard: attached(b, w)}
	inServer(b, w, func() error {
		eyes, err := loop.OpenEyes(wire, nil)
		if err != nil {
			return err
		}
		defer eyes.Close()
		d := detect.New(detect.Options{})
		b.ReportAllocs()
		for i := time.Duration(0); b.Loop(); i++ {
			c, err := eyes.Counts()
			if err != nil {
				return err
			}
			d.Step(detect.Sample{At: i * detect.Tick, Kernel: c})
			if err := h.Beat(); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkLook is a look at a listener whose queue of 4096 is full.
func BenchmarkLook(b *testing.B) {
	w := newWorld(b)
	if err := w.Server.Set("net.core.somaxconn", "4096"); err != nil {
		b.Fatal(err)
	}
	s, err := w.serve(server4, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	if _, err := w.flood(server4, 200_000, 20_000)(); err != nil {
		b.Fatal(err)
	}
	inServer(b, w, func() error {
		eyes, err := loop.OpenEyes(wire, nil)
		if err != nil {
			return err
		}
		defer eyes.Close()
		half := 0
		for b.Loop() {
			look, err := eyes.Look()
			if err != nil {
				return err
			}
			half = look.Queues[server4].Half
		}
		b.ReportMetric(float64(half), "half-open")
		return nil
	})
}
