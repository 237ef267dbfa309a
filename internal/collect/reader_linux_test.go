package collect

import (
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// powerless runs f on a thread without any capability, which is not used again.
func powerless(t *testing.T, f func()) {
	t.Helper()
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err = unix.Capset(&header, &none[0]); err == nil {
			f()
		}
	}()
	if <-done; err != nil {
		t.Fatal(err)
	}
}

func listenHere(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// TestReaderWithoutRights: everything is read by netlink, and who asked for the
// iterator can say why.
func TestReaderWithoutRights(t *testing.T) {
	listenHere(t)
	powerless(t, func() {
		r := NewReader(ByIterator)
		defer r.Close()
		shot, err := r.Snapshot(t.Context(), sockdiag.Options{})
		counts, _, err2 := r.Count(t.Context())
		listeners, err3 := r.Listeners(t.Context())
		if err := errors.Join(err, err2, err3); err != nil || len(shot.Sockets) == 0 || counts[tcp.Listen] == 0 || len(listeners.Sockets) == 0 {
			t.Errorf("%v, %d sockets, %v", err, len(shot.Sockets), counts)
		}
		if _, _, ok := r.CountByListener(); ok {
			t.Error("counted in the kernel without the right to")
		}
		source := r.Sources()[0]
		if !errors.Is(r.Missing(), bpf.ErrRights) || source.By != "netlink" || !source.OK || !strings.Contains(source.Why, "CAP_BPF") {
			t.Errorf("%+v, %v", source, r.Missing())
		}
		bundle, err := Run(t.Context(), Options{})
		if err != nil {
			t.Error(err)
			return
		}
		if bundle.Has(evidence.SourceRequests) || !bundle.Has(evidence.SourceSockets) {
			t.Errorf("%+v", bundle.Sources)
		}
	})
}

// TestReaderWays: few sockets are read by netlink unless the iterator is asked
// for, and both count the same.
func TestReaderWays(t *testing.T) {
	listenHere(t)
	by := map[Way]string{}
	for _, way := range []Way{Quickest, ByNetlink, ByIterator} {
		r := NewReader(way)
		defer r.Close()
		shot := agrees(t, r)
		for i := range shot.Sockets {
			if s := &shot.Sockets[i]; s.HasMemory || s.HasInfo != (s.Kind == 0) {
				t.Errorf("%s: what was not asked for: %+v", way, *s)
			}
		}
		by[way] = r.Sources()[0].By
	}
	if by[Quickest] != "netlink" || by[ByNetlink] != "netlink" || by[ByIterator] != "iterator" {
		t.Error(by)
	}
}

// agrees lists and counts until both saw as many listeners: other programs of this
// namespace begin and end to listen between the two.
func agrees(t *testing.T, r *Reader) host.Snapshot {
	t.Helper()
	for range 100 {
		shot, err := r.Snapshot(t.Context(), sockdiag.Options{Info: true})
		if errors.Is(r.Missing(), bpf.ErrRights) {
			t.Skip(r.Missing())
		}
		counts, _, err2 := r.Count(t.Context())
		if err := errors.Join(err, err2); err != nil || counts[tcp.Listen] == 0 {
			t.Fatalf("%v, %v", err, counts)
		}
		if shot.Count()[tcp.Listen] == counts[tcp.Listen] {
			return shot
		}
	}
	t.Fatal("a hundred times it listed other listeners than it counted")
	return host.Snapshot{}
}

// TestReaderFilters: a filter is the kernel's where netlink is asked, and the
// caller's where the iterator is.
func TestReaderFilters(t *testing.T) {
	filtered := sockdiag.Options{Filter: []byte{1}}
	if r := NewReader(Quickest); !r.Filters(filtered) {
		t.Error("netlink does not filter")
	}
	r := NewReader(ByIterator)
	defer r.Close()
	if r.Filters(filtered) && r.Missing() == nil || !r.Filters(sockdiag.Options{}) {
		t.Error("the iterator filters")
	}
	if r.Filters(sockdiag.Options{Filter: []byte{1}, BoundInactive: true}) == false || r.Missing() == nil {
		t.Error("bound sockets are in the iterator")
	}
}
