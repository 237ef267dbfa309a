package live

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// stage is a client and a server that listens.
type stage struct {
	t              *testing.T
	client, server *lab.Host
	listener       int
	at             netip.AddrPort
}

func newStage(t *testing.T, w *lab.World) *stage {
	if _, err := OpenSummary(Options{}); errors.Is(err, bpf.ErrRights) {
		t.Skip(err)
	}
	p := w.Pair()
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	s := &stage{t: t, client: p.Client, server: p.Server, at: netip.MustParseAddrPort(lab.ServerAddress + ":8080")}
	s.must(s.server.Do(func() (err error) {
		s.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		return errors.Join(err, unix.Bind(s.listener, &unix.SockaddrInet4{Port: 8080}), unix.Listen(s.listener, 4096))
	}))
	t.Cleanup(func() { unix.Close(s.listener) })
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// open makes a connection and returns its two descriptors and the client's
// address.
func (s *stage) open() (client, server int, from netip.AddrPort) {
	s.t.Helper()
	s.must(s.client.Do(func() (err error) {
		if client, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != nil {
			return err
		}
		return unix.Connect(client, &unix.SockaddrInet4{Addr: s.at.Addr().As4(), Port: int(s.at.Port())})
	}))
	server, peer, err := unix.Accept(s.listener)
	s.must(err)
	v4 := peer.(*unix.SockaddrInet4)
	return client, server, netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), uint16(v4.Port))
}

// finish closes first, waits for the end at the other one, and closes that.
func (s *stage) finish(first, second int) {
	s.t.Helper()
	s.must(unix.Close(first))
	n, err := unix.Read(second, make([]byte, 1))
	if n != 0 || err != nil {
		s.t.Fatalf("read %d, %v", n, err)
	}
	s.must(unix.Close(second))
}

// The ways of the two ends, as RFC 9293 figures 5 and 12 have them.
var (
	opensActively  = []tcp.Edge{{From: tcp.Closed, To: tcp.SynSent}, {From: tcp.SynSent, To: tcp.Established}}
	opensPassively = []tcp.Edge{{From: tcp.Listen, To: tcp.SynReceived}, {From: tcp.SynReceived, To: tcp.Established}}
	closesFirst    = []tcp.Edge{
		{From: tcp.Established, To: tcp.FinWait1}, {From: tcp.FinWait1, To: tcp.FinWait2}, {From: tcp.FinWait2, To: tcp.TimeWait},
	}
	closesSecond = []tcp.Edge{
		{From: tcp.Established, To: tcp.CloseWait}, {From: tcp.CloseWait, To: tcp.LastAck}, {From: tcp.LastAck, To: tcp.Closed},
	}
)

// ways is what is expected of each end.
type ways map[tuple][]tcp.Edge

func (w ways) expect(at tuple, parts ...[]tcp.Edge) {
	for _, part := range parts {
		w[at] = append(w[at], part...)
	}
}

// check demands every transition once and in order, and no other.
func (w ways) check(t *testing.T, seen []Transition) {
	t.Helper()
	got := ways{}
	for i := range seen {
		at := tuple{seen[i].NetNS, seen[i].Local, seen[i].Remote}
		got[at] = append(got[at], tcp.Edge{From: seen[i].From, To: seen[i].To})
	}
	for at, want := range w {
		if fmt.Sprint(got[at]) != fmt.Sprint(want) {
			t.Errorf("%v:\n told %v\n  not %v", at, got[at], want)
		}
		delete(got, at)
	}
	for at, extra := range got {
		t.Errorf("%v: told %v, of which nothing is known", at, extra)
	}
}

// TestDialogues: twenty runs of connections that are closed by one end or the
// other, and every transition of both ends is told once, in order, in its
// namespace and with its owner.
func TestDialogues(t *testing.T) {
	const runs, each = 20, 10
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	here, there := inodeOf(t, s.server), inodeOf(t, s.client)
	expected := ways{}
	seen := watched(t, Options{Visit: visiting(w)}, func() {
		for i := range runs * each {
			client, server, from := s.open()
			clientEnd, serverEnd := tuple{there, from, s.at}, tuple{here, s.at, from}
			if i%2 == 0 {
				s.finish(client, server)
				expected.expect(clientEnd, opensActively, closesFirst)
				expected.expect(serverEnd, opensPassively, closesSecond)
			} else {
				s.finish(server, client)
				expected.expect(clientEnd, opensActively, closesSecond)
				expected.expect(serverEnd, opensPassively, closesFirst)
			}
		}
	})
	ours := seen[:0]
	for _, x := range seen {
		if x.NetNS == here || x.NetNS == there {
			ours = append(ours, x)
		}
	}
	expected.check(t, ours)
	t.Logf("%d transitions", len(ours))
	for _, x := range ours {
		checkOwner(t, &x)
		if !x.HasInFrom && x.From != tcp.Closed && x.From != tcp.Listen {
			t.Errorf("%v -> %v of %v: the time in it is not known", x.From, x.To, x.Local)
		}
	}
}

// ownName is what the kernel calls this process.
func ownName(t *testing.T) string {
	t.Helper()
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(name))
}

// checkOwner: what a system call does is done by us; what nobody accepted yet
// belongs to nobody.
func checkOwner(t *testing.T, x *Transition) {
	t.Helper()
	switch {
	case x.Cause == BySystemCall && (len(x.Owners) != 1 || x.Owners[0].PID != unix.Getpid() || x.Owners[0].Name != ownName(t)):
		t.Errorf("%v -> %v: owners %+v", x.From, x.To, x.Owners)
	case x.To == tcp.SynReceived && (len(x.Owners) != 0 || x.OwnerKind != inventory.NeverAccepted):
		t.Errorf("%v -> %v: owners %+v, %s", x.From, x.To, x.Owners, x.OwnerKind)
	case x.To == tcp.TimeWait && x.OwnerKind != inventory.Orphan:
		t.Errorf("%v -> %v: %q, %+v", x.From, x.To, x.OwnerKind, *x)
	}
}

// TestFilter: only what the filter selects is told.
func TestFilter(t *testing.T) {
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	expected := ways{}
	here := inodeOf(t, s.server)
	o := Options{NetNS: here, Filter: parse(t, "state time-wait sport = :8080"), Visit: visiting(w)}
	seen := watched(t, o, func() {
		for range 5 {
			client, server, from := s.open()
			s.finish(server, client)
			expected.expect(tuple{here, s.at, from}, closesFirst[2:])
			client, server, _ = s.open()
			s.finish(client, server)
		}
	})
	expected.check(t, seen)
}
