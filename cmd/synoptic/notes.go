package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// notes is where a person is told what stands beside the answer: standard error,
// in the language of text. Each is a format that internal/explain/phrases_*.go has.
type notes struct {
	to io.Writer
	in explain.Language
}

func notesOf(cmd *cobra.Command) notes { return notes{cmd.ErrOrStderr(), languageOf(cmd)} }

// say writes a note, behind the name of the program.
func (n notes) say(format string, args ...any) {
	fmt.Fprintf(n.to, "synoptic: %s\n", n.in.Phrase(fmt.Sprintf(format, args...)))
}
