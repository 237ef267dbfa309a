//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// playActor matters on Linux only.
func playActor() {}

func newLabCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lab",
		Short: "Faults with a known cause, made on the real kernel (Linux only)",
		RunE: func(*cobra.Command, []string) error {
			return errors.New("the lab is made of Linux network namespaces: run it on Linux")
		},
	}
}
