package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func newSocketsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sockets [FILTER...]",
		Short: "The TCP sockets, who holds each, and which timer runs",
		Long: `Lists the TCP sockets of this network namespace with their owners. A socket
that no process holds says why: never-accepted, orphan, kernel (or a descriptor
in flight), or hidden (the owner belongs to another user; run as root).

FILTER is made of "state X" and "exclude X", in any number. X is a state in any
spelling (SYN-RECEIVED, syn-recv, SYN_RCVD, TimeWait), or one of ss's groups:
all, connected, synchronized, bucket, big.`,
		Example: `  synoptic sockets state close-wait
  synoptic sockets state connected exclude established -o jsonl`,
		ValidArgsFunction: completeFilter,
	}
	format := addOutputFlag(cmd, "text", "wide", "json", "jsonl", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		states, err := parseFilter(args)
		if err != nil {
			return err
		}
		return buffered(cmd, func(w *bufio.Writer) error {
			d := &dump{ctx: cmd.Context(), states: states, notes: cmd.ErrOrStderr()}
			return d.write(w, format.value, tableStyle(cmd))
		})
	}
	return cmd
}

// dump is one reading of the sockets.
type dump struct {
	ctx    context.Context
	states tcp.StateSet
	notes  io.Writer
}

// write streams what scripts read; a table must know its widths first.
func (d *dump) write(w *bufio.Writer, format string, style text.Style) error {
	switch format {
	case "json":
		return d.writeArray(w)
	case "jsonl":
		encoder := newLineEncoder(w)
		return d.each(func(_ *host.Socket, r *socketRecord) error { return encoder.Encode(r) })
	case "csv":
		return d.writeCSV(w)
	}
	var rows []text.SocketRow
	err := d.each(func(s *host.Socket, r *socketRecord) error {
		kept := *s
		rows = append(rows, text.SocketRow{Socket: &kept, Owner: r.holder()})
		return nil
	})
	if err != nil {
		return err
	}
	return text.Sockets(w, rows, format == "wide", style)
}

func newLineEncoder(w *bufio.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// writeArray writes json's one document, {"sockets":[...]}, one socket a line.
func (d *dump) writeArray(w *bufio.Writer) error {
	const opening = "{\"sockets\":[\n"
	encoder, separator := newLineEncoder(w), opening
	err := d.each(func(_ *host.Socket, r *socketRecord) error {
		_, _ = w.WriteString(separator) // a bufio.Writer keeps its error for Flush
		separator = ","
		return encoder.Encode(r)
	})
	if err != nil {
		return err
	}
	if separator == opening {
		_, _ = w.WriteString(opening)
	}
	_, err = w.WriteString("]}\n")
	return err
}

func (d *dump) writeCSV(w *bufio.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(socketColumns); err != nil {
		return err
	}
	err := d.each(func(_ *host.Socket, r *socketRecord) error { return out.Write(r.cells()) })
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// each reads the sockets and joins their owners. The processes are read before
// the sockets, so that these can be streamed; a socket whose owner is not
// among them waits for a second reading, as it may have been opened since.
func (d *dump) each(use func(*host.Socket, *socketRecord) error) error {
	identity, _ := kernel.Host.Identity() // an unknown namespace is shown empty
	before := processes(nil)
	before.settings, _ = kernel.Host.Settings() // without them the kernel's defaults count
	var late []host.Socket
	result, err := sockdiag.Dump(d.ctx, sockdiag.Options{States: d.states}, func(s *host.Socket) error {
		record := before.record(s, identity.NetNS)
		if s.Inode != 0 && len(record.Owners) == 0 {
			late = append(late, *s)
			return nil
		}
		return use(s, &record)
	})
	if err != nil {
		return err
	}
	noteInterrupted(d.notes, result)
	return eachLate(late, before.settings, identity.NetNS, use)
}

func eachLate(late []host.Socket, settings host.Settings, netns string, use func(*host.Socket, *socketRecord) error) error {
	if len(late) == 0 {
		return nil
	}
	wanted := make(map[uint32]bool, len(late))
	for i := range late {
		wanted[late[i].Inode] = true
	}
	after := processes(func(inode uint32) bool { return wanted[inode] })
	after.settings = settings
	for i := range late {
		record := after.record(&late[i], netns)
		if err := use(&late[i], &record); err != nil {
			return err
		}
	}
	return nil
}

// processes finds owners. Where /proc cannot be read, every owner is hidden.
func processes(wanted func(inode uint32) bool) *owners {
	found, err := kernel.Host.Processes(wanted)
	o := newOwners(found)
	o.hidden = o.hidden || err != nil
	return o
}

// completeFilter offers what may come next.
func completeFilter(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args)%2 == 0 {
		return []cobra.Completion{"state", "exclude"}, cobra.ShellCompDirectiveNoFileComp
	}
	offered := []cobra.Completion{"all", "connected", "synchronized", "bucket", "big"}
	for _, s := range tcp.States() {
		offered = append(offered, s.String())
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}
