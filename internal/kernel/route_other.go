//go:build !linux

package kernel

import "github.com/synoptic-net/synoptic/host"

// Routes returns ErrUnsupported.
func Routes() ([]host.Route, error) { return nil, ErrUnsupported }

// Neighbours returns ErrUnsupported.
func Neighbours() ([]host.Neighbour, error) { return nil, ErrUnsupported }

// Firewall returns ErrUnsupported.
func Firewall() ([]host.FirewallChain, error) { return nil, ErrUnsupported }

// Conntrack returns ErrUnsupported.
func Conntrack(func(*host.Tracked) bool) ([]host.Tracked, error) { return nil, ErrUnsupported }
