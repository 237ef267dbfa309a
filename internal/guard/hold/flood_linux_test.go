package hold

import (
	"sync"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// flooded is where the clients of a bench go.
const flooded = "192.0.2.1:8080"

// TestNoClientIsLost: whatever becomes of the guard during a flood, genuine clients
// are served.
func TestNoClientIsLost(t *testing.T) {
	for name, change := range map[string]func(first, second *other){
		"replaced":  func(_, second *other) { second.ok("replace -1s") },
		"key":       func(first, _ *other) { first.ok("rotate") },
		"restarted": func(first, second *other) { first.kill(); second.ok("begin", "arm "+flooded) },
		"ended":     func(first, _ *other) { first.ok("end") },
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "replaced" {
				t.Skip("-short: each takes 3 seconds")
			}
			w := newWorld(t)
			folder := t.TempDir()
			first, second := newOther(t, w.Server, folder), newOther(t, w.Server, folder)
			d := bench.Custom(name, name, "1", func(*bench.World) (func() error, error) {
				first.ok("begin", "set net.ipv4.tcp_syncookies=2", "arm "+flooded)
				var changed sync.WaitGroup
				changed.Go(func() { <-time.After(700 * time.Millisecond); change(first, second) })
				return func() error { changed.Wait(); return nil }, nil
			})
			load := bench.Load{SYNs: 50_000, Clients: 600, Rate: 400, Patient: true}
			s, err := w.Serve(&d, load)
			if err != nil {
				t.Fatal(err)
			}
			if s.Ever != s.Clients || s.FirstTry < s.Clients*99/100 {
				t.Errorf("of %d clients %d were served, %d at first try, in %d SYN/s: %v", s.Clients, s.Ever, s.FirstTry, s.SYNs, s.Why)
			}
			t.Logf("of %d clients %d at first try, in %d SYN/s", s.Clients, s.FirstTry, s.SYNs)
		})
	}
}
