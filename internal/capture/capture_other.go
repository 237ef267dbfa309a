//go:build !linux

package capture

import (
	"context"
	"errors"

	"github.com/synoptic-net/synoptic/packet"
)

// ErrSystem says that this system has no packet sockets.
var ErrSystem = errors.New("capture reads packet sockets, which only Linux has; read a file of tcpdump in place of it: synoptic read FILE")

// Capture is open interfaces. There are none on this system.
type Capture struct{}

// Open fails on this system.
func Open(Config) (*Capture, error) { return nil, ErrSystem }

// Close does nothing.
func (*Capture) Close() {}

// Interfaces is empty.
func (*Capture) Interfaces() []packet.Interface { return nil }

// InterfaceName is unknown.
func (*Capture) InterfaceName(uint32) string { return "" }

// Counts is zero.
func (*Capture) Counts(int) (Counts, error) { return Counts{}, ErrSystem }

// Each fails.
func (*Capture) Each(context.Context, func(*packet.Frame) error) error { return ErrSystem }

// Segments fails.
func (*Capture) Segments(context.Context, func(*packet.Frame, *packet.Segment) error) error {
	return ErrSystem
}
