package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/hold"
)

// TestGuardLifeOf: who is at work, or died.
func TestGuardLifeOf(t *testing.T) {
	ran := func(now apply.Standing) []guard.Step { return []guard.Step{{Run: true, PID: 812, Now: now}} }
	running := &hold.Holder{State: hold.Running, PID: 7, Reaper: 8, Interfaces: []string{"eth0"}, Armed: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:80")}, Since: time.Now()}
	for _, test := range []struct {
		name   string
		holder *hold.Holder
		steps  []guard.Step
		state  string
		says   string
	}{
		{"nobody", nil, nil, "none", ""},
		{"by hand", nil, []guard.Step{{PID: 812, Now: apply.InForce}}, "none", ""},
		{"died", nil, ran(apply.InForce), "died", "812"},
		{"before a reboot", nil, ran(guard.Gone), "none", ""},
		{"running", running, ran(apply.InForce), "running", "192.0.2.1:80"},
		{"hangs", &hold.Holder{State: hold.Silent, PID: 812}, ran(apply.InForce), "silent", "812"},
	} {
		life := guardLifeOf(test.holder, test.steps, explain.English)
		if life.State != test.state || !strings.Contains(life.Text, test.says) || (life.Text == "") != (test.state == "none") {
			t.Errorf("%s: %+v", test.name, life)
		}
	}
}
