package main

import (
	"fmt"
	"io"
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
	{evidence.ProbeSegment, "one empty TCP segment for an idle connection, to"},
	{evidence.ProbeEcho, "one ICMP echo request to the host of"},
	{evidence.ProbeConnect, "one TCP connection, reset as soon as it stands, to"},
}

// announce says what will be sent to whom, at what rate, and what may come of it.
func announce(w io.Writer, plan []evidence.Probe) {
	fmt.Fprintf(w, "probing %s, 10 packets a second, each repeated once if nothing answers (Ctrl-C stops it):\n", questions(len(plan)))
	for _, k := range kindsOfProbe {
		var to []string
		for _, p := range plan {
			if p.Kind == k.kind {
				to = append(to, p.Remote.String())
			}
		}
		if len(to) > 0 {
			fmt.Fprintf(w, "  %s\n    %s\n", k.what, strings.Join(to, " "))
		}
	}
	for _, p := range plan {
		if p.Kind == evidence.ProbeSegment {
			fmt.Fprintln(w, "  hosts that leave their segment unanswered get an ICMP echo request too")
			fmt.Fprintln(w, "  risk: a peer that does not have the connection any more answers with RST; the kernel")
			fmt.Fprintln(w, "  ignores it, but for one in many thousands, which ends that connection")
			return
		}
	}
}

func questions(n int) string {
	if n == 1 {
		return "one peer"
	}
	return fmt.Sprintf("peers with %d questions", n)
}
