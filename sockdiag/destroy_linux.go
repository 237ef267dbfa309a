package sockdiag

import (
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Destroy ends a socket of the network namespace of the calling thread, as ss -K
// does: its program gets ECONNABORTED, its peer a RST where the state calls for
// one (tcp_abort). It needs CAP_NET_ADMIN and a kernel with
// CONFIG_INET_DIAG_DESTROY. The error wraps ENOENT where the socket is gone
// already. A socket without a cookie is refused unless it listens: where it has
// ended meanwhile, the kernel would end the listener of its port in its place
// (inet_diag_find_one_icsk).
func Destroy(s *host.Socket) error {
	if s.Cookie == 0 && s.State != tcp.Listen {
		return fmt.Errorf("sockdiag: %v to %v has no cookie: another socket might be ended", s.Local, s.Remote)
	}
	conn, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		return fmt.Errorf("sockdiag: %w", err)
	}
	defer conn.Close()
	kind, payload := DestroyMessage(s)
	_, err = conn.Execute(netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(kind), Flags: netlink.Request | netlink.Acknowledge}, Data: payload,
	})
	if err != nil {
		return fmt.Errorf("sockdiag: end %v to %v: %w", s.Local, s.Remote, err)
	}
	return nil
}
