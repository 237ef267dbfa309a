package collect

import (
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
)

// TestPublishedSource says what was left out, beside what was said before.
func TestPublishedSource(t *testing.T) {
	for _, c := range []struct {
		unread int
		old    bool
		want   string
	}{
		{0, false, ""},
		{3, false, "not read: 3 NAT rules that lead through maps or very many chains"},
		{0, true, "not read: the NAT table of iptables-legacy"},
		{1, true, "not read: a NAT rule that leads through maps or very many chains, the NAT table of iptables-legacy"},
	} {
		if got := publishedSource(c.unread, c.old); got != c.want {
			t.Errorf("%q", got)
		}
	}
	r := &run{bundle: &evidence.Bundle{Sources: []evidence.Source{{Name: "firewall", OK: true, Why: "a"}, {Name: "routes"}}}}
	r.remark("firewall", "b")
	r.remark("routes", "c")
	if r.bundle.Sources[0].Why != "a; b" || r.bundle.Sources[1].Why != "" {
		t.Errorf("%+v", r.bundle.Sources)
	}
}
