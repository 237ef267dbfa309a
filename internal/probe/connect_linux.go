package probe

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/evidence"
)

// connect asks by a new connection to the same port. It is reset when it is
// closed, so that it leaves no TIME-WAIT here.
type connect struct {
	fd    int
	probe *evidence.Probe
}

func newConnect(p *evidence.Probe) (asker, error) {
	fd, err := openSocket(unix.SOCK_STREAM, unix.IPPROTO_TCP, withoutPort(p.Local), p.Remote)
	if err != nil {
		return nil, err
	}
	abort := unix.Linger{Onoff: 1}
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &abort); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &connect{fd: fd, probe: p}, nil
}

func (c *connect) descriptor() (fd int, events int16) { return c.fd, unix.POLLOUT }

// ask sends the SYN; the kernel repeats it by itself after a second.
func (c *connect) ask(try int) error {
	if try > 0 {
		return nil
	}
	if err := unix.Connect(c.fd, socketAddress(c.probe.Remote)); !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	return nil
}

func (c *connect) hear() evidence.ProbeAnswer {
	code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return evidence.AnswerNone
	case code == 0:
		return evidence.AnswerAccepted
	case unix.Errno(code) == unix.ECONNREFUSED || unix.Errno(code) == unix.ECONNRESET:
		return evidence.AnswerReset
	default:
		return evidence.AnswerUnreachable
	}
}
