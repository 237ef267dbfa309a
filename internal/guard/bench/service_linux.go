package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Negotiated is what TCP_INFO says of a connection's options.
type Negotiated struct {
	Options     uint8 // TCPI_OPT_*: timestamps 1, SACK 2, window scale 4, ECN 8
	SendScale   uint8 // 0 to 14
	OwnScale    uint8
	SendSegment uint32 // octets
}

// service answers one octet with one octet, and says what it negotiated.
type service struct {
	listener net.Listener
	served   sync.WaitGroup
	saw      func(Negotiated) // of each connection; nil: nobody asks
	once     bool             // it closes first, after one octet
}

// serve listens at the address in the server's namespace.
func (w *World) serve(at netip.AddrPort, saw func(Negotiated)) (*service, error) {
	s := &service{saw: saw}
	return s, s.begin(w, at)
}

// begin listens and accepts.
func (s *service) begin(w *World, at netip.AddrPort) error {
	if err := w.Server.Do(func() error { return s.listen(at) }); err != nil {
		return fmt.Errorf("bench: listen: %w", err)
	}
	s.served.Go(s.accept)
	return nil
}

// listen listens in the calling thread's namespace.
func (s *service) listen(at netip.AddrPort) (err error) {
	var plain net.ListenConfig
	plain.SetMultipathTCP(false) // as most servers are
	s.listener, err = plain.Listen(context.Background(), "tcp", at.String())
	return err
}

func (s *service) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.served.Go(func() { s.answer(c.(*net.TCPConn)) })
	}
}

// answer gives back what comes, to the end.
func (s *service) answer(c *net.TCPConn) {
	defer c.Close()
	if s.saw != nil {
		if n, err := negotiated(c); err == nil {
			s.saw(n)
		}
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if s.once {
		_, _ = io.CopyN(c, c, 1)
		return
	}
	_, _ = io.Copy(c, c)
}

func (s *service) close() {
	s.listener.Close()
	s.served.Wait()
}

// negotiated reads TCP_INFO: two of its fields are of four bits each.
func negotiated(c *net.TCPConn) (n Negotiated, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return n, err
	}
	var info [104]byte
	size := uint32(len(info))
	var failed unix.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_TCP, unix.TCP_INFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err != nil || failed != 0 {
		return n, errors.Join(err, failed)
	}
	const negotiated = 15 // bit 4 tells what was seen later
	n = Negotiated{Options: info[5] & negotiated, SendScale: info[6] & 15, OwnScale: info[6] >> 4, SendSegment: *(*uint32)(unsafe.Pointer(&info[16]))}
	return n, nil
}

// connection is one that a genuine client began: it does not wait for its own
// handshake.
type connection struct{ file *os.File }

// dial begins a connection from the client's namespace. Its handshake goes on by
// itself.
func (w *World) dial(to netip.AddrPort, from netip.AddrPort, options ...func(fd int) error) (connection, error) {
	var fd int
	err := w.Client.Do(func() (err error) {
		family := unix.AF_INET6
		if to.Addr().Is4() {
			family = unix.AF_INET
		}
		if fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		for _, set := range options {
			if err := set(fd); err != nil {
				return err
			}
		}
		if from.IsValid() {
			if err := errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1), unix.Bind(fd, sockaddr(from))); err != nil {
				return err
			}
		}
		err = unix.Connect(fd, sockaddr(to))
		if errors.Is(err, unix.EINPROGRESS) {
			return nil
		}
		return err
	})
	if err != nil {
		if fd > 0 {
			unix.Close(fd)
		}
		return connection{}, fmt.Errorf("bench: connect: %w", err)
	}
	return connection{os.NewFile(uintptr(fd), "client")}, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// ask sends one octet and waits for one.
func (c connection) ask(patience time.Duration) error {
	if err := c.file.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	octet := []byte{'?'}
	if _, err := c.file.Write(octet); err != nil {
		return err
	}
	_, err := io.ReadFull(c.file, octet)
	return err
}
