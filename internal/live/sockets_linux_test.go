package live

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// allowed skips where programs may not be loaded, and fails on any other error.
func allowed(t *testing.T, err error) {
	t.Helper()
	var missing *bpf.Missing
	if errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// inside runs look in a host's network namespace.
func inside(t *testing.T, h *lab.Host, look func() error) {
	t.Helper()
	if err := h.Do(look); err != nil {
		t.Fatal(err)
	}
}

// TestListenersOnly: the listeners come, with their queues, and nothing else,
// however often they are read.
func TestListenersOnly(t *testing.T) {
	listeners, err := OpenSockets(SocketOptions{States: tcp.SetOf(tcp.Listen), Details: true})
	allowed(t, err)
	defer listeners.Close()
	w := lab.NewWorld(t.Context())
	defer w.Close()
	p := w.Pair()
	inside(t, p.Server, func() error {
		none, err := listeners.Snapshot(tcp.SetOf(tcp.Listen), 0)
		if len(none.Sockets) != 0 {
			t.Errorf("%d listeners where nobody listens", len(none.Sockets))
		}
		return err
	})
	web := p.Server.Program("web")
	web.Listen("[::]:80", 7, actor.ServeNothing)
	web.Listen(lab.ServerAddress+":81", 9, actor.ServeHold)
	p.Client.Program("clients").Dial(lab.ServerAddress+":80", 5)
	p.Client.Program("others").Dial(lab.ServerAddress+":81", 50)
	w.Wait("five that wait", func() (bool, string) {
		var got []string
		inside(t, p.Server, func() error {
			return listeners.Each(func(s *host.Socket) error {
				got = append(got, fmt.Sprintf("%v %v %d/%d", s.State, s.Local, s.RecvQueue, s.SendQueue))
				return nil
			})
		})
		slices.Sort(got)
		return slices.Equal(got, []string{"LISTEN 192.0.2.2:81 0/9", "LISTEN [::]:80 5/7"}), fmt.Sprint(got)
	})
	if err := w.Err(); err != nil {
		t.Error(err)
	}
}

// TestCountByListener: what is counted in the kernel is what is counted of a dump:
// listeners of one address, of all, of both families and of one, and what was
// dialled.
func TestCountByListener(t *testing.T) {
	counter, err := OpenListenerCounter()
	allowed(t, err)
	defer counter.Close()
	w := lab.NewWorld(t.Context())
	defer w.Close()
	p := w.Pair()
	web, far := p.Server.Program("web"), p.Client.Program("far")
	for i, at := range []string{"0.0.0.0:80", "[::]:81", lab.ServerAddress + ":82", "[" + lab.ServerAddress6 + "]:83", "127.0.0.1:82"} {
		web.Listen(at, 100+i, actor.ServeHold)
	}
	far.Listen("0.0.0.0:90", 100, actor.ServeHold)
	clients := p.Client.Program("clients")
	for i, to := range []string{lab.ServerAddress + ":80", lab.ServerAddress + ":81", "[" + lab.ServerAddress6 + "]:81", lab.ServerAddress + ":82", "[" + lab.ServerAddress6 + "]:83"} {
		clients.Dial(to, 3+i)
	}
	web.Dial(lab.ClientAddress+":90", 4)
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	for _, h := range w.Hosts() {
		for range 2 { // the second count begins anew
			inside(t, h, func() error {
				listeners, others, err := counter.ByListener()
				shot, err2 := sockdiag.Snapshot(t.Context(), sockdiag.Options{})
				grouping := inventory.NewGrouping(inventory.ByListener, shot.Sockets, nil)
				grouping.Add(shot.Sockets, "")
				if got, want := inventory.ListenerGroups(listeners, others), grouping.Groups(); !slices.Equal(got, want) || len(want) < 2 {
					t.Errorf("counted in the kernel %v\nof a dump %v", got, want)
				}
				return errors.Join(err, err2)
			})
		}
	}
}

// TestInner: what sock_diag does not tell. The figures are those of docs/kernel-facts.md.
func TestInner(t *testing.T) {
	sockets, err := OpenSockets(SocketOptions{})
	allowed(t, err)
	defer sockets.Close()
	w := lab.NewWorld(t.Context())
	defer w.Close()
	p := w.Pair()
	web := p.Server.Program("web")
	web.Do(actor.Order{Do: "listen", At: lab.ServerAddress + ":80", Backlog: 128, Defer: 3 * time.Second, Group: "all"})
	web.Listen(lab.ServerAddress+":81", 128, actor.ServeNothing)
	p.Client.Route("11.0.0.0/8", lab.ServerAddress) // what answers forged SYNs goes nowhere
	p.Client.Program("silent").Dial(lab.ServerAddress+":80", 5)
	attacker := p.Client.Program("attacker")
	attacker.Flood(lab.ServerAddress+":81", "11.0.0.0/8", 100)
	expired := func(s *host.Socket) bool { return s.Inner != nil && s.Inner.Timeouts > 0 }
	w.Wait("requests whose timer expired", func() (bool, string) {
		seen := map[uint16]int{}
		inside(t, p.Server, func() error {
			return sockets.Each(func(s *host.Socket) error {
				if s.Kind == host.Request && expired(s) {
					seen[s.Local.Port()]++
				}
				return nil
			})
		})
		return seen[80] == 5 && seen[81] > 5, fmt.Sprint(seen)
	})
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	var shot host.Snapshot
	inside(t, p.Server, func() (err error) { shot, err = sockets.Snapshot(tcp.AllStates, 0); return err })
	checkInner(t, shot.Sockets)
}

func checkInner(t *testing.T, sockets []host.Socket) {
	t.Helper()
	listeners, half := map[uint16]host.Inner{}, map[netip.AddrPort]int{}
	for i := range sockets {
		s := &sockets[i]
		switch {
		case s.State == tcp.Listen:
			listeners[s.Local.Port()] = *s.Inner
		case s.Kind != host.Request:
		case s.Local.Port() == 80:
			if half[s.Local]++; !s.Inner.Acked || s.Retransmits != 0 {
				t.Errorf("deferred: %d sent again, %+v", s.Retransmits, *s.Inner)
			}
		default:
			if half[s.Local]++; s.Inner.Acked || s.Retransmits != s.Inner.Timeouts {
				t.Errorf("flooded: %d sent again, %+v", s.Retransmits, *s.Inner)
			}
		}
	}
	for at, n := range half {
		if d := int(listeners[at.Port()].SynQueue) - n; d < -5 || d > 5 { // the flood goes on meanwhile
			t.Errorf("%v: %d half-open connections, and %+v", at, n, listeners[at.Port()])
		}
	}
	if listeners[80].DeferAccept == 0 || listeners[81].DeferAccept != 0 || listeners[80].Young != 0 || listeners[81].Young == 0 {
		t.Errorf("%+v", listeners)
	}
}
