package probe

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// openSocket makes a socket between two addresses that hears nobody else. Ports
// matter to TCP sockets alone.
func openSocket(kind, protocol int, local, remote netip.AddrPort) (fd int, err error) {
	family := unix.AF_INET6
	if remote.Addr().Unmap().Is4() {
		family = unix.AF_INET
	}
	fd, err = unix.Socket(family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return -1, err
	}
	if err = unix.Bind(fd, socketAddress(local)); err == nil && kind == unix.SOCK_RAW {
		err = unix.Connect(fd, socketAddress(remote))
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func socketAddress(at netip.AddrPort) unix.Sockaddr {
	if a := at.Addr().Unmap(); a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(at.Port())}
	}
	return &unix.SockaddrInet6{Addr: at.Addr().As16(), Port: int(at.Port())}
}

// withoutPort is the address as raw sockets want it.
func withoutPort(at netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(at.Addr(), 0) }

// payload cuts off the IPv4 header, which raw sockets of IPv4 hand out and those
// of IPv6 do not; nil when nothing remains.
func payload(b []byte, v4 bool) []byte {
	if !v4 {
		return b
	}
	if len(b) < 20 || len(b) < int(b[0]&15)*4 {
		return nil
	}
	return b[int(b[0]&15)*4:]
}
