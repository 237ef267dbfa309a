package bpf

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/ssfilter"
)

// closedPort is an address of the loopback on which nobody listens, and the
// filter of its connections.
func closedPort(t *testing.T) (netip.AddrPort, []byte) {
	t.Helper()
	l, code := listening(t)
	at := l.Addr().(*net.TCPAddr).AddrPort()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return at, code
}

// refused dials the address, which must answer with RST.
func refused(t *testing.T, at netip.AddrPort) {
	t.Helper()
	if c, err := net.Dial("tcp", at.String()); err == nil {
		_ = c.Close()
		t.Fatal("somebody listens")
	}
}

// TestMishapsOfARefusal: a SYN to a port where nobody listens is dropped for the
// lack of a socket, answered with a RST for the same reason, which comes to a
// socket in SYN-SENT and becomes its error. Each is told and counted once.
func TestMishapsOfARefusal(t *testing.T) {
	needRights(t)
	const times = 10
	at, code := closedPort(t)
	m, err := OpenMishaps(MishapOptions{Filter: code})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for range times {
		refused(t, at)
	}
	reasons, err := RunningReasons()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	if err := m.Read(time.Now().Add(100*time.Millisecond), func(x *Mishap) error {
		told[describe(reasons, x.Kind, x.Reason, x.State, x.Error, x.Way)]++
		if x.Kind == Drop && x.Flags == 2 && x.Local != at || x.Kind == SocketError && x.Remote != at {
			t.Errorf("%+v", x)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for want := range expectedOfARefusal {
		if told[want] != times {
			t.Errorf("%q was told %d times, not %d", want, told[want], times)
		}
	}
	counts, err := m.Counts()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]int{}
	for _, c := range counts {
		counted[describe(reasons, c.Kind, c.Reason, c.State, c.Error, c.Way)] += int(c.Count)
	}
	if fmt.Sprint(told) != fmt.Sprint(counted) {
		t.Errorf("told %v\ncounted %v", told, counted)
	}
	if losses, err := m.Losses(); err != nil || losses != (MishapLosses{}) || len(m.Blind) > 0 {
		t.Errorf("%+v, %v, %v", losses, err, m.Blind)
	}
	t.Log(told)
}

func describe(r *Reasons, kind MishapKind, reason uint32, state uint8, failed uint16, way Way) string {
	return fmt.Sprintf("%d %s state %d error %d way %d", kind, r.NameOf(kind, reason), state, failed, way)
}

var expectedOfARefusal = map[string]bool{
	fmt.Sprintf("%d NO_SOCKET state 0 error 0 way %d", Drop, Routed|Ours):        true,
	fmt.Sprintf("%d NO_SOCKET state 0 error 0 way 0", ResetSent):                 true,
	fmt.Sprintf("%d  state 2 error 0 way 0", ResetCame):                          true,
	fmt.Sprintf("%d  state 2 error %d way 0", SocketError, syscall.ECONNREFUSED): true,
}

// TestMishapsByState: with states only what meets a socket in one of them.
func TestMishapsByState(t *testing.T) {
	needRights(t)
	at, code := closedPort(t)
	const synSent = 2
	m, err := OpenMishaps(MishapOptions{Filter: code, States: 1 << synSent, Kinds: []MishapKind{ResetCame, ResetSent}, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	refused(t, at)
	counts, err := m.Counts()
	if err != nil || len(counts) != 1 || counts[0].Kind != ResetCame || counts[0].State != synSent || counts[0].Count != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
}

// TestMishapsAreBounded: what is too much to be told is counted nevertheless.
func TestMishapsAreBounded(t *testing.T) {
	needRights(t)
	const times = 50
	at, code := closedPort(t)
	m, err := OpenMishaps(MishapOptions{Filter: code, Kinds: []MishapKind{SocketError}, Most: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for range times {
		refused(t, at)
	}
	told := uint64(0)
	if err := m.Read(time.Now().Add(50*time.Millisecond), func(*Mishap) error { told++; return nil }); err != nil {
		t.Fatal(err)
	}
	losses, err := m.Losses()
	if err != nil || told == 0 || losses.LeftOut == 0 || told+losses.LeftOut != times {
		t.Errorf("%d told, %+v, %v", told, losses, err)
	}
	counts, err := m.Counts()
	if err != nil || len(counts) != 1 || counts[0].Count != times {
		t.Errorf("%+v, %v", counts, err)
	}
}

// TestMishapsAmongTransitions: both come in the order in which they happened: the
// RST, the error, the end.
func TestMishapsAmongTransitions(t *testing.T) {
	needRights(t)
	at, _ := closedPort(t)
	filter, err := ssfilter.Parse(fmt.Sprintf("dport = :%d", at.Port()), ssfilter.Names{})
	if err != nil {
		t.Fatal(err)
	}
	code, _ := filter.Bytecode()
	transitions, err := OpenTransitions(Options{Filter: code})
	if err != nil {
		t.Fatal(err)
	}
	defer transitions.Close()
	m, err := OpenMishaps(MishapOptions{Filter: code, Into: transitions, Kinds: []MishapKind{ResetCame, SocketError}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var order []string
	transitions.Mishap = func(x *Mishap) error { order = append(order, fmt.Sprint("mishap ", x.Kind)); return nil }
	refused(t, at)
	if err := transitions.Read(time.Now().Add(50*time.Millisecond), func(x *Transition) error {
		order = append(order, fmt.Sprint(x.From, "->", x.To))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := "[7->2 mishap 3 2->7 mishap 6]"; fmt.Sprint(order) != want {
		t.Errorf("%v, not %s", order, want)
	}
}
