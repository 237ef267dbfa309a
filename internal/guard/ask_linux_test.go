package guard

import (
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
)

// TestRulesThatWereNotRead: where a listener is to be armed and not all rules of the
// firewall are known, a person is told that one may lead its connections on.
func TestRulesThatWereNotRead(t *testing.T) {
	read, part := evidence.Source{Name: evidence.SourceFirewall, OK: true}, evidence.Source{Name: evidence.SourceFirewall, OK: true, Why: "now; " + evidence.NotRead + "the NAT table of iptables-legacy"}
	for name, c := range map[string]struct {
		sources []evidence.Source
		to      string
		hints   int
	}{
		"all read":         {[]evidence.Source{read}, "armed 192.0.2.2:80", 0},
		"not read":         {[]evidence.Source{{Name: evidence.SourceFirewall, Why: "not permitted"}}, "armed 192.0.2.2:80", 1},
		"nobody asked":     {nil, "armed 192.0.2.2:80 [2001:db8::2]:80 dropping 198.18.0.0/24", 1},
		"a part of it":     {[]evidence.Source{part}, "armed 192.0.2.2:80", 1},
		"nothing is armed": {nil, "disarmed", 0},
	} {
		var l Ladder
		l.doubt(&evidence.Bundle{Sources: c.sources}, c.to)
		if len(l.Hints) != c.hints || c.hints > 0 && l.Hints[0].ID != "guard-hint-rules" {
			t.Errorf("%s: %+v", name, l.Hints)
		}
	}
}
