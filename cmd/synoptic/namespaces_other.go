//go:build !linux

package main

import (
	"errors"
	"io"
)

func cgroupID(string) (uint64, bool) { return 0, false }

func eachNamespace(io.Writer, func(netns string) error) error {
	return errors.New("network namespaces are read on Linux only")
}
