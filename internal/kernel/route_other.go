//go:build !linux

package kernel

import "github.com/synoptic-net/synoptic/host"

// Routes returns ErrUnsupported.
func Routes() ([]host.Route, error) { return nil, ErrUnsupported }

// Neighbours returns ErrUnsupported.
func Neighbours() ([]host.Neighbour, error) { return nil, ErrUnsupported }

// Conntrack returns ErrUnsupported.
func Conntrack(func(*host.Tracked) bool) ([]host.Tracked, error) { return nil, ErrUnsupported }

// Published returns ErrUnsupported.
func Published() ([]host.Published, int, error) { return nil, 0, ErrUnsupported }

// OldNATRules is false: there are none.
func (r Root) OldNATRules() bool { return false }
