package bpf

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/ssfilter"
)

// listening returns a listener and the filter of its connections.
func listening(t *testing.T) (net.Listener, []byte) {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	port := l.Addr().(*net.TCPAddr).Port
	filter, err := ssfilter.Parse(fmt.Sprintf("sport = :%d or dport = :%d", port, port), ssfilter.Names{})
	if err != nil {
		t.Fatal(err)
	}
	code, _ := filter.Bytecode()
	return l, code
}

// TestLossesAreCounted: with a ring for thirty events and nobody who reads, every
// event is either read afterwards or counted, as the summary beside it knows; and
// whole sockets are left out before events are lost.
func TestLossesAreCounted(t *testing.T) {
	needRights(t)
	l, code := listening(t)
	told, err := OpenTransitions(Options{Filter: code, Ring: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	summed, err := OpenTransitions(Options{Filter: code, Summary: true})
	if err != nil {
		t.Fatal(err)
	}
	defer summed.Close()
	for range 200 {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = server.Close()
		_ = client.Close()
	}
	var read, all uint64
	if err := told.Read(time.Now().Add(100*time.Millisecond), func(x *Transition) error {
		if x.From != x.To { // a minisocket takes over, which is not summed up
			read++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	losses, err := told.Losses()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := summed.Summary()
	if err != nil {
		t.Fatal(err)
	}
	for i := range sums {
		all += sums[i].Count()
	}
	if losses.Sampled == 0 || losses.Lost == 0 || read == 0 || read+losses.Lost+losses.Sampled < all {
		t.Errorf("%d read, %+v, of %d", read, losses, all)
	}
	t.Logf("%d read, %+v, of %d", read, losses, all)
}
