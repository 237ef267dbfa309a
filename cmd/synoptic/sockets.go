package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// socketFormats are the words after -o. Without one of them -o is ss's timers.
var socketFormats = []string{"text", "wide", "json", "jsonl", "csv"}

// socketFlags are those of ss that change what is shown. The others of
// "-tanpoiem" ask for what is shown anyway.
type socketFlags struct {
	listening, info, memory, extended, everywhere bool
	four, six, bare                               bool
}

func newSocketsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sockets [FILTER...]",
		Short: "The TCP sockets, who holds each, and which timer runs",
		Long: `Lists the TCP sockets of this network namespace with their owners. A socket
that no process holds says why: never-accepted, orphan, kernel (or a descriptor
in flight), or hidden (the owner belongs to another user; run as root).

FILTER is that of ss: "state X" and "exclude X" with a state in any spelling
(SYN-RECEIVED, syn-recv, SYN_RCVD, TimeWait) or a group (all, connected,
synchronized, bucket, big), then conditions on src, dst, sport, dport, dev,
fwmark, cgroup and autobound, joined by and, or, not and parentheses. The kernel
does the sorting where it can.

Short flags are those of ss. -t, -a, -n, -p and -o ask for what is shown anyway;
-l is listeners only, -e adds uid, inode and cookie, -i and -m add a line for
each socket. "-o WORD" is the output format.`,
		Example: `  synoptic sockets state close-wait
  synoptic sockets -tanp dport = :443 or sport = :https
  synoptic sockets 'state established ( src 10.0.0.0/8 and not dst 10.0.0.0/8 )' -o jsonl`,
		ValidArgsFunction: completeFilter,
	}
	var flags socketFlags
	format := newChoice("text", socketFormats...)
	addSocketFlags(cmd, &flags, format)
	way := addSourceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		sel, err := newSelection(args, flags.listening)
		if err != nil {
			return err
		}
		return buffered(cmd, func(w *bufio.Writer) error {
			d := &listing{ctx: cmd.Context(), selection: sel, flags: flags, notes: notesOf(cmd), reader: collect.NewReader(collect.Way(way.value))}
			defer d.reader.Close()
			defer noteMissing(d.notes, d.reader, way)
			return d.write(w, format.value, tableStyle(cmd))
		})
	}
	return cmd
}

func addSocketFlags(cmd *cobra.Command, flags *socketFlags, format *choice) {
	f := cmd.Flags()
	f.Var(format, "output", "output format, also -o WORD: "+strings.Join(socketFormats, ", "))
	complete(cmd, "output", socketFormats)
	f.BoolVarP(&flags.listening, "listening", "l", false, "listeners only")
	f.BoolVarP(&flags.info, "info", "i", false, "what tcp_info says of each")
	f.BoolVarP(&flags.memory, "memory", "m", false, "memory of each")
	f.BoolVarP(&flags.extended, "extended", "e", false, "uid, inode, cookie, mark and cgroup too")
	f.BoolVarP(&flags.four, "ipv4", "4", false, "IPv4 only")
	f.BoolVarP(&flags.six, "ipv6", "6", false, "IPv6 only")
	f.BoolVarP(&flags.bare, "no-header", "H", false, "no line of titles")
	f.BoolVar(&flags.everywhere, "all-netns", false, "every network namespace of this host")
	for _, shown := range []struct{ name, short, what string }{
		{"tcp", "t", "TCP"}, {"all", "a", "all states"}, {"numeric", "n", "numbers for ports"}, {"processes", "p", "owners"}, {"options", "o", "timers"},
	} {
		f.BoolP(shown.name, shown.short, true, shown.what+" (always)")
	}
}

// socketArguments lets -o be followed by a format, as everywhere else: in a
// cluster of ss's letters, or before anything else, it is a flag of ss.
func socketArguments(args []string) []string {
	verb := slices.Index(args, "sockets")
	if verb < 0 {
		return args
	}
	out := slices.Clone(args[:verb+1])
	for rest := args[verb+1:]; len(rest) > 0; rest = rest[1:] {
		word := rest[0]
		format, glued := strings.CutPrefix(word, "-o")
		format = strings.TrimPrefix(format, "=")
		switch {
		case word == "-o" && len(rest) > 1 && slices.Contains(socketFormats, rest[1]):
			out = append(out, "--output="+rest[1])
			rest = rest[1:]
		case glued && slices.Contains(socketFormats, format):
			out = append(out, "--output="+format)
		case word == "--":
			return append(out, rest...)
		default:
			out = append(out, word)
		}
	}
	return out
}

// listing is one reading of the sockets.
type listing struct {
	*selection
	ctx    context.Context
	flags  socketFlags
	notes  notes
	reader *collect.Reader
}

