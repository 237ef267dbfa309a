package diagnose

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
)

// TestTheRuleIsNamed: ACKs come and are dropped by this host; which rule it was is
// said where only one can have been it.
func TestTheRuleIsNamed(t *testing.T) {
	counted := func(handle, moved uint64, asks host.Asks) host.FilterRule {
		return host.FilterRule{Family: "inet", Table: "fw", Chain: "in", Handle: handle, Hook: "input", Verdict: "drop", Counted: true, Packets: 100, Moved: moved, Asks: asks}
	}
	uncounted := host.FilterRule{Family: "ip", Table: "fw", Chain: "in", Handle: 9, Hook: "input", Verdict: "reject", Asks: host.Asks{Protocol: 6, DestinationPort: 80}}
	toWeb := host.Asks{Protocol: 6, DestinationPort: 80}
	odd := counted(3, 8, toWeb)
	odd.Table = "f'w;"
	output := counted(3, 8, host.Asks{})
	output.Hook = "output"
	for _, c := range []struct {
		name   string
		rules  []host.FilterRule
		target string // of the change, "" where no rule is blamed
	}{
		{"none", nil, ""},
		{"the one that counts", []host.FilterRule{counted(3, 8, toWeb), counted(4, 0, toWeb)}, "inet fw in position 3"},
		{"one of two that count: not known which", []host.FilterRule{counted(3, 8, toWeb), counted(4, 8, host.Asks{})}, ""},
		{"one for another port", []host.FilterRule{counted(3, 8, host.Asks{DestinationPort: 443})}, ""},
		{"one for another protocol", []host.FilterRule{counted(3, 8, host.Asks{Protocol: 17})}, ""},
		{"one for SYNs", []host.FilterRule{counted(3, 8, host.Asks{Mask: segmentSYN, Flags: segmentSYN})}, ""},
		{"one on the way out", []host.FilterRule{output}, ""},
		{"one that nobody counts", []host.FilterRule{uncounted}, "ip fw in position 9"},
		{"one that asks more than is understood, and counts", []host.FilterRule{counted(3, 8, host.Asks{Other: true})}, "inet fw in position 3"},
		{"one that asks more, and does not count", []host.FilterRule{{Family: "ip", Table: "fw", Chain: "in", Hook: "input", Verdict: "drop", Asks: host.Asks{Other: true}}}, ""},
	} {
		f := ignoredBy(t, c.rules)
		switch r := f.Remedies[0]; {
		case c.target == "" && (len(r.Changes) != 0 || f.cites(firewall)):
			t.Errorf("%s: %+v is blamed", c.name, r.Changes)
		case c.target != "" && (len(r.Changes) != 1 || r.Changes[0].Target != c.target || !f.cites(firewall)):
			t.Errorf("%s: %+v is blamed, not %s", c.name, r.Changes, c.target)
		}
	}
	if f := ignoredBy(t, []host.FilterRule{odd}); !f.cites(firewall) || len(f.Remedies[0].Changes) != 0 {
		t.Error("a name that a shell would read otherwise stands in a command")
	}
}

func (f *Finding) cites(source string) bool {
	for _, e := range f.Evidence {
		if e.Source == source {
			return true
		}
	}
	return false
}

func ignoredBy(t *testing.T, rules []host.FilterRule) *Finding {
	t.Helper()
	s := quietHost()
	s.web()
	s.halves(6, evidence.PacketSocket{In: end(0, 2, 3), Out: end(1, 0, 3)})
	s.b.Firewall = rules
	f := only(t, s.diagnose(), "ack-lost")
	return &f
}

func TestWhatARuleTakes(t *testing.T) {
	p := host.FilterPacket{From: netip.MustParseAddrPort("198.51.100.7:4711"), To: netip.MustParseAddrPort("192.0.2.1:80"), Flags: segmentSYN | segmentACK}
	for _, c := range []struct {
		asks           host.Asks
		takes, certain bool
	}{
		{host.Asks{}, true, true},
		{host.Asks{Version: 4}, true, true},
		{host.Asks{Version: 6}, false, true},
		{host.Asks{Source: netip.MustParsePrefix("198.51.100.0/24")}, true, true},
		{host.Asks{Destination: netip.MustParsePrefix("198.51.100.0/24")}, false, true},
		{host.Asks{SourcePort: 4711, DestinationPort: 80}, true, true},
		{host.Asks{SourcePort: 80}, false, true},
		{host.Asks{Mask: segmentSYN | segmentACK, Flags: segmentSYN}, false, true},
		{host.Asks{Mask: segmentSYN, Flags: segmentSYN}, true, true},
		{host.Asks{Other: true}, true, false},
		{host.Asks{Other: true, Protocol: 17}, false, true},
	} {
		if takes, certain := c.asks.Takes(p); takes != c.takes || certain != c.certain {
			t.Errorf("%+v: takes %v, certain %v", c.asks, takes, certain)
		}
	}
	unknown := host.FilterPacket{Flags: segmentACK}
	for _, asks := range []host.Asks{{Version: 4}, {SourcePort: 1}, {Source: netip.MustParsePrefix("10.0.0.0/8")}} {
		if takes, certain := asks.Takes(unknown); !takes || certain {
			t.Errorf("%+v is certain of a packet of which nothing is known", asks)
		}
	}
}
