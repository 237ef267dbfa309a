package walk

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// The steps of this file are the system calls of the program under test. Every
// socket is non-blocking.

// option sets an option on a descriptor.
type option func(fd int) error

func with(level, name, value int) option {
	return func(fd int) error { return unix.SetsockoptInt(fd, level, name, value) }
}

// opened makes a socket that is bound to the local port. Only its making depends
// on the namespace.
func (p *play) opened(options ...option) (fd int, err error) {
	err = p.stage.host.Do(func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
		return err
	})
	if err != nil {
		return -1, err
	}
	for _, set := range append([]option{with(unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)}, options...) {
		if err := set(fd); err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("setsockopt(): %w", err)
		}
	}
	if err := unix.Bind(fd, sockaddr(p.local)); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("bind(): %w", err)
	}
	return fd, nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
}

// binds makes the listening socket and does not listen yet.
func binds(options ...option) step {
	return func(p *play) (err error) { p.listener, err = p.opened(options...); return err }
}

// listens makes the listener listen.
func listens(p *play) error { return failed("listen()", unix.Listen(p.listener, 16)) }

// connects sends a SYN from the local port.
func connects(options ...option) step {
	return func(p *play) (err error) {
		if p.fd, err = p.opened(options...); err != nil {
			return err
		}
		if err = unix.Connect(p.fd, sockaddr(p.remote)); err == unix.EINPROGRESS {
			return nil
		}
		return failed("connect()", err)
	}
}

func failed(call string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	return nil
}

// accepts takes the connection out of the accept queue.
func accepts(p *play) error {
	if err := poll(p.listener, unix.POLLIN, p.patience); err != nil {
		return failed("accept()", err)
	}
	fd, _, err := unix.Accept4(p.listener, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	if err != nil {
		return failed("accept()", err)
	}
	p.fd = fd
	return nil
}

// poll waits for events on a descriptor.
func poll(fd int, events int16, patience time.Duration) error {
	watched := []unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, err := unix.Poll(watched, int(patience.Milliseconds()))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return errors.New("nothing happened in time")
		default:
			return nil
		}
	}
}

// sets sets an option of the connection.
func sets(set option) step {
	return func(p *play) error { return failed("setsockopt()", set(p.fd)) }
}

// closes closes the connection's descriptor.
func closes(p *play) error { return closeFD(&p.fd) }

// closesListener closes the listener's descriptor.
func closesListener(p *play) error { return closeFD(&p.listener) }

func closeFD(fd *int) error {
	if *fd < 0 {
		return errNoSocket
	}
	err := unix.Close(*fd)
	*fd = -1
	return failed("close()", err)
}

// finishes is shutdown(SHUT_WR).
func finishes(p *play) error { return failed("shutdown()", unix.Shutdown(p.fd, unix.SHUT_WR)) }

// stopsListening is shutdown(SHUT_RD) on the listener.
func stopsListening(p *play) error {
	return failed("shutdown()", unix.Shutdown(p.listener, unix.SHUT_RD))
}

// aborts closes with SO_LINGER and no time to linger.
func aborts(p *play) error {
	if err := unix.SetsockoptLinger(p.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return failed("setsockopt()", err)
	}
	return closes(p)
}

// disconnects is connect() to no address: the socket goes back to where it was.
func disconnects(p *play) error {
	unspecified := make([]byte, unix.SizeofSockaddrInet4) // sa_family is AF_UNSPEC, zero
	return failed("connect(AF_UNSPEC)", rawConnect(p.fd, unspecified))
}

// writes sends a few octets.
func writes(p *play) error {
	_, err := unix.Write(p.fd, []byte("hello"))
	return failed("write()", err)
}

// fails checks what the kernel holds against the socket: SO_ERROR.
func fails(want unix.Errno) step {
	return func(p *play) error {
		if err := poll(p.fd, unix.POLLERR|unix.POLLHUP, p.patience); err != nil {
			return err
		}
		got, err := unix.GetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil || unix.Errno(got) != want {
			return fmt.Errorf("SO_ERROR is %q, not %q (%v)", unix.Errno(got).Error(), want.Error(), err)
		}
		return nil
	}
}

// connectsListener tries connect() on the listener, which the kernel refuses.
func connectsListener(p *play) error {
	if err := unix.Connect(p.listener, sockaddr(p.remote)); err != unix.EISCONN {
		return fmt.Errorf("connect() on a listener: %v, not %v", err, unix.EISCONN)
	}
	return nil
}

// holdsText waits until there is something to read, and leaves it.
func holdsText(p *play) error { return failed("poll()", poll(p.fd, unix.POLLIN, p.patience)) }

// readsText reads what there is.
func readsText(p *play) error {
	if err := holdsText(p); err != nil {
		return err
	}
	_, err := unix.Read(p.fd, make([]byte, 64))
	return failed("read()", err)
}

// keepsAlive asks the peer after a second, once.
func keepsAlive(p *play) error {
	for _, set := range []option{
		with(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 1), with(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 1),
		with(unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 1), with(unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1),
	} {
		if err := set(p.fd); err != nil {
			return failed("setsockopt()", err)
		}
	}
	return nil
}
