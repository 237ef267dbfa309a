package live

import (
	"context"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab/walk"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestWalk: whatever edge of the state machine the kernel is made to take, it is
// told. The walk has namespaces of its own, of which only events come.
func TestWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the walk takes ten seconds")
	}
	var made walk.Walk
	seen := watched(t, Options{Visit: func(func() error) error { return nil }}, func() {
		var err error
		look := func(ctx context.Context) (host.Snapshot, error) {
			return sockdiag.Snapshot(ctx, sockdiag.Options{BoundInactive: true})
		}
		if made, err = walk.Run(t.Context(), walk.Options{Look: look}); err != nil {
			t.Error(err)
		}
	})
	told := map[tcp.Edge]int{}
	for i := range seen {
		told[tcp.Edge{From: seen[i].From, To: seen[i].To}]++
	}
	for _, r := range made.Edges {
		edge := tcp.Edge{From: r.From.State, To: r.To.State}
		if r.Seen && r.Kind == host.Full && edge.From != edge.To && told[edge] == 0 {
			t.Errorf("%v, %s: the sockets show it and no event tells", edge, r.Way)
		}
	}
	t.Logf("%d transitions on %d edges", len(seen), len(told))
	for edge, n := range told {
		t.Logf("%5d %v", n, edge)
	}
}
