//go:build !linux

package sockdiag

import "context"

func walk(context.Context, Options, func([]byte) error) (Result, error) {
	return Result{}, ErrUnsupported
}
