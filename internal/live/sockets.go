package live

import "github.com/synoptic-net/synoptic/tcp"

// SocketOptions say which sockets the iterator reads, and how much of each.
type SocketOptions struct {
	States  tcp.StateSet // 0 is all; LISTEN alone is read without a look at any other socket
	Details bool         // fill Socket.Info and Socket.Memory
}
