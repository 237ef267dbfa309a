package sockdiag

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// bufferSize takes the largest datagram that the kernel makes for a dump: it
// looks at the size of the reader's buffer and stops at 32 KiB. One that fills
// the buffer was cut.
const bufferSize = 64 << 10

// walk asks for the sockets of both families and hands every message to visit.
// The old form of request covers both in one pass over the kernel's table,
// which saves a tenth of the time (more where there are few sockets); where it
// is refused each family is asked on its own.
func walk(ctx context.Context, o Options, visit func([]byte) error) (Result, error) {
	var result Result
	conn, err := open(o.NetNS)
	if err != nil {
		return result, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, conn.interrupt)
	defer stop()

	err = conn.dump(ctx, o.request(0), "dump of TCP sockets", &result, visit)
	if result.Sockets == 0 && refused(err) {
		err = walkFamilies(ctx, conn, o, &result, visit)
	}
	if ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		err = ctx.Err()
	}
	return result, err
}

func refused(err error) bool {
	return errors.Is(err, errnoENOENT) || errors.Is(err, errnoEINVAL) || errors.Is(err, errnoNotSupp)
}

// walkFamilies asks for one family after the other. A kernel without IPv6 says
// ENOENT to the second.
func walkFamilies(ctx context.Context, c *conn, o Options, result *Result, visit func([]byte) error) error {
	if err := c.dump(ctx, o.request(familyIPv4), "dump of IPv4 TCP sockets", result, visit); err != nil {
		return err
	}
	err := c.dump(ctx, o.request(familyIPv6), "dump of IPv6 TCP sockets", result, visit)
	if errors.Is(err, errnoENOENT) {
		return nil
	}
	return err
}

// conn is a sock_diag socket with its buffer.
type conn struct {
	*netlink.Conn
	raw    syscall.RawConn
	buffer []byte
}

func open(netns int) (*conn, error) {
	nl, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, &netlink.Config{NetNS: netns})
	if err != nil && netns != 0 {
		return nil, fmt.Errorf("open a sock_diag socket in another network namespace, which needs CAP_SYS_ADMIN: %w", err)
	}
	if err != nil {
		return nil, explain("open a sock_diag socket", err)
	}
	raw, err := nl.SyscallConn()
	if err != nil {
		nl.Close()
		return nil, err
	}
	return &conn{Conn: nl, raw: raw, buffer: make([]byte, bufferSize)}, nil
}

// explain adds advice to an errno.
func explain(op string, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return &KernelError{Op: op, Errno: errno}
	}
	return err
}

// interrupt ends a waiting read.
func (c *conn) interrupt() { c.SetReadDeadline(time.Unix(1, 0)) }

// dump sends one request and reads its answer to the end. A conn whose dump
// failed halfway is of no further use: the kernel is still busy with it.
func (c *conn) dump(ctx context.Context, r Request, op string, result *Result, visit func([]byte) error) error {
	kind, payload, err := r.Marshal()
	if err != nil {
		return err
	}
	sent, err := c.Send(netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(kind), Flags: netlink.Request | netlink.Dump},
		Data:   payload,
	})
	if err != nil {
		return explain(op, err)
	}
	result.Walks++
	s := &stream{op: op, kind: kind, seq: sent.Header.Sequence, result: result, visit: visit}
	return c.readAll(ctx, s)
}

// readAll reads datagrams until the stream is done. All of it runs inside one
// call of the poller, because the data of a dump is always ready.
func (c *conn) readAll(ctx context.Context, s *stream) error {
	var done bool
	var failure error
	step := func(fd uintptr) (stop bool) {
		for !done && failure == nil {
			if failure = ctx.Err(); failure != nil {
				break
			}
			n, err := unix.Read(int(fd), c.buffer)
			switch {
			case err == unix.EINTR:
			case err == unix.EAGAIN:
				return false
			case err != nil:
				failure = explain(s.op, err)
			case n == len(c.buffer):
				failure = &ParseError{Offset: n, What: "datagram is larger than the buffer"}
			default:
				done, failure = s.datagram(c.buffer[:n])
			}
		}
		return true
	}
	if err := c.raw.Read(step); err != nil {
		return err
	}
	return failure
}
