package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/lab/walk"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// witness reads the sockets by both ways and compares them: netlink, the
// iterator, netlink again. A socket that both readings by netlink show alike must
// be shown so by the iterator; a time must lie between.
type witness struct {
	sockets, plain *Sockets
	counter        *Counter
	mu             sync.Mutex
	compared       map[host.Kind]map[tcp.State]int
	families       map[bool]int   // by whether it is IPv4
	requests       map[uint16]int // by port of the listener
	waits          map[uint16]int // minisockets, by local port
	counted        int
	wrong          []string
	busy           uint16 // port of a listener whose queue is never still, and then nothing is counted
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	sockets, err := OpenSockets(SocketOptions{Details: true})
	var missing *bpf.Missing
	if errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
		t.Skip(err)
	}
	plain, err2 := OpenSockets(SocketOptions{})
	counter, err3 := OpenCounter()
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(sockets.Close(), plain.Close(), counter.Close()); err != nil {
			t.Error(err)
		}
	})
	return &witness{sockets: sockets, plain: plain, counter: counter, families: map[bool]int{},
		requests: map[uint16]int{}, waits: map[uint16]int{},
		compared: map[host.Kind]map[tcp.State]int{host.Full: {}, host.Request: {}, host.TimeWaitKind: {}}}
}

// look compares the sockets of the calling thread's network namespace, and
// returns those that netlink shows.
func (w *witness) look(ctx context.Context) (host.Snapshot, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bound, err := sockdiag.Snapshot(ctx, sockdiag.Options{BoundInactive: true})
	before, err1 := sockdiag.Snapshot(ctx, sockdiag.Options{Info: true, Memory: true})
	seen, err2 := w.sockets.Snapshot(tcp.AllStates, 0)
	seenPlain, err3 := w.plain.Snapshot(tcp.AllStates, 0)
	counts, err4 := w.counter.Count()
	after, err5 := sockdiag.Snapshot(ctx, sockdiag.Options{Info: true, Memory: true})
	if err := errors.Join(err, err1, err2, err3, err4, err5); err != nil {
		return bound, err
	}
	w.compare(before, seen, after, false)
	w.compare(before, seenPlain, after, true)
	if a := before.Count(); w.busy == 0 && a == after.Count() && a == seen.Count() && sameSockets(before, after) {
		if w.counted++; counts != a {
			w.wrong = append(w.wrong, fmt.Sprintf("counted in the kernel %v, by netlink %v", counts, a))
		}
	}
	return bound, nil
}

// sameSockets tells whether nothing came or went or changed its state.
func sameSockets(a, b host.Snapshot) bool {
	states := byCookie(a)
	for i := range b.Sockets {
		if was := states[b.Sockets[i].Cookie]; was == nil || was.State != b.Sockets[i].State {
			return false
		}
	}
	return len(a.Sockets) == len(b.Sockets)
}

func byCookie(shot host.Snapshot) map[uint64]*host.Socket {
	all := make(map[uint64]*host.Socket, len(shot.Sockets))
	for i := range shot.Sockets {
		all[shot.Sockets[i].Cookie] = &shot.Sockets[i]
	}
	return all
}

func (w *witness) compare(before, seen, after host.Snapshot, plain bool) {
	first, last, found := byCookie(before), byCookie(after), byCookie(seen)
	for cookie, a := range first {
		b := last[cookie]
		if b == nil || !alike(*a, *b) {
			continue // it came, went or changed meanwhile
		}
		s := found[cookie]
		if s == nil {
			w.wrong = append(w.wrong, fmt.Sprintf("the iterator misses %+v", *a))
			continue
		}
		if plain {
			s.HasInfo, s.HasMemory, s.Info, s.Memory = a.HasInfo, a.HasMemory, a.Info, a.Memory
		} else {
			w.compared[a.Kind][a.State]++
			w.families[a.Local.Addr().Is4()]++
			switch a.Kind {
			case host.Request:
				w.requests[a.Local.Port()]++
			case host.TimeWaitKind:
				w.waits[a.Local.Port()]++
			}
		}
		if a.State == tcp.Listen && a.Local.Port() == w.busy {
			s.RecvQueue, s.Info.Unacked = a.RecvQueue, a.Info.Unacked
		}
		for _, field := range differences("", reflect.ValueOf(*a), reflect.ValueOf(*s), reflect.ValueOf(*b)) {
			w.wrong = append(w.wrong, fmt.Sprintf("%v %v %v to %v: %s", a.State, a.Kind, a.Local, a.Remote, field))
		}
	}
	for cookie, s := range found {
		if a, b := first[cookie], last[cookie]; a == nil && b == nil && s.Kind == host.Full && s.Inode != 0 && s.State == tcp.Listen {
			w.wrong = append(w.wrong, fmt.Sprintf("netlink misses %+v", *s))
		}
	}
}

// alike compares all but times.
func alike(a, b host.Socket) bool {
	return len(differences("", reflect.ValueOf(a), reflect.ValueOf(b), reflect.ValueOf(a), timeless)) == 0
}

const timeless = true

// slack is how much a time may be off: the clocks of the kernel advance in ticks.
const slack = 15 * time.Millisecond

