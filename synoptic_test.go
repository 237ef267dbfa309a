package synoptic_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestLook finds a listener of ours at both ends of a window that a context ends,
// and in one look.
func TestLook(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, look := range map[string]struct {
		window time.Duration
		least  int
	}{"one look": {0, 1}, "a window that is cut short": {time.Hour, 2}} {
		seen, err := synoptic.Look(ended, look.window)
		if errors.Is(err, errors.ErrUnsupported) {
			return // no Linux: it says so
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		ours := func(s host.Socket) bool { return s.State == tcp.Listen && s.Local.String() == listener.Addr().String() }
		if len(seen.Snapshots) < look.least || !slices.ContainsFunc(seen.Last().Sockets, ours) || !seen.Has(evidence.SourceSockets) {
			t.Errorf("%s: %d snapshots, sources %+v", name, len(seen.Snapshots), seen.Sources)
		}
	}
}
