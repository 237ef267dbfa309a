// Package sockdiag reads TCP sockets from the Linux kernel through netlink
// sock_diag, the interface behind ss. Parsing builds on every system; Dump and
// Count work on Linux and return ErrUnsupported elsewhere.
//
// The names of kernel structures and constants are those of
// include/uapi/linux/inet_diag.h, sock_diag.h and tcp.h.
package sockdiag
