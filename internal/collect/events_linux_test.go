package collect_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// TestFirewall: the chains of the namespace at the hooks of IP, and what each may
// do; none where there is none.
func TestFirewall(t *testing.T) {
	n := namespace(t, "host")
	read := func() (chains []host.FirewallChain) {
		if err := n.Do(func() (err error) { chains, err = kernel.Firewall(); return err }); err != nil {
			t.Fatal(err)
		}
		return chains
	}
	if got := read(); len(got) > 0 {
		t.Errorf("a new namespace has %v", got)
	}
	for range 2 {
		if err := n.Add(lab.SYNACK.On(lab.Outbound).From(80)); err != nil {
			t.Fatal(err)
		}
	}
	got := read()
	if len(got) != 1 || got[0].Family != "inet" || got[0].Table != "lab" || got[0].Hook != host.Output || got[0].Drops != 2 || got[0].Policy || got[0].Jumps {
		t.Errorf("%+v", got)
	}
}

// TestFirewallIsAskedWhereItDrops: not on a host whose firewall drops nothing.
func TestFirewallIsAskedWhereItDrops(t *testing.T) {
	n := namespace(t, "host")
	if err := n.Add(lab.SYNACK.On(lab.Outbound).From(80)); err != nil {
		t.Fatal(err)
	}
	var b *evidence.Bundle
	if err := n.Do(func() (err error) {
		b, err = collect.Run(context.Background(), collect.Options{Window: 100 * time.Millisecond})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if b.Has(evidence.SourceFirewall) || b.Firewall != nil || !slices.ContainsFunc(b.Sources, func(s evidence.Source) bool { return s.Name == evidence.SourceFirewall && s.Why != "" }) {
		t.Errorf("%+v, %+v", b.Firewall, b.Sources)
	}
}
