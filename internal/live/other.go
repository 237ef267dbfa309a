//go:build !linux

package live

import (
	"errors"
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Holders reads nothing on this system.
type Holders struct{}

// OpenHolders fails on this system.
func OpenHolders() (*Holders, error) { return nil, errors.ErrUnsupported }

// Owners fails.
func (*Holders) Owners(func(inode uint32) bool) ([]host.Owner, error) {
	return nil, errors.ErrUnsupported
}

// Close does nothing.
func (*Holders) Close() error { return nil }

// Sockets reads nothing on this system.
type Sockets struct{}

// OpenSockets fails on this system.
func OpenSockets(SocketOptions) (*Sockets, error) { return nil, errors.ErrUnsupported }

// Each fails.
func (*Sockets) Each(func(*host.Socket) error) error { return errors.ErrUnsupported }

// Snapshot fails.
func (*Sockets) Snapshot(tcp.StateSet, int) (host.Snapshot, error) {
	return host.Snapshot{}, errors.ErrUnsupported
}

// Close does nothing.
func (*Sockets) Close() error { return nil }

// Counter counts nothing on this system.
type Counter struct{}

// OpenCounter fails on this system.
func OpenCounter() (*Counter, error) { return nil, errors.ErrUnsupported }

// OpenListenerCounter fails on this system.
func OpenListenerCounter() (*Counter, error) { return nil, errors.ErrUnsupported }

// Count fails.
func (*Counter) Count() (tcp.Counts, error) { return tcp.Counts{}, errors.ErrUnsupported }

// ByListener fails.
func (*Counter) ByListener() (map[netip.AddrPort]tcp.Counts, tcp.Counts, error) {
	return nil, tcp.Counts{}, errors.ErrUnsupported
}

// Close does nothing.
func (*Counter) Close() error { return nil }
