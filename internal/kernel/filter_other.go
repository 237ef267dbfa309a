//go:build !linux

package kernel

import (
	"errors"

	"github.com/synoptic-net/synoptic/host"
)

// Filter reads the rules of the packet filter on Linux only.
func (r Root) Filter() ([]host.FilterRule, error) {
	return nil, errors.New("the packet filter is read on Linux only")
}
