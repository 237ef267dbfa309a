//go:build !linux

package probe

import (
	"context"

	"github.com/synoptic-net/synoptic/evidence"
)

// Allowed returns ErrUnsupported.
func Allowed() error { return ErrUnsupported }

// Run returns ErrUnsupported.
func Run(context.Context, []evidence.Probe) error { return ErrUnsupported }
