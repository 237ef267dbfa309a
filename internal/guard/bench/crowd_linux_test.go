package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/internal/guard/detect"
	"github.com/synoptic-net/synoptic/internal/guard/loop"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// farWorld is a world whose clients are far away, and whose flood nobody can make.
func farWorld(t *testing.T, delay time.Duration) *World {
	t.Helper()
	newWorld(t).Close() // it skips where it must
	cables := lab.NewWorld(t.Context())
	t.Cleanup(func() {
		if err := cables.Close(); err != nil {
			t.Error(err)
		}
	})
	client, server := cables.Host("client"), cables.Host("server")
	cables.JoinSlowly(client.At(wire, clientText+"/24"), server.At(wire, serverText+"/24"), delay)
	if err := cables.Err(); err != nil {
		t.Fatal(err)
	}
	w := &World{Server: server.Namespace, Client: client.Namespace}
	if err := w.pin(); err != nil {
		t.Fatal(err)
	}
	if err := w.Server.Do(func() error {
		l, err := netlink.LinkByName(wire)
		if err == nil {
			w.serverLink = l.Attrs().Index
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.reach(server4.Addr()); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestLoopCrowdFromAfar: twenty times as many clients as before, so far away that
// they fill the queue before their ACKs are there. The kernel sends cookies, the
// guard sees that who asks also comes, and nobody fails.
func TestLoopCrowdFromAfar(t *testing.T) {
	w := farWorld(t, 25*time.Millisecond)
	w.set(t, map[string]string{"net.core.somaxconn": "16"}, nil)
	s, err := w.serve(server4, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	x := watching(w, attached(t, w), loop.Options{})
	for _, rate := range []int{25, 500} {
		all := Service{Clients: 2 * rate}
		all.sum(w.clients(Load{Clients: 2 * rate, Rate: rate, Patient: true}))
		t.Logf("%d clients a second: %d of %d served, %d at first try, p50 %v", rate, all.Ever, all.Clients, all.FirstTry, all.P50)
		if all.Ever != all.Clients {
			t.Errorf("%d clients a second: %d of %d were served: %v", rate, all.Ever, all.Clients, all.Why)
		}
	}
	sum := x.end(t)
	full := func(r detect.Reason) bool { return r == detect.Crowd || r == detect.AcceptFull } // the latter where the machine lets the server wait
	if sum.Armings != 0 || !slices.ContainsFunc(x.said(), full) {
		t.Errorf("armed %d times, said %v", sum.Armings, x.said())
	}
}