// differences compares field by field: a time must lie between the first and the
// last reading, all else be equal to the first.
func differences(name string, first, mid, last reflect.Value, ignoringTimes ...bool) (all []string) {
	switch {
	case name == ".Inner":
		return nil // netlink does not tell
	case first.Kind() == reflect.Struct && first.NumField() > 0 && first.Type().PkgPath() == reflect.TypeFor[host.Socket]().PkgPath():
		for i := range first.NumField() {
			all = append(all, differences(name+"."+first.Type().Field(i).Name, first.Field(i), mid.Field(i), last.Field(i), ignoringTimes...)...)
		}
	case first.Type() == reflect.TypeFor[time.Duration]():
		a, m, b := first.Int(), mid.Int(), last.Int()
		if len(ignoringTimes) == 0 && (m < min(a, b)-int64(slack) || m > max(a, b)+int64(slack)) {
			all = append(all, fmt.Sprintf("%s is %v, by netlink %v and then %v", name, mid, first, last))
		}
	case first.Interface() != mid.Interface():
		all = append(all, fmt.Sprintf("%s is %v, by netlink %v", name, mid, first))
	}
	return all
}

func (w *witness) report(t *testing.T) {
	t.Helper()
	for i, text := range w.wrong {
		if i == 10 {
			t.Errorf("and %d more", len(w.wrong)-i)
			break
		}
		t.Error(text)
	}
	t.Logf("compared %v, %v, %d times counted", w.compared, w.families, w.counted)
}

// TestWalkByBothWays: whatever state the kernel is led into, the iterator shows
// of each socket what netlink shows.
func TestWalkByBothWays(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the walk takes ten seconds")
	}
	w := newWitness(t)
	if _, err := walk.Run(t.Context(), walk.Options{Look: w.look}); err != nil {
		t.Error(err)
	}
	w.report(t)
	for _, s := range tcp.States() {
		if s != tcp.Closed && s != tcp.TimeWait && w.compared[host.Full][s] == 0 {
			t.Errorf("no socket in %v was compared", s)
		}
	}
	for _, s := range []tcp.State{tcp.TimeWait, tcp.FinWait2} {
		if w.compared[host.TimeWaitKind][s] == 0 {
			t.Errorf("no minisocket in %v was compared", s)
		}
	}
	if w.compared[host.Request][tcp.SynReceived] == 0 || w.counted == 0 {
		t.Error("no request was compared, or nothing counted")
	}
}

// multipath opens a listener as Go programs do, by MPTCP where the kernel has it,
// which closes what it accepts: TIME-WAIT stays with it.
func (w *witness) multipath(t *testing.T, p lab.Pair) {
	t.Helper()
	var listener net.Listener
	if err := p.Server.Do(func() (err error) {
		listener, err = net.Listen("tcp", lab.ServerAddress+":82")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	reader := p.Client.Program("reader")
	reader.Dial(lab.ServerAddress+":82", 20)
	reader.Hear()
	reader.CloseAll()
}

// TestChurnByBothWays: while connections come and go, of both families, those
// that stay are shown alike.
func TestChurnByBothWays(t *testing.T) {
	w := newWitness(t)
	w.busy = 80
	world := lab.NewWorld(t.Context())
	defer world.Close()
	p := world.Pair()
	p.Client.Set("net.ipv4.tcp_max_tw_buckets", "300")
	p.Server.Set("net.ipv4.tcp_max_tw_buckets", "300")
	web, held := p.Server.Program("web"), p.Server.Program("held")
	web.Listen("[::]:80", 128, actor.ServeAnswers)
	held.Listen(lab.ServerAddress+":81", 128, actor.ServeHold)
	held.Listen("["+lab.ServerAddress6+"]:81", 128, actor.ServeHold)
	clients := p.Client.Program("clients")
	clients.Dial(lab.ServerAddress+":81", 100)
	clients.Dial("["+lab.ServerAddress6+"]:81", 100)
	p.Client.Program("asking").Ask(lab.ServerAddress+":80", 10, 2*time.Millisecond)
	p.Client.Program("asking6").Ask("["+lab.ServerAddress6+"]:80", 10, 2*time.Millisecond)
	p.Server.Route("11.0.0.0/8", lab.ClientAddress)
	p.Client.Program("attacker").Flood(lab.ServerAddress+":80", "11.0.0.0/8", 100)
	p.Client.Program("another").Flood(lab.ServerAddress+":82", "11.0.0.0/8", 100)
	w.multipath(t, p)
	if world.Err() != nil {
		t.Fatal(world.Err())
	}
	for range 40 {
		for _, h := range world.Hosts() {
			if err := h.Do(func() error { _, err := w.look(t.Context()); return err }); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.report(t)
	if w.requests[82] == 0 || w.waits[82] == 0 {
		t.Errorf("no request or minisocket of an MPTCP listener was compared: %v, %v", w.requests, w.waits)
	}
	if w.families[true] == 0 || w.families[false] == 0 || w.compared[host.Request][tcp.SynReceived] == 0 ||
		w.compared[host.TimeWaitKind][tcp.TimeWait] == 0 || w.compared[host.Full][tcp.Established] < 5_000 {
		t.Error("there was too little to compare")
	}
}
