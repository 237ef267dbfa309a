package main

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/text"
)

const defaultWidth = 80

// terminalWidth returns the columns of the terminal on standard output, else
// what COLUMNS says, else 80.
func terminalWidth() int {
	if width, _, err := term.GetSize(os.Stdout.Fd()); err == nil && width > 0 {
		return width
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return defaultWidth
}

// wantColor decides on colour for standard output: the flag first, then
// NO_COLOR (no-color.org), CLICOLOR_FORCE, and whether a terminal reads it.
func wantColor(flag string) bool {
	switch {
	case flag != "auto":
		return flag == "always"
	case os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		return true
	default:
		return os.Getenv("TERM") != "dumb" && term.IsTerminal(os.Stdout.Fd())
	}
}

// styleOf is how the output of a command should look.
func styleOf(cmd *cobra.Command) text.Style {
	return text.Style{Width: terminalWidth(), Color: wantColor(cmd.Flag("color").Value.String()), Language: languageOf(cmd)}
}

// tableStyle is styleOf for long tables: where no terminal reads them, no
// column is given up for width.
func tableStyle(cmd *cobra.Command) text.Style {
	style := styleOf(cmd)
	if !term.IsTerminal(os.Stdout.Fd()) {
		style.Width = 0
	}
	return style
}

// brokenPipe tells whether the reader of our output went away ("| head"),
// which is its right and needs no message.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
