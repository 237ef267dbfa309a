package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value string
	words []string
}

func newChoice(value string, words ...string) *choice { return &choice{value: value, words: words} }

func (c *choice) String() string { return c.value }

// Type is the name of the value in the help.
func (c *choice) Type() string { return "WORD" }

// Set refuses words that are not offered.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("choose one of %s", strings.Trim(strings.Join(c.words, ", "), ", ")) // no word is a choice, and shows as none
	}
	c.value = word
	return nil
}

// addOutputFlag registers -o with the formats that a verb has; the first one
// is the default.
func addOutputFlag(cmd *cobra.Command, formats ...string) *choice {
	format := newChoice(formats[0], formats...)
	cmd.Flags().VarP(format, "output", "o", "output format: "+strings.Join(formats, ", "))
	complete(cmd, "output", formats)
	return format
}

// complete offers the words of a flag to the shell.
func complete(cmd *cobra.Command, flag string, words []string) {
	// The only error is a flag completed twice, a mistake that a test meets.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// writeDocument writes one value as json (one document) or yaml.
func writeDocument(w io.Writer, format string, value any) error {
	if format == "yaml" {
		return writeYAML(w, value)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// writeYAML goes by way of JSON, so that both have the same names and order.
func writeYAML(w io.Writer, value any) error {
	var document bytes.Buffer
	if err := writeDocument(&document, "json", value); err != nil {
		return err
	}
	converted, err := yaml.JSONToYAML(document.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(converted)
	return err
}

// buffered runs write on a buffered standard output. A full disk behind it is
// a failure that must be heard, so the flush counts.
func buffered(cmd *cobra.Command, write func(w *bufio.Writer) error) error {
	w := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
	err := write(w)
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	return err
}
