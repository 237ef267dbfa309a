package duel

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// Linux is the kernel's TCP in a network namespace of its own.
//
// Its methods must be called from one goroutine, which they tie to one
// processor from Begin to End: there the kernel handles whatever is sent at
// once, in order, so that the answer to a last segment, the mark, tells that all
// before it has been answered.
type Linux struct {
	look func(context.Context) (host.Snapshot, error)
	end  func(*host.Socket) error
	host *lab.Host
	wire *lab.PacketPeer

	listener int
	began    time.Time // the connections that are played now
	games    []kernelGame
	byPort   map[uint16]int // the peer's port
	port     uint16         // the last one used
	before   unix.CPUSet    // of the thread

	mu    sync.Mutex
	sent  map[uint16][]tcp.Packet
	pause bool // before the next mark
	marks chan tcp.Seq
	mark  tcp.Seq
}

type kernelGame struct {
	Sockets
	listens bool
	fd      int // -1: none
}

const (
	peerAddress  = "192.0.2.64"
	listenerPort = 1000
	markPort     = 1001 // nobody listens there
	firstPort    = 2000
)

// NewLinux makes the namespace. Look reads the sockets of the calling thread's
// namespace, end ends exactly one of them: by its ends alone the kernel would take
// the listener for a connection that has ended meanwhile.
func NewLinux(w *lab.World, look func(context.Context) (host.Snapshot, error), end func(*host.Socket) error) *Linux {
	k := &Linux{look: look, end: end, host: w.Host("kernel"), listener: -1, port: firstPort, sent: map[uint16][]tcp.Packet{}, marks: make(chan tcp.Seq, 16)}
	k.host.Set("net.ipv4.tcp_invalid_ratelimit", "0") // every segment is answered
	k.host.Set("net.ipv4.tcp_early_retrans", "0")     // nothing is sent again in the time of a game
	k.host.Set("net.ipv4.tcp_no_metrics_save", "1")   // no game knows of another one
	k.wire = k.host.PacketPeer(k.host.At("eth0", lab.ServerAddress+"/24"), []string{peerAddress + "/32"}, k.hear)
	k.host.AnswerAtOnce("eth0", peerAddress, 10*time.Second) // 3.5 times that and more, an orphan would be no minisocket
	return k
}

func (k *Linux) hear(p tcp.Packet) {
	port := p.Destination.Port()
	if port == markPort {
		select {
		case k.marks <- p.Segment.Ack:
		default:
		}
		return
	}
	p.Text = nil // good until we return
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent[port] = append(k.sent[port], p)
}

// socket makes a socket of the namespace, bound to the port.
func (k *Linux) socket(port uint16) (fd int, err error) {
	err = k.host.Do(func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
		return err
	})
	if err != nil {
		return -1, err
	}
	return fd, errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Bind(fd, &unix.SockaddrInet4{Port: int(port)}))
}

// Begin listens, and dials for the connections that connect.
func (k *Linux) Begin(_ context.Context, listens []bool) ([]Sockets, error) {
	if err := k.tie(); err != nil {
		return nil, err
	}
	if k.listener < 0 {
		var err error
		if k.listener, err = k.socket(listenerPort); err != nil {
			return nil, fmt.Errorf("duel: the kernel's listener: %w", err)
		}
		if err := unix.Listen(k.listener, 4096); err != nil {
			return nil, fmt.Errorf("duel: the kernel's listener: %w", err)
		}
	}
	k.began = time.Now()
	k.byPort, k.games = map[uint16]int{}, make([]kernelGame, len(listens))
	sockets := make([]Sockets, len(listens))
	for i := range listens {
		if k.port++; k.port < firstPort {
			k.port = firstPort
		}
		g := &k.games[i]
		*g = kernelGame{listens: listens[i], fd: -1, Sockets: Sockets{netip.AddrPortFrom(netip.MustParseAddr(lab.ServerAddress), listenerPort), netip.AddrPortFrom(netip.MustParseAddr(peerAddress), k.port)}}
		k.byPort[k.port] = i
		if !listens[i] {
			g.Local = netip.AddrPortFrom(g.Local.Addr(), k.port)
			if err := k.dial(g); err != nil {
				return nil, fmt.Errorf("duel: the kernel's connect(): %w", err)
			}
		}
		sockets[i] = g.Sockets
	}
	return sockets, nil
}

func (k *Linux) dial(g *kernelGame) (err error) {
	if g.fd, err = k.socket(g.Local.Port()); err != nil {
		return err
	}
	err = unix.Connect(g.fd, &unix.SockaddrInet4{Addr: g.Peer.Addr().As4(), Port: int(g.Peer.Port())})
	if err == unix.EINPROGRESS {
		return nil
	}
	return err
}

