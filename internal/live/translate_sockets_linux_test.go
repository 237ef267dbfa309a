package live

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestTicks: jiffies of a kernel with 250 and one with 300 a second, as sock_diag
// gives them.
func TestTicks(t *testing.T) {
	for _, c := range []struct {
		tick time.Duration
		n    int64
		in   time.Duration
		want time.Duration
	}{
		{4 * time.Millisecond, 51, time.Millisecond, 204 * time.Millisecond},
		{4 * time.Millisecond, 0, time.Microsecond, 0},
		{3333333 * time.Nanosecond, 3, time.Millisecond, 9 * time.Millisecond},
		{3333333 * time.Nanosecond, 3, time.Microsecond, 9999 * time.Microsecond},
	} {
		if got := (&Sockets{tick: c.tick}).ticks(c.n, c.in); got != c.want {
			t.Errorf("%d ticks of %v are %v, not %v", c.n, c.tick, got, c.want)
		}
	}
}

// TestTranslate: the fields that depend on the kind of the object.
func TestTranslate(t *testing.T) {
	const synRecv, finWait2, listen, established = 3, 5, 10, 1
	for _, c := range []struct {
		name  string
		in    bpf.Socket
		state tcp.State
		kind  host.Kind
		inner *host.Inner
	}{
		{"request", bpf.Socket{State: synRecv, Kind: bpf.RequestSocket, Timeouts: 2, Acked: 1}, tcp.SynReceived, host.Request, &host.Inner{Timeouts: 2, Acked: true}},
		{"request of which nothing is to be told", bpf.Socket{State: synRecv, Kind: bpf.RequestSocket}, tcp.SynReceived, host.Request, &host.Inner{}},
		{"minisocket", bpf.Socket{State: finWait2, Kind: bpf.TimeWaitSocket}, tcp.FinWait2, host.TimeWaitKind, nil},
		{"listener", bpf.Socket{State: listen, SynQueue: 5, Young: 1, DeferAccept: 3}, tcp.Listen, host.Full, &host.Inner{SynQueue: 5, Young: 1, DeferAccept: 3}},
		{"full", bpf.Socket{State: established, RemotePort: 80}, tcp.Established, host.Full, nil},
		{"with a user timeout", bpf.Socket{State: established, UserTimeout: 1500}, tcp.Established, host.Full, &host.Inner{UserTimeout: 1500 * time.Millisecond}},
		{"of a kind and a state that nobody knows", bpf.Socket{State: 200, Kind: 9}, tcp.Unknown, host.Full, nil},
	} {
		var out host.Socket
		(&Sockets{tick: time.Millisecond}).translate(&out, &c.in)
		if out.State != c.state || out.Kind != c.kind || (out.Inner == nil) != (c.inner == nil) || out.Inner != nil && *out.Inner != *c.inner {
			t.Errorf("%s: %+v", c.name, out)
		}
		if out.Remote.IsValid() != (c.in.RemotePort != 0) || out.HasShutdown != (c.kind == host.Full) {
			t.Errorf("%s: %+v", c.name, out)
		}
	}
}
