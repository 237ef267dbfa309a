package main

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

func probeFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("probe", false, "ask silent peers whether they live: sends a few packets, and says which before it does")
}

// checkProbe: only this network namespace is asked, once.
func checkProbe(given func(flag string) bool) error {
	for _, other := range []string{"bundle", "netstat", "all-netns", "watch"} {
		if given("probe") && given(other) {
			return usagef("--probe asks the peers of this network namespace, once: leave out --%s", other)
		}
	}
	return nil
}

// announcement is called with what will be sent; nil when nothing may be.
func announcement(cmd *cobra.Command, allowed bool) func([]evidence.Probe) {
	if !allowed {
		return nil
	}
	errs := cmd.ErrOrStderr()
	return func(plan []evidence.Probe) {
		if isTerminal(errs) {
			fmt.Fprint(errs, wipeLine)
		}
		announce(errs, plan, languageOf(cmd))
	}
}

// kindsOfProbe are the labels that say what each kind sends, in the order in which
// it is told.
var kindsOfProbe = []struct {
	kind evidence.ProbeKind
	what string
}{
	{evidence.ProbeSegment, "probe-segment"},
	{evidence.ProbeEcho, "probe-echo"},
	{evidence.ProbeConnect, "probe-connect"},
}

// announce says what will be sent to whom, at what rate, and what may come of it.
func announce(w io.Writer, plan []evidence.Probe, l explain.Language) {
	fmt.Fprintln(w, l.Say("probe-announce", peersOf(plan)))
	for _, k := range kindsOfProbe {
		if to := hostsOf(plan, k.kind, l); len(to) > 0 {
			fmt.Fprintf(w, "  %s\n    %s\n", l.Say(k.what), strings.Join(to, "\n    "))
		}
	}
	if len(hostsOf(plan, evidence.ProbeSegment, l)) == 0 {
		return
	}
	for _, id := range []string{"probe-also", "probe-risk"} {
		for _, line := range lines.Wrap(l.Say(id), min(terminalWidth(), defaultWidth)-2) {
			fmt.Fprintln(w, "  "+line)
		}
	}
}

// hostsOf lists the hosts that are asked in one way, with the ports where ports
// matter.
func hostsOf(plan []evidence.Probe, kind evidence.ProbeKind, l explain.Language) []string {
	ports := map[netip.Addr]string{}
	var order []netip.Addr
	for _, p := range plan {
		if p.Kind != kind {
			continue
		}
		addr := p.Remote.Addr()
		if _, known := ports[addr]; !known {
			order = append(order, addr)
		}
		ports[addr] += " " + strconv.Itoa(int(p.Remote.Port()))
	}
	list := make([]string, len(order))
	for i, addr := range order {
		list[i] = addr.String()
		if kind != evidence.ProbeEcho {
			list[i] = l.Say("probe-ports", list[i], ports[addr])
		}
	}
	return list
}

// peersOf counts the hosts that are asked.
func peersOf(plan []evidence.Probe) int {
	known := map[netip.Addr]bool{}
	for _, p := range plan {
		known[p.Remote.Addr()] = true
	}
	return len(known)
}
