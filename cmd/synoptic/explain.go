package main

import (
	"bufio"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/articles"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/tcp"
)

func newExplainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [STATE | A->B | transitions | CAUSE | causes | myths]",
		Short: "What a state means, how one gets in and out, and why a pile of it grows",
		Long: `Explains a state of TCP, a change from one state to another, or the whole table
of transitions after RFC 9293, with what Linux makes of it. Without an argument
it lists the eleven states.

A cause is why a state piles up, by the code that "diagnose" names: background,
how it looks, what it is mistaken for, how to make it in the lab, how to fix it
and what not to do, and what would refute it. "causes" lists them by state.
"myths" is what is often written about all this and wrong, with what refutes it.

States are taken in every spelling: of the RFC, the kernel, ss, netstat,
node_exporter and OpenTelemetry. Quote an arrow, or leave it out.`,
		Example: `  synoptic explain CLOSE-WAIT
  synoptic explain syn_recv
  synoptic explain SYN-SENT ESTABLISHED
  synoptic explain 'FIN-WAIT-1->CLOSING'
  synoptic explain transitions -o json
  synoptic explain app-not-closing
  synoptic explain causes
  synoptic explain myths
  synoptic explain TIME-WAIT -o svg > time-wait.svg`,
		ValidArgsFunction: completeExplain,
	}
	format := addOutputFlag(cmd, "text", "json", "markdown", "svg", "dot", "mermaid")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if about, ok := articleOf(args); ok {
			return about.explain(cmd, format.value)
		}
		page, err := explain.ParseMachine(args...)
		if err != nil {
			return notExplained(args, err)
		}
		if format.value == "markdown" {
			return usagef("-o markdown is for causes; choose text, json, svg, dot or mermaid")
		}
		if picture := format.value != "text" && format.value != "json"; picture && page.Topic == explain.AboutMyths {
			return usagef("-o %s: myths have no picture; choose text or json", format.value)
		}
		page.Language = documentLanguage(cmd, format.value)
		page.Settings, _ = kernel.Host.Settings() // the kernel's defaults where there are none
		return buffered(cmd, func(w *bufio.Writer) error { return writeMachine(w, page, format.value) })
	}
	return cmd
}

func writeMachine(w io.Writer, page explain.Machine, format string) error {
	var text string
	switch format {
	case "json":
		return writeDocument(w, format, page.Document())
	case "svg":
		text = page.SVG()
	case "dot":
		text = page.DOT()
	case "mermaid":
		text = page.Mermaid()
	default:
		text = page.Text(terminalWidth())
	}
	_, err := fmt.Fprint(w, text)
	return err
}

// completeExplain offers the states, the second of an edge among them, the whole
// table, the causes and the myths.
func completeExplain(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	switch len(args) {
	case 0:
		for _, state := range tcp.States() {
			words = append(words, state.String())
		}
		words = append(words, explain.TransitionsWord, explain.MythsWord, articles.CausesWord)
		words = append(words, articles.Causes()...)
	case 1:
		for _, state := range explain.Exits(args[0]) {
			words = append(words, state.String())
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