// write streams what scripts read; a table must know its widths first.
func (d *listing) write(w *bufio.Writer, format string, style text.Style) error {
	switch format {
	case "json":
		return d.writeArray(w)
	case "jsonl":
		var line []byte
		return d.each(func(r *socketRecord) error {
			line = append(r.appendJSON(line[:0]), '\n')
			_, err := w.Write(line)
			return err
		})
	case "csv":
		return d.writeCSV(w)
	}
	var rows []text.SocketRow
	holders, memory := text.NewHolders(style), text.NewMemoryLine(style)
	err := d.each(func(r *socketRecord) error {
		kept := *r.socket
		row := text.SocketRow{Socket: &kept, Fate: r.fate, Owner: holders.Name(r.owners, r.kind)}
		if d.flags.info && kept.HasInfo {
			row.Details = append(row.Details, text.Info(&kept))
		}
		if d.flags.memory && kept.HasMemory {
			row.Details = append(row.Details, memory.Of(&kept))
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return err
	}
	return text.Sockets(w, rows, text.SocketsAs{Wide: format == "wide" || d.flags.extended, Bare: d.flags.bare}, style)
}

// writeArray writes json's one document, {"sockets":[...],"sources":[...]}, one
// socket a line.
func (d *listing) writeArray(w *bufio.Writer) error {
	const opening = "{\"sockets\":[\n"
	separator := opening
	var line []byte
	err := d.each(func(r *socketRecord) error {
		_, _ = w.WriteString(separator) // a bufio.Writer keeps its error for Flush
		separator = ","
		line = append(r.appendJSON(line[:0]), '\n')
		_, err := w.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	if separator == opening {
		_, _ = w.WriteString(opening)
	}
	sources, err := json.Marshal(d.reader.Sources())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "],\"sources\":%s}\n", sources)
	return err
}

func (d *listing) writeCSV(w *bufio.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(socketColumns); err != nil {
		return err
	}
	err := d.each(func(r *socketRecord) error { return out.Write(r.cells()) })
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// each reads the sockets, of one namespace or of all.
func (d *listing) each(use func(*socketRecord) error) error {
	if !d.flags.everywhere {
		identity, _ := kernel.Host.Identity() // an unknown namespace is shown empty
		return d.eachHere(identity.NetNS, use)
	}
	return eachNamespace(d.notes, func(netns string) error { return d.eachHere(netns, use) })
}

// eachHere reads the sockets and joins their owners. The processes are read
// before the sockets, so that these can be streamed; a socket whose owner is
// not among them waits for a second reading, as it may have been opened since.
func (d *listing) eachHere(netns string, use func(*socketRecord) error) error {
	settings, _ := kernel.Host.Settings() // without them the kernel's defaults count
	maker := &recorder{owners: readOwners(nil), forecast: fate.NewForecast(settings), queues: d.queues, netns: netns}
	if kernel.Host.ManyFiles() { // then owners came from an iterator
		d.reader.Prepared()
	}
	options := sockdiag.Options{Info: d.flags.info, Memory: d.flags.memory}
	var late []host.Socket
	result, err := d.dump(d.ctx, d.reader, options, func(s *host.Socket) error {
		if d.otherFamily(s) {
			return nil
		}
		record := maker.record(s)
		if s.Inode != 0 && len(record.owners) == 0 {
			late = append(late, *s)
			return nil
		}
		return use(record)
	})
	if err != nil {
		return err
	}
	noteInterrupted(d.notes, result)
	return maker.eachLate(late, use)
}

// queues reads what the filter may hide. Without it the stay of half-open
// connections is foretold one by one.
func (d *listing) queues() []host.Socket {
	shot, err := sockdiag.Snapshot(d.ctx, sockdiag.Options{States: tcp.SetOf(tcp.Listen, tcp.SynReceived)})
	if err != nil {
		return nil
	}
	return shot.Sockets
}

func (d *listing) otherFamily(s *host.Socket) bool {
	return d.flags.four != d.flags.six && d.flags.four != s.Local.Addr().Is4()
}

func (m *recorder) eachLate(late []host.Socket, use func(*socketRecord) error) error {
	if len(late) == 0 {
		return nil
	}
	wanted := make(map[uint32]bool, len(late))
	for i := range late {
		wanted[late[i].Inode] = true
	}
	m.owners = readOwners(func(inode uint32) bool { return wanted[inode] })
	for i := range late {
		if err := use(m.record(&late[i])); err != nil {
			return err
		}
	}
	return nil
}

// readOwners finds owners: from the kernel's iterator where it is allowed, else
// from /proc. Where neither can be read, every owner is hidden.
func readOwners(wanted func(inode uint32) bool) *inventory.Owners {
	if found, err := heldByAll(wanted); err == nil {
		return inventory.NewOwners(found, false)
	}
	found, err := kernel.Host.Processes(wanted)
	return inventory.NewOwners(found, err != nil)
}

var errFewFiles = errors.New("few files are open")

// heldByAll asks the kernel's iterator, where that is worth it.
func heldByAll(wanted func(inode uint32) bool) (host.Processes, error) {
	if !kernel.Host.ManyFiles() {
		return host.Processes{}, errFewFiles
	}
	holders, err := live.OpenHolders()
	if err != nil {
		return host.Processes{}, err
	}
	defer holders.Close()
	owners, err := holders.Owners(wanted)
	if err != nil {
		return host.Processes{}, err
	}
	return kernel.Host.Held(owners)
}

// completeFilter offers what may come next.
func completeFilter(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const quiet = cobra.ShellCompDirectiveNoFileComp
	if len(args) == 0 || args[len(args)-1] != "state" && args[len(args)-1] != "exclude" {
		return []cobra.Completion{"state", "exclude", "src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound", "and", "or", "not"}, quiet
	}
	offered := []cobra.Completion{"all", "connected", "synchronized", "bucket", "big"}
	for _, s := range tcp.States() {
		offered = append(offered, s.String())
	}
	return offered, quiet
}
