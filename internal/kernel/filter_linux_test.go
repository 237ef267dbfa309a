package kernel

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/ruleset"
)

// rulesOfNft are rules as a person writes them, with what is read of each; those
// that refuse nothing are not read.
var rulesOfNft = []struct {
	rule string
	want *host.FilterRule
}{
	{"counter drop", &host.FilterRule{Verdict: "drop", Counted: true}},
	{"tcp dport 80 accept", nil},
	{"tcp dport 80 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 6, DestinationPort: 80}}},
	{"tcp sport 443 counter reject", &host.FilterRule{Verdict: "reject", Counted: true, Asks: host.Asks{Protocol: 6, SourcePort: 443}}},
	{"ip saddr 198.51.100.0/24 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Version: 4, Source: netip.MustParsePrefix("198.51.100.0/24")}}},
	{"ip daddr 198.18.64.0/18 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Version: 4, Destination: netip.MustParsePrefix("198.18.64.0/18")}}},
	{"ip6 saddr 2001:db8::7 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Version: 6, Source: netip.MustParsePrefix("2001:db8::7/128")}}},
	{"'tcp flags & (fin|syn|rst|ack) == syn|ack drop'", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 6, Mask: 0x17, Flags: 0x12}}},
	{"tcp flags syn drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 6, Mask: 2, Flags: 2}}},
	{"udp dport 53 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 17, DestinationPort: 53}}},
	{"ct state invalid drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Other: true}}},
	{"'tcp dport { 80, 443 } drop'", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 6, Other: true}}},
	{"tcp dport 1000-2000 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 6, Other: true}}},
	{"tcp dport != 22 drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Protocol: 6, Other: true}}},
	{"limit rate 5/second drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Other: true}}},
	{"iifname lo drop", &host.FilterRule{Verdict: "drop", Asks: host.Asks{Other: true}}},
	{"log drop", &host.FilterRule{Verdict: "drop"}},
}

// checkFilterOfNft reads what nft(8) writes. A question that is not understood
// must never look like none.
func checkFilterOfNft(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("nft is not installed")
	}
	script := []string{"nft add table inet fw", "nft 'add chain inet fw in { type filter hook input priority 0; }'", "nft add chain inet fw side"}
	for _, c := range rulesOfNft {
		script = append(script, "nft add rule inet fw in "+c.rule)
	}
	script = append(script, "nft add rule inet fw side drop")
	if out, err := exec.Command("sh", "-ec", strings.Join(script, "\n")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := Host.Filter()
	if err != nil {
		t.Fatal(err)
	}
	var want []host.FilterRule
	for _, c := range rulesOfNft {
		if c.want != nil {
			one := *c.want
			one.Family, one.Table, one.Chain, one.Hook = "inet", "fw", "in", "input"
			want = append(want, one)
		}
	}
	want = append(want, host.FilterRule{Family: "inet", Table: "fw", Chain: "side", Verdict: "drop"})
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(host.FilterRule{}, "Handle"), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

func TestFilterMoved(t *testing.T) {
	before := []host.FilterRule{{Table: "a", Handle: 3, Packets: 5}, {Table: "a", Handle: 4, Packets: 9}}
	after := []host.FilterRule{{Table: "a", Handle: 3, Packets: 12}, {Table: "a", Handle: 4, Packets: 2}, {Table: "b", Handle: 3, Packets: 7}}
	FilterMoved(before, after)
	for i, want := range []uint64{7, 0, 0} { // a counter that was reset, and a rule that is new, moved nobody knows how far
		if after[i].Moved != want {
			t.Errorf("rule %d moved %d, not %d", i, after[i].Moved, want)
		}
	}
}

func FuzzRefusing(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 8, 0, 1, 0, 'f', 'w', 0, 0})
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := ruleset.ParseRule(message)
		if err != nil {
			return
		}
		for _, rule := range refusing(nil, []ruleset.Rule{r}) {
			if rule.Verdict == "" {
				t.Error("a rule that refuses nothing")
			}
		}
		_, _ = ruleset.ParseChain(message)
	})
}

// BenchmarkRefusing is a thousand rules of six expressions each.
func BenchmarkRefusing(b *testing.B) {
	attribute := func(kind uint16, value ...byte) []byte {
		head := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
		padded := append(binary.NativeEndian.AppendUint16(head, kind), value...)
		return append(padded, make([]byte, -len(padded)&3)...)
	}
	expr := func(name string, data ...[]byte) []byte {
		return attribute(1, append(attribute(1, append([]byte(name), 0)...), attribute(2, bytes.Join(data, nil)...)...)...)
	}
	list := bytes.Join([][]byte{
		expr("meta", attribute(2, 0, 0, 0, 16)), expr("cmp", attribute(2, 0, 0, 0, 0), attribute(3, attribute(1, 6)...)),
		expr("payload", attribute(2, 0, 0, 0, 2), attribute(3, 0, 0, 0, 2), attribute(4, 0, 0, 0, 2)), expr("cmp", attribute(2, 0, 0, 0, 0), attribute(3, attribute(1, 0, 80)...)),
		expr("counter", attribute(2, 0, 0, 0, 0, 0, 0, 0, 9)), expr("immediate", attribute(2, attribute(2, attribute(1, 0, 0, 0, 0)...)...)),
	}, nil)
	message := bytes.Join([][]byte{{1, 0, 0, 0}, attribute(1, 'f', 'w', 0), attribute(2, 'i', 'n', 0), attribute(4, list...)}, nil)
	b.ReportAllocs()
	for b.Loop() {
		rules := make([]ruleset.Rule, 1000)
		for i := range rules {
			r, err := ruleset.ParseRule(message)
			if err != nil {
				b.Fatal(err)
			}
			rules[i] = r
		}
		if got := refusing(nil, rules); len(got) != 1000 || got[0].Asks != (host.Asks{Protocol: 6, DestinationPort: 80}) || got[0].Packets != 9 {
			b.Fatalf("%d rules, %+v", len(got), got[0])
		}
	}
}
