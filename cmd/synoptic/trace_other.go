//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newTraceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "trace [FILTER...]",
		Short: "Every transition as it happens (Linux only)",
		RunE: func(*cobra.Command, []string) error {
			return errors.New("trace is told by the Linux kernel: run it on Linux")
		},
	}
}
