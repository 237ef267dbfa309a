package main

import (
	"fmt"
	"io"
	"net/netip"
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
	{evidence.ProbeSegment, "an empty TCP segment of its idle connection to"},
	{evidence.ProbeEcho, "an ICMP echo request to the host of"},
	{evidence.ProbeConnect, "a new TCP connection, reset as soon as it stands, to"},
}

// announce says what will be sent to whom, at what rate, and what may come of it.
func announce(w io.Writer, plan []evidence.Probe) {
	fmt.Fprintf(w, "probing %s, at most 10 packets a second, what stays silent once more (Ctrl-C stops it)\n", peersOf(plan))
	segments := false
	for _, k := range kindsOfProbe {
		var to []string
		for _, p := range plan {
			if p.Kind == k.kind {
				to = append(to, p.Remote.String())
			}
		}
		if len(to) > 0 {
			fmt.Fprintf(w, "  %s\n    %s\n", k.what, strings.Join(to, "\n    "))
		}
		segments = segments || k.kind == evidence.ProbeSegment && len(to) > 0
	}
	if segments {
		fmt.Fprint(w, probeRisk)
	}
}

const probeRisk = `  hosts that leave their segments unanswered get an ICMP echo request too
  risk: a peer that has forgotten its connection answers RST, with a number that
  our kernel ignores; in one of many thousands it does not, and the connection,
  which was dead, ends
`

func peersOf(plan []evidence.Probe) string {
	known := map[netip.AddrPort]bool{}
	for _, p := range plan {
		known[p.Remote] = true
	}
	if len(known) == 1 {
		return "1 peer"
	}
	return fmt.Sprintf("%d peers", len(known))
}
