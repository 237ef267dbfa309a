//go:build !linux

package live

import (
	"errors"

	"github.com/synoptic-net/synoptic/host"
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
