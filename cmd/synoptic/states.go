package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func newStatesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "states",
		Short: "How many sockets are in each TCP state, now",
		Long: `Counts the TCP sockets of this network namespace, IPv4 and IPv6, by state.
Half-open connections count as SYN-RECEIVED, although netstat and ss hide some.`,
		Args: noArguments,
	}
	format := addOutputFlag(cmd, "text", "json", "jsonl", "csv", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		counts, result, err := sockdiag.Count(cmd.Context(), sockdiag.Options{})
		if err != nil {
			return err
		}
		noteInterrupted(cmd.ErrOrStderr(), result)
		return buffered(cmd, func(w *bufio.Writer) error { return writeStates(w, counts, format.value, styleOf(cmd)) })
	}
	return cmd
}

// noteInterrupted says that the kernel could not keep its table still.
func noteInterrupted(w io.Writer, result sockdiag.Result) {
	if result.Interrupted {
		fmt.Fprintln(w, "synoptic: the table changed while it was read: some sockets may be missing or doubled")
	}
}

func writeStates(w *bufio.Writer, counts tcp.Counts, format string, style text.Style) error {
	switch format {
	case "jsonl":
		return writeStateLines(w, counts)
	case "csv":
		return writeStatesCSV(w, counts)
	case "json", "yaml":
		return writeDocument(w, format, struct {
			States explain.States `json:"states"`
		}{explain.States(counts)})
	default:
		return text.States(w, counts, style)
	}
}

func writeStateLines(w *bufio.Writer, counts tcp.Counts) error {
	encoder := json.NewEncoder(w)
	for _, s := range tcp.States() {
		err := encoder.Encode(struct {
			State tcp.State `json:"state"`
			Count uint64    `json:"count"`
		}{s, counts[s]})
		if err != nil {
			return err
		}
	}
	return nil
}

func writeStatesCSV(w *bufio.Writer, counts tcp.Counts) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"state", "count"}) // csv.Writer keeps the first error for Error
	for _, s := range tcp.States() {
		_ = out.Write([]string{s.String(), strconv.FormatUint(counts[s], 10)})
	}
	out.Flush()
	return out.Error()
}
