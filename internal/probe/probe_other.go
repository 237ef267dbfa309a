//go:build !linux

package probe

import (
	"context"

	"github.com/synoptic-net/synoptic/evidence"
)

// Run returns ErrUnsupported.
func Run(context.Context, []evidence.Probe) error { return ErrUnsupported }
