package sockdiag

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrUnsupported is returned by Dump and Count where there is no sock_diag. It
// is also an errors.ErrUnsupported.
var ErrUnsupported = fmt.Errorf("%w on this system: sock_diag is an interface of the Linux kernel; read pasted netstat output, a capture or a recorded bundle", errors.ErrUnsupported)

// ParseError says where a message of the kernel stops making sense.
type ParseError struct {
	Offset int    // bytes from the start of the message or datagram
	What   string // what is wrong there
}

// Error says where and what.
func (e *ParseError) Error() string {
	return fmt.Sprintf("sock_diag message, byte %d: %s", e.Offset, e.What)
}

// KernelError is a refusal of the kernel, with advice. It wraps the errno.
type KernelError struct {
	Op    string // what was asked for, "dump of IPv4 and IPv6 TCP sockets"
	Errno syscall.Errno
}

// Error says what was refused and, where it is known, what to do.
func (e *KernelError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Op, e.Errno)
	if hint := advice[e.Errno]; hint != "" {
		text += " (" + hint + ")"
	}
	return text
}

// Unwrap returns the errno, so that errors.Is(err, syscall.EPERM) works.
func (e *KernelError) Unwrap() error { return e.Errno }

// Linux errno values, which other systems number differently.
const (
	errnoEPERM      = syscall.Errno(1)   // EPERM
	errnoENOENT     = syscall.Errno(2)   // ENOENT
	errnoEACCES     = syscall.Errno(13)  // EACCES
	errnoEINVAL     = syscall.Errno(22)  // EINVAL
	errnoNoProtocol = syscall.Errno(93)  // EPROTONOSUPPORT
	errnoNotSupp    = syscall.Errno(95)  // EOPNOTSUPP
	errnoNoFamily   = syscall.Errno(97)  // EAFNOSUPPORT
	errnoNoBuffers  = syscall.Errno(105) // ENOBUFS
)

var advice = map[syscall.Errno]string{
	errnoEPERM:      "a sandbox or the kernel forbids it; allow netlink sock_diag sockets in the seccomp profile, or run outside the sandbox",
	errnoEACCES:     "a security module forbids it; allow netlink_tcpdiag_socket to this program",
	errnoENOENT:     "the kernel has no TCP socket diagnosis; load it with: modprobe tcp_diag",
	errnoEINVAL:     "the kernel refused the request; its filter may be damaged, or the kernel older than 3.3",
	errnoNoProtocol: "the kernel was built without sock_diag (CONFIG_INET_DIAG)",
	errnoNoFamily:   "netlink sockets are not allowed here; systemd units need AF_NETLINK in RestrictAddressFamilies",
	errnoNoBuffers:  "the kernel lacked memory for the answer; try again",
}
