package walk

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/sockdiag"
)

func TestMain(m *testing.M) {
	actor.Main()
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func look(ctx context.Context) (host.Snapshot, error) {
	return sockdiag.Snapshot(ctx, sockdiag.Options{BoundInactive: true})
}

// TestWalk: the kernel takes every edge that it is said to take, as sock_diag
// shows, and none that it is said not to take.
func TestWalk(t *testing.T) {
	started := time.Now()
	walk, err := Run(t.Context(), Options{Look: look})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range walk.Edges {
		name := fmt.Sprintf("%v -> %v: %s", r.From, r.To, r.Way)
		if r.Failed {
			t.Errorf("%s: %s", name, r.Why)
		}
		if r.Seen {
			seen[name] = true
		}
		t.Logf("%5.2f s  %v  %s  %s", r.Took.Seconds(), r.Seen, name, r.Why)
	}
	for _, r := range walk.Roles {
		if !r.Passed {
			t.Errorf("%s: %s", r.Name, r.Why)
		}
		t.Logf("%5.2f s  %s: %s", r.Took.Seconds(), r.Name, r.About)
	}
	if took := time.Since(started); len(seen) < 60 || took > 20*time.Second {
		t.Errorf("%d edges seen in %v", len(seen), took)
	}
}
