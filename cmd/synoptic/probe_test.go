package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/explain"
)

// Whoever is asked stands in the announcement, and the risk where there is one.
func TestAnnouncementNamesEverybody(t *testing.T) {
	ask := func(kind evidence.ProbeKind, to string) evidence.Probe {
		return evidence.Probe{Kind: kind, Remote: netip.MustParseAddrPort(to)}
	}
	var text strings.Builder
	announce(&text, []evidence.Probe{
		ask(evidence.ProbeSegment, "198.51.100.7:40000"), ask(evidence.ProbeSegment, "198.51.100.7:40001"),
		ask(evidence.ProbeEcho, "203.0.113.9:443"), ask(evidence.ProbeConnect, "[2001:db8::7]:443"),
	}, explain.English)
	for _, want := range []string{"probing 3 hosts", "198.51.100.7, port 40000 40001\n", "    203.0.113.9\n", "2001:db8::7, port 443\n", "risk:", "10 packets a second"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not said:\n%s", want, &text)
		}
	}
	text.Reset()
	announce(&text, []evidence.Probe{ask(evidence.ProbeEcho, "203.0.113.9:443")}, explain.English)
	if got := text.String(); !strings.Contains(got, "probing 1 host:") || strings.Contains(got, "risk") {
		t.Errorf("an echo alone risks no connection:\n%s", got)
	}
}
