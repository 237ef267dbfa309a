package ssfilter

import (
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestMain(m *testing.M) {
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "tests against the kernel are left out:", err)
		canEnter = false
	}
	os.Exit(m.Run())
}

var canEnter = true

// Ports of the world's listeners; all below the ephemeral range.
const (
	portSilent = 8100 // its SYN-ACKs are answered into the void
	portDead   = 8101 // SYNs to it vanish
)

// world is a namespace with sockets of many kinds on its loopback.
type world struct {
	*testing.T
	*lab.Namespace
	held []interface{ Close() }
}

func newWorld(t *testing.T) *world {
	if !canEnter {
		t.Skip("no private network namespace here")
	}
	n, err := lab.NewNamespace("filters")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, Namespace: n}
	t.Cleanup(w.end)
	w.must(w.Address("lo", "10.1.2.3/32"))
	w.must(w.Address("lo", "2001:db8::1/128"))
	w.must(w.Add(lab.Drop{Hook: lab.Inbound, DestinationPort: portDead}))
	w.must(w.Add(lab.Drop{Hook: lab.Inbound, DestinationPort: portSilent, Flags: 0x10, Mask: 0x12})) // ACK without SYN
	w.populate()
	return w
}

func (w *world) end() {
	for _, s := range w.held {
		s.Close()
	}
	w.Close()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) listen(at string) *lab.Socket {
	s, err := w.Listen(at, 16)
	w.must(err)
	w.held = append(w.held, s)
	return s
}

// connect makes a connection whose ends are both held.
func (w *world) connect(listener *lab.Socket, to string) (client, server *lab.Socket) {
	client, err := w.Dial(to)
	w.must(err)
	server, err = listener.Accept()
	w.must(err)
	w.held = append(w.held, client, server)
	return client, server
}

func (w *world) start(to string) {
	s, err := w.Start(to)
	w.must(err)
	w.held = append(w.held, s)
}

func (w *world) populate() {
	for i, at := range []string{
		"127.0.0.1:8001", "127.0.0.2:8002", "0.0.0.0:8003", "10.1.2.3:8004", "[::1]:8005", "[::]:8006", "[2001:db8::1]:8007", "[::ffff:127.0.0.1]:8008",
	} {
		to := []string{at, at, "10.1.2.3:8003", at, at, "127.0.0.1:8006", at, "127.0.0.1:8008"}[i]
		listener := w.listen(at)
		w.connect(listener, to)
		client, _ := w.connect(listener, to)
		w.must(client.FinishSending()) // FIN-WAIT-2 and CLOSE-WAIT
		w.timeWait(listener, to)
		if at == "[::]:8006" {
			w.connect(listener, "[::1]:8006")
			w.connect(listener, "[2001:db8::1]:8006")
		}
	}
	w.listen(fmt.Sprintf("127.0.0.1:%d", portSilent))
	for range 3 {
		w.start(fmt.Sprintf("127.0.0.1:%d", portSilent))
		w.start(fmt.Sprintf("127.0.0.1:%d", portDead))
		w.start(fmt.Sprintf("[::1]:%d", portDead))
	}
	w.special("127.0.0.1:8201", "lo", 0)
	w.special("127.0.0.1:8202", "", 0x1)
	w.special("127.0.0.1:8203", "lo", 0x101)
	w.settle()
}

// timeWait leaves a minisocket behind. The client may close only when the FIN
// of the server came, or both ends would wait.
func (w *world) timeWait(listener *lab.Socket, to string) {
	client, server := w.connect(listener, to)
	server.Close()
	n, err := client.Read(make([]byte, 1))
	w.must(err)
	if n != 0 {
		w.Fatal("data from nowhere")
	}
	client.Close()
}

// special opens a listener that is bound to a device or carries a mark.
func (w *world) special(at, device string, mark int) {
	fd := -1
	w.must(w.Do(func() (err error) {
		if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		if device != "" {
			if err := unix.BindToDevice(fd, device); err != nil {
				return err
			}
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, mark); err != nil {
			return err
		}
		where := netip.MustParseAddrPort(at)
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: where.Addr().As4(), Port: int(where.Port())}); err != nil {
			return err
		}
		return unix.Listen(fd, 16)
	}))
	w.held = append(w.held, descriptor(fd))
}

type descriptor int

func (d descriptor) Close() { unix.Close(int(d)) }

// settle waits until no socket moves any more.
func (w *world) settle() {
	want := tcp.Counts{
		tcp.Listen: 12, tcp.Established: 20 + 3, tcp.FinWait2: 8, tcp.CloseWait: 8, tcp.TimeWait: 8, tcp.SynSent: 6, tcp.SynReceived: 3,
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for {
		var got tcp.Counts
		for _, s := range w.dump(sockdiag.Options{}) {
			got[s.State]++
		}
		if got == want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			w.Fatalf("the world has %v, want %v", got, want)
		}
	}
}

func (w *world) dump(o sockdiag.Options) (sockets []host.Socket) {
	w.Helper()
	w.must(w.Do(func() error {
		_, err := sockdiag.Dump(w.Context(), o, func(s *host.Socket) error {
			sockets = append(sockets, *s)
			return nil
		})
		return err
	}))
	return sockets
}
