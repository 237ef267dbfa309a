package main

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/evidence"
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
		announce(errs, plan)
	}
}

// kindsOfProbe says what each kind sends, in the order in which it is told.
var kindsOfProbe = []struct {
	kind evidence.ProbeKind
	what string
}{
	{evidence.ProbeSegment, "an empty TCP segment on idle connections with"},
	{evidence.ProbeEcho, "an ICMP echo request to"},
	{evidence.ProbeConnect, "a new TCP connection, reset as soon as it stands, to"},
}

// announce says what will be sent to whom, at what rate, and what may come of it.
func announce(w io.Writer, plan []evidence.Probe) {
	fmt.Fprintf(w, "probing %s: at most 10 packets a second, and once more what stays silent (Ctrl-C stops it)\n", peersOf(plan))
	for _, k := range kindsOfProbe {
		if to := hostsOf(plan, k.kind); len(to) > 0 {
			fmt.Fprintf(w, "  %s\n    %s\n", k.what, strings.Join(to, "\n    "))
		}
	}
	if len(hostsOf(plan, evidence.ProbeSegment)) > 0 {
		fmt.Fprint(w, probeRisk)
	}
}

// hostsOf lists the hosts that are asked in one way, with the ports where ports
// matter.
func hostsOf(plan []evidence.Probe, kind evidence.ProbeKind) []string {
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
			list[i] += ", port" + ports[addr]
		}
	}
	return list
}

const probeRisk = `  hosts that leave their segments unanswered get an ICMP echo request too
  risk: a peer that has forgotten its connection answers RST, with a number that
  our kernel ignores; in one of many thousands it does not, and the connection,
  which was dead, ends
`

func peersOf(plan []evidence.Probe) string {
	known := map[netip.Addr]bool{}
	for _, p := range plan {
		known[p.Remote.Addr()] = true
	}
	if len(known) == 1 {
		return "1 host"
	}
	return fmt.Sprintf("%d hosts", len(known))
}
