package bpf

import (
	"errors"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// SocketOptions say which sockets are read, and how much of each.
type SocketOptions struct {
	States        uint32 // bit n: sockets in Linux's state n, where SYN_RECV stands for requests too; 0: all
	Details       bool   // with what tcp_info and sk_meminfo tell
	ListenersOnly bool   // nothing but listeners, without looking at any other socket
}

// Sockets reads all TCP sockets of a network namespace.
type Sockets struct {
	*iterator
	options SocketOptions
}

// OpenSockets loads the program. The error says what is missing.
func OpenSockets(o SocketOptions) (*Sockets, error) {
	size := sizeOfSocket
	if o.Details {
		size = sizeOfDetailed
	}
	it, err := openIterator(socketsObject, "sockets", size, o.set, SocketIterator, CookieInIterator)
	if err != nil {
		return nil, err
	}
	return &Sockets{it, o}, nil
}

// set chooses by what the program is told before it is loaded, so that the kernel
// leaves out what is not wanted.
func (o SocketOptions) set(spec *ebpf.CollectionSpec) error {
	if o.States == 0 {
		o.States = ^uint32(0)
	}
	return errors.Join(
		spec.Variables["only_states"].Set(o.States),
		spec.Variables["details"].Set(flag(o.Details)),
		spec.Variables["listeners_only"].Set(flag(o.ListenersOnly)))
}

func flag(on bool) uint8 {
	if on {
		return 1
	}
	return 0
}

// Each hands over the sockets of the calling thread's network namespace. Both
// are valid until use returns; details are nil unless they were asked for, and
// mean nothing for requests and minisockets.
func (s *Sockets) Each(use func(*Socket, *Details) error) error {
	err := s.each(func(record []byte) error { return use(socketIn(record), detailsIn(record)) })
	if s.options.ListenersOnly && errors.Is(err, unix.EAGAIN) {
		return nil // the first socket that does not listen
	}
	return err
}
