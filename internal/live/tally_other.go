//go:build !linux

package live

import "errors"

// MishapTally adds up nothing on this system.
type MishapTally struct{}

// OpenMishapTally fails on this system.
func OpenMishapTally(uint32) (*MishapTally, error) { return nil, errors.ErrUnsupported }

// End fails.
func (*MishapTally) End() (Tallied, error) { return Tallied{}, errors.ErrUnsupported }
