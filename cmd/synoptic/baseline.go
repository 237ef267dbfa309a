package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/kernel"
)

func newBaselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Write down which ports are open now, as what is expected",
		Long: `Writes the listeners of this network namespace as JSON, while all is well.
"synoptic diagnose --baseline FILE" then names every listener that is new, can be
reached by more than before, or belongs to another program.`,
		Example: `  synoptic baseline > baseline.json
  synoptic diagnose --baseline baseline.json`,
		Args: noArguments,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		reader := collect.NewReader(collect.Quickest)
		defer reader.Close()
		list, err := listenersHere(cmd.Context(), notesOf(cmd), reader, "")
		if err != nil {
			return err
		}
		identity, _ := kernel.Host.Identity() // an unknown host is shown empty
		return buffered(cmd, func(w *bufio.Writer) error {
			return writeDocument(w, "json", newBaseline(list, identity.Name, time.Now()))
		})
	}
	return cmd
}

// newBaseline keeps of each listener what does not change from one start of its
// program to the next.
func newBaseline(list []inventory.Listener, name string, now time.Time) *host.Baseline {
	b := &host.Baseline{Schema: host.BaselineSchema, Time: now.UTC().Truncate(time.Second), Host: name, Listeners: []host.KnownListener{}}
	for i := range list {
		known := host.KnownListener{Local: list[i].Local, UID: list[i].UID}
		if len(list[i].Owners) > 0 {
			known.Name, known.Exe = list[i].Owners[0].Name, list[i].Owners[0].Exe
		}
		b.Listeners = append(b.Listeners, known)
	}
	return b
}

// readBaseline reads what is expected from a file.
func readBaseline(path string) (*host.Baseline, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var b host.Baseline
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("%s is no baseline: %w", path, err)
	}
	if b.Schema != host.BaselineSchema {
		return nil, fmt.Errorf("%s is no baseline: its schema is %q, not %q", path, b.Schema, host.BaselineSchema)
	}
	return &b, nil
}
