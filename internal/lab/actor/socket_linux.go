package actor

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Socket is a TCP socket as system calls see it. Actors use the calls
// themselves: Go's net package would choose backlogs, keepalives and
// retries of its own.
//
// Close may only be called when no other goroutine is inside a call on the
// socket: the number of a closed descriptor is given to the next one opened.
// Stop wakes them first.
type Socket struct {
	fd     int
	mu     sync.Mutex
	closed bool
}

// dialPatience is how long Dial waits for an answer.
const dialPatience = 5 * time.Second

// Listen opens a listening socket in the caller's network namespace, with
// exactly the given backlog.
func Listen(at string, backlog int) (*Socket, error) {
	return listen(Order{At: at, Backlog: backlog})
}

func listen(o Order) (*Socket, error) {
	address, err := netip.ParseAddrPort(o.At)
	if err != nil {
		return nil, err
	}
	fd, err := open(address, 0)
	if err != nil {
		return nil, err
	}
	s := &Socket{fd: fd}
	if err := s.listen(address, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Socket) listen(address netip.AddrPort, o Order) error {
	if !o.Exactly {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	if o.Defer > 0 {
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, int(o.Defer.Seconds())); err != nil {
			return err
		}
	}
	if err := unix.Bind(s.fd, sockaddr(address)); err != nil {
		return err
	}
	return unix.Listen(s.fd, o.Backlog)
}

// Dial opens a connection and waits until it is established, five seconds at
// most.
func Dial(to string) (*Socket, error) { return dial(Order{To: to}, 0) }

// Start sends a SYN and does not wait for what becomes of it. A source, if
// given, is one of the namespace's own addresses, with a port or without.
func Start(source, to string) (*Socket, error) {
	return dial(Order{From: source, To: to}, unix.SOCK_NONBLOCK)
}

func dial(o Order, flags int) (*Socket, error) {
	address, err := netip.ParseAddrPort(o.To)
	if err != nil {
		return nil, err
	}
	fd, err := open(address, flags)
	if err != nil {
		return nil, err
	}
	s := &Socket{fd: fd}
	if err := s.dial(o, address); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Socket) dial(o Order, to netip.AddrPort) error {
	if o.From != "" {
		if err := s.bind(o); err != nil {
			return err
		}
	}
	return s.connect(to)
}

func (s *Socket) bind(o Order) error {
	from, err := netip.ParseAddrPort(o.From)
	if err != nil {
		address, err := netip.ParseAddr(o.From)
		if err != nil {
			return err
		}
		from = netip.AddrPortFrom(address, 0)
	}
	if !o.Exactly {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	return unix.Bind(s.fd, sockaddr(from))
}

// connect waits a few seconds at most, where the kernel would for two minutes.
func (s *Socket) connect(address netip.AddrPort) error {
	patience := unix.NsecToTimeval(dialPatience.Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &patience); err != nil {
		return err
	}
	err := unix.Connect(s.fd, sockaddr(address))
	if errors.Is(err, unix.EINTR) { // by a signal of the runtime; the handshake goes on
		err = s.connected(dialPatience)
	}
	if err != nil {
		return err
	}
	return unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{})
}

// connected waits for a handshake that has begun, and says how it ended.
func (s *Socket) connected(patience time.Duration) error {
	wanted := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}
	for until := time.Now().Add(patience); ; {
		n, err := unix.Poll(wanted, max(int(time.Until(until).Milliseconds()), 0))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		case n == 0:
			return unix.EINPROGRESS
		default:
			code, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
			if err == nil && code != 0 {
				err = unix.Errno(code)
			}
			return err
		}
	}
}

func open(address netip.AddrPort, flags int) (int, error) {
	family := unix.AF_INET
	if address.Addr().Is6() {
		family = unix.AF_INET6
	}
	return unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|flags, unix.IPPROTO_TCP)
}

func sockaddr(address netip.AddrPort) unix.Sockaddr {
	if address.Addr().Is6() {
		return &unix.SockaddrInet6{Addr: address.Addr().As16(), Port: int(address.Port())}
	}
	return &unix.SockaddrInet4{Addr: address.Addr().As4(), Port: int(address.Port())}
}

// Accept takes one connection out of the accept queue, waiting for it.
func (s *Socket) Accept() (*Socket, error) {
	for {
		fd, _, err := unix.Accept4(s.fd, unix.SOCK_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		return &Socket{fd: fd}, err
	}
}

// Write sends bytes; on a full buffer it waits.
func (s *Socket) Write(data []byte) error {
	_, err := unix.Write(s.fd, data)
	return err
}

// Read takes what is there, waiting for at least a byte or the end (0).
func (s *Socket) Read(into []byte) (int, error) { return unix.Read(s.fd, into) }

// FinishSending is shutdown(SHUT_WR): half-close.
func (s *Socket) FinishSending() error { return unix.Shutdown(s.fd, unix.SHUT_WR) }

// Buffers fixes the sizes of both buffers, in bytes, before data flows.
func (s *Socket) Buffers(size int) error {
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size); err != nil {
		return err
	}
	return unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, size)
}

// NonBlocking makes reads and writes return at once.
func (s *Socket) NonBlocking() error { return unix.SetNonblock(s.fd, true) }

// Linger fixes how long FIN-WAIT-2 may last after Close, in seconds.
func (s *Socket) Linger(seconds int) error {
	return unix.SetsockoptInt(s.fd, unix.IPPROTO_TCP, unix.TCP_LINGER2, seconds)
}

// Keepalive switches probes on: first after idle, then every interval, count
// of them.
func (s *Socket) Keepalive(idle, interval time.Duration, count int) error {
	for option, value := range map[int]int{
		unix.TCP_KEEPIDLE: int(idle.Seconds()), unix.TCP_KEEPINTVL: int(interval.Seconds()), unix.TCP_KEEPCNT: count,
	} {
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_TCP, option, value); err != nil {
			return err
		}
	}
	return unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
}

// Port returns the local port.
func (s *Socket) Port() uint16 {
	name, _ := unix.Getsockname(s.fd)
	return portOf(name)
}

// PeerPort returns the port of the other end, 0 when there is none.
func (s *Socket) PeerPort() uint16 {
	name, _ := unix.Getpeername(s.fd)
	return portOf(name)
}

func portOf(name unix.Sockaddr) uint16 {
	switch at := name.(type) {
	case *unix.SockaddrInet4:
		return uint16(at.Port)
	case *unix.SockaddrInet6:
		return uint16(at.Port)
	}
	return 0
}

// Abort closes the descriptor and tells the peer with a RST.
func (s *Socket) Abort() {
	s.mu.Lock()
	if !s.closed {
		unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	s.mu.Unlock()
	s.Close()
}

// Close closes the descriptor. A second call does nothing.
func (s *Socket) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		unix.Close(s.fd)
	}
}

// Stop ends both directions, or the listening, and so wakes every thread that
// waits on the socket; the descriptor stays open.
func (s *Socket) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		unix.Shutdown(s.fd, unix.SHUT_RDWR)
	}
}