// tie keeps the goroutine on one processor.
func (k *Linux) tie() error {
	runtime.LockOSThread()
	if err := unix.SchedGetaffinity(0, &k.before); err != nil {
		return err
	}
	var one unix.CPUSet
	for cpu := range len(k.before) * 64 {
		if k.before.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	return unix.SchedSetaffinity(0, &one)
}

// Holds tells whether the program has a descriptor of the connection.
func (k *Linux) Holds(connection int) bool { return k.games[connection].fd >= 0 }

// Do sends a segment or makes a system call.
func (k *Linux) Do(connection int, call Call, segment tcp.Packet) error {
	g := &k.games[connection]
	switch call {
	case NoCall:
		return k.wire.Send(segment)
	case Write:
		_ = unix.Send(g.fd, []byte("hello"), unix.MSG_NOSIGNAL) // it may be over: so it is for our end
	case Shutdown:
		_ = unix.Shutdown(g.fd, unix.SHUT_WR)
	case Close:
		g.close()
	case Abort:
		g.abort()
	case Pause:
		k.pause = true
	}
	return nil
}

func (g *kernelGame) close() {
	unix.Close(g.fd)
	g.fd = -1
}

func (g *kernelGame) abort() {
	_ = unix.SetsockoptLinger(g.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	g.close()
}

// patience is how long the kernel may take for everything.
const patience = 5 * time.Second

// timely is when the kernel begins to send a SYN again, and a little less.
const timely = 900 * time.Millisecond

// hurry is longer than the shortest timer of the kernel, two of its clock ticks
// (TCP_TIMEOUT_MIN).
const hurry = 60 * time.Millisecond

// Settle waits for the mark, accepts and reads what there is, and looks.
func (k *Linux) Settle(ctx context.Context) ([]tcp.State, [][]tcp.Packet, error) {
	if k.pause {
		k.pause = false
		<-time.After(hurry)
	}
	if err := k.waitForMark(ctx); err != nil {
		return nil, nil, err
	}
	if time.Since(k.began) > timely {
		return nil, nil, ErrLate
	}
	k.accept()
	for i := range k.games {
		if k.games[i].fd >= 0 {
			drain(k.games[i].fd)
		}
	}
	states, err := k.states(ctx)
	if err != nil {
		return nil, nil, err
	}
	k.giveUp(states)
	k.mu.Lock()
	defer k.mu.Unlock()
	sent := make([][]tcp.Packet, len(k.games))
	for port, i := range k.byPort {
		sent[i] = k.sent[port]
	}
	clear(k.sent)
	return states, sent, nil
}

// giveUp closes the descriptors of connections that have no socket any more: a
// program could do nothing with them.
func (k *Linux) giveUp(states []tcp.State) {
	for i := range k.games {
		if g := &k.games[i]; g.fd >= 0 && (states[i] == tcp.Closed || states[i] == tcp.TimeWait) {
			g.close()
		}
	}
}

// waitForMark sends a SYN to a port where nobody listens and waits for the RST.
func (k *Linux) waitForMark(ctx context.Context) error {
	k.mark += 2
	mark := tcp.Packet{
		Source:      netip.AddrPortFrom(netip.MustParseAddr(peerAddress), markPort),
		Destination: netip.AddrPortFrom(netip.MustParseAddr(lab.ServerAddress), markPort),
		Segment:     tcp.Segment{Seq: k.mark, Flags: tcp.SYN, Window: 65535},
	}
	if err := k.wire.Send(mark); err != nil {
		return err
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case got := <-k.marks:
			if got == k.mark+1 {
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late.C:
			return fmt.Errorf("duel: the kernel did not answer within %v", patience)
		}
	}
}

// accept takes every connection out of the accept queue.
func (k *Linux) accept() {
	for {
		fd, from, err := unix.Accept4(k.listener, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		if err != nil {
			return
		}
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		peer, _ := from.(*unix.SockaddrInet4)
		i, known := -1, false
		if peer != nil {
			i, known = k.byPort[uint16(peer.Port)]
		}
		if !known {
			unix.Close(fd)
			continue
		}
		if k.games[i].fd >= 0 {
			unix.Close(k.games[i].fd) // of an earlier connection between the same sockets, which has ended
		}
		k.games[i].fd = fd
	}
}

// drain reads what there is.
func drain(fd int) {
	var buffer [512]byte
	for {
		if n, err := unix.Read(fd, buffer[:]); n <= 0 || err != nil {
			return
		}
	}
}

func (k *Linux) states(ctx context.Context) ([]tcp.State, error) {
	var seen host.Snapshot
	if err := k.host.Do(func() (err error) { seen, err = k.look(ctx); return err }); err != nil {
		return nil, err
	}
	states := make([]tcp.State, len(k.games))
	for i := range states {
		states[i] = tcp.Closed
	}
	for i := range seen.Sockets {
		s := &seen.Sockets[i]
		if at, ok := k.byPort[s.Remote.Port()]; ok && s.State != tcp.Listen {
			states[at] = s.State
		}
	}
	return states, nil
}

// End closes every socket and destroys what remains.
func (k *Linux) End() error {
	defer func() {
		_ = unix.SchedSetaffinity(0, &k.before) // as it was
		runtime.UnlockOSThread()
	}()
	for i := range k.games {
		if k.games[i].fd >= 0 {
			k.games[i].abort()
		}
	}
	err := k.host.Do(func() error {
		left, err := k.look(context.Background())
		for i := range left.Sockets {
			if s := &left.Sockets[i]; s.State != tcp.Listen {
				_ = k.end(s) // it may have ended meanwhile
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return k.waitForMark(context.Background())
}
