//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newGuardCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "guard",
		Short: "The defence against SYN floods (Linux only)",
		RunE: func(*cobra.Command, []string) error {
			return errors.New("the guard is made of Linux's XDP: run it on Linux")
		},
	}
}
