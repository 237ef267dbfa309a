package sockdiag

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Ports name the scenes of the stage: one listener each.
const (
	portEstablished = 8001 + iota
	portUnaccepted
	portHalfClosed // FIN-WAIT-2 held, CLOSE-WAIT
	portOrphan     // FIN-WAIT-2 of an orphan
	portTimeWait
	portFull  // FIN-WAIT-1 behind a full window
	portDefer // SYN-RECEIVED: TCP_DEFER_ACCEPT and a silent client
	portDual  // IPv4 client of a dual-stack listener
	portSix   // IPv6
	portFiltered
)

var (
	loopback4 = netip.MustParseAddr("127.0.0.1")
	loopback6 = netip.IPv6Loopback()
)

// stage holds descriptors of sockets in many states.
type stage struct {
	*testing.T
	listeners map[uint16]int
}

func newStage(t *testing.T) *stage {
	return &stage{T: t, listeners: map[uint16]int{}}
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) listen(addr netip.Addr, port uint16) netip.AddrPort {
	s.Helper()
	at := netip.AddrPortFrom(addr, port)
	fd, err := listen(at, 16)
	s.must(err)
	s.listeners[port] = fd
	return at
}

func (s *stage) dial(to netip.AddrPort) int {
	s.Helper()
	fd, err := dial(to)
	s.must(err)
	return fd
}

func (s *stage) accept(port uint16) int {
	s.Helper()
	fd, _, err := syscall.Accept(s.listeners[port])
	s.must(err)
	return fd
}

// pair makes a connection that both ends hold.
func (s *stage) pair(port uint16) (client, server int) {
	s.Helper()
	client = s.dial(s.listen(loopback4, port))
	return client, s.accept(port)
}

func (s *stage) play() {
	client, _ := s.pair(portEstablished)
	_, err := syscall.Write(client, []byte("hello"))
	s.must(err)

	s.dial(s.listen(loopback4, portUnaccepted))

	client, _ = s.pair(portHalfClosed)
	s.must(syscall.Shutdown(client, syscall.SHUT_WR))

	client, _ = s.pair(portOrphan)
	s.must(syscall.Close(client))

	client, server := s.pair(portTimeWait)
	s.must(syscall.Close(client))
	s.eventually("FIN arrived", func() bool { return s.find(tcp.CloseWait, portTimeWait) != nil })
	s.must(syscall.Close(server))

	client, _ = s.pair(portFull)
	s.fill(client)
	s.must(syscall.Shutdown(client, syscall.SHUT_WR))

	at := s.listen(loopback4, portDefer)
	s.must(syscall.SetsockoptInt(s.listeners[portDefer], syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, 30))
	s.dial(at)

	s.listen(netip.IPv6Unspecified(), portDual)
	s.dial(netip.AddrPortFrom(loopback4, portDual))
	s.accept(portDual)

	s.dial(s.listen(loopback6, portSix))
	s.accept(portSix)

	s.synSent()
}

// fill writes until the peer's window and our buffer are full.
func (s *stage) fill(fd int) {
	s.must(syscall.SetNonblock(fd, true))
	block := make([]byte, 64<<10)
	for {
		_, err := syscall.Write(fd, block)
		if err == syscall.EAGAIN {
			return
		}
		s.must(err)
	}
}

// synSent dials a network that is routed to loopback, where nobody has the
// address, so that the SYN vanishes.
func (s *stage) synSent() {
	lo, err := netlink.LinkByName("lo")
	s.must(err)
	_, nowhere, err := net.ParseCIDR("192.0.2.0/24")
	s.must(err)
	s.must(netlink.RouteAdd(&netlink.Route{LinkIndex: lo.Attrs().Index, Dst: nowhere}))
	family, addr := sockaddr(netip.MustParseAddrPort(fmt.Sprintf("192.0.2.1:%d", portFiltered)))
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	s.must(err)
	if err := syscall.Connect(fd, addr); err != syscall.EINPROGRESS {
		s.Fatalf("connect to nowhere: %v", err)
	}
}

// eventually polls until the condition holds or 10 seconds are over.
func (s *stage) eventually(what string, holds func() bool) {
	s.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			s.Fatalf("waited in vain: %s", what)
		}
	}
}

func (s *stage) dump(o Options) []host.Socket {
	s.Helper()
	shot, err := Snapshot(context.Background(), o)
	s.must(err)
	return shot.Sockets
}

// find returns the socket in the state whose local or remote port is given.
func (s *stage) find(state tcp.State, port uint16) *host.Socket {
	s.Helper()
	for _, socket := range s.dump(Options{Info: true, Memory: true}) {
		if socket.State == state && (socket.Local.Port() == port || socket.Remote.Port() == port) {
			return &socket
		}
	}
	return nil
}
