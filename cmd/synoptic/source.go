package main

import (
	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/collect"
)

// addSourceFlag lets a person choose how the kernel is asked.
func addSourceFlag(cmd *cobra.Command) *choice {
	way := newChoice(string(collect.Quickest), collect.Ways()...)
	cmd.Flags().Var(way, "source", "how the kernel is asked, by `WORD`: iterator (BPF), netlink, or auto, the quicker one")
	complete(cmd, "source", collect.Ways())
	return way
}

// noteMissing says why the iterator that was asked for is not used.
func noteMissing(notes notes, reader *collect.Reader, way *choice) {
	if err := reader.Missing(); err != nil && way.value == string(collect.ByIterator) {
		notes.say("asked by netlink instead: %v", err)
	}
}
