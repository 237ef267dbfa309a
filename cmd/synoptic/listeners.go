package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/sockdiag"
)

func newListenersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "listeners",
		Short: "Which ports are open, who opened them, and how full their queues are",
		Long: `Lists what listens on TCP: the program, from where it can be reached, both queues
against their limits, what sets the accept queue's limit (the program's listen()
or net.core.somaxconn), and how many SYNs and ACKs were refused so far.

A queue of 129/128 is full: the kernel takes one more than the limit.

Ports that NAT rules lead to a listener, here or in a container, are listed too
(needs CAP_NET_ADMIN).`,
		Example: `  synoptic listeners
  synoptic listeners -o jsonl | jq 'select(.scope == "all")'`,
		Args: noArguments,
	}
	way := addSourceFlag(cmd)
	everywhere := cmd.Flags().Bool("all-netns", false, "every network namespace of this host")
	format := addOutputFlag(cmd, "text", "json", "jsonl", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		reader := collect.NewReader(collect.Way(way.value))
		defer reader.Close()
		list, err := readListeners(cmd.Context(), notesOf(cmd), reader, *everywhere)
		if err != nil {
			return err
		}
		noteMissing(notesOf(cmd), reader, way)
		return buffered(cmd, func(w *bufio.Writer) error {
			return writeListeners(w, list, reader.Sources(), format.value, tableStyle(cmd))
		})
	}
	return cmd
}

func readListeners(ctx context.Context, notes notes, reader *collect.Reader, everywhere bool) (list []inventory.Listener, err error) {
	read := func(netns string) error {
		found, err := listenersHere(ctx, notes, reader, netns)
		list = append(list, withPublished(found, notes, netns)...)
		return err
	}
	if everywhere {
		return list, eachNamespace(notes, read)
	}
	identity, _ := kernel.Host.Identity() // an unknown namespace is shown empty
	err = read(identity.NetNS)
	return list, err
}

// listenersHere reads the listeners of the calling thread's namespace, and how
// many half-open connections wait in their queues.
func listenersHere(ctx context.Context, notes notes, reader *collect.Reader, netns string) ([]inventory.Listener, error) {
	shot, err := reader.Listeners(ctx)
	if err != nil {
		return nil, err
	}
	noteInterrupted(notes, sockdiag.Result{Interrupted: shot.Interrupted})
	wanted := map[uint32]bool{}
	for i := range shot.Sockets {
		wanted[shot.Sockets[i].Inode] = true
	}
	settings, _ := kernel.Host.Settings() // without them no limit can be blamed
	list := inventory.Listeners(shot.Sockets, readOwners(func(inode uint32) bool { return wanted[inode] }), settings)
	for i := range list {
		list[i].NetNS = netns
	}
	return list, nil
}

// withPublished adds what the firewall of the calling thread's namespace leads to
// listeners, here and elsewhere. Without connection tracking there is no NAT.
func withPublished(list []inventory.Listener, notes notes, netns string) []inventory.Listener {
	settings, _ := kernel.Host.Settings()
	if _, on := settings["net.netfilter.nf_conntrack_count"]; !on {
		return list
	}
	rules, _, err := kernel.Published()
	if err != nil {
		notes.say("ports that the firewall publishes are not listed: %v (needs CAP_NET_ADMIN)", err)
		return list
	}
	if len(rules) == 0 {
		return list
	}
	routes, _ := kernel.Routes() // without them loopback alone is known as ours
	ours := func(a netip.Addr) bool {
		return a.IsLoopback() || slices.ContainsFunc(routes, func(r host.Route) bool { return r.Type == "local" && r.Destination.Contains(a) })
	}
	list = inventory.Publish(list, rules, ours)
	for i := range list {
		list[i].NetNS = netns
	}
	return list
}

func writeListeners(w *bufio.Writer, list []inventory.Listener, sources []evidence.Source, format string, style text.Style) error {
	if list == nil {
		list = []inventory.Listener{}
	}
	for i := range list {
		if list[i].Owners == nil {
			list[i].Owners = []inventory.Owner{}
		}
	}
	switch format {
	case "jsonl":
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		for i := range list {
			if err := encoder.Encode(&list[i]); err != nil {
				return err
			}
		}
		return nil
	case "json", "yaml":
		return writeDocument(w, format, struct {
			Listeners []inventory.Listener `json:"listeners"`
			Sources   []evidence.Source    `json:"sources"`
		}{list, sources})
	default:
		return text.Listeners(w, list, style)
	}
}
