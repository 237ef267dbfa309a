package bpf

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/internal/lab"
)

// TestMasterComesLater: an interface that is put into a bridge after the guard was
// attached keeps XDP from dropping ACKs from the next arming on, and no longer once
// it is out again.
func TestMasterComesLater(t *testing.T) {
	needRights(t)
	n, err := lab.NewNamespace("masters")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	g, err := OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	armed := func(want uint32) {
		t.Helper()
		var kernel control
		err := g.Arm(Listener{Address: netip.MustParseAddrPort("192.0.2.1:80"), Offer: usualOffer})
		if err := errors.Join(err, g.objects.Maps["guard_control"].Lookup(uint32(0), &kernel)); err != nil || kernel.Early != want {
			t.Errorf("early is %d, not %d (%v)", kernel.Early, want, err)
		}
	}
	if err := n.Do(func() error {
		port := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "port0"}, PeerName: "far0"}
		bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "bridge0"}}
		if err := errors.Join(netlink.LinkAdd(port), netlink.LinkAdd(bridge)); err != nil {
			return err
		}
		if err := g.Attach(port.Index, Generic); err != nil {
			return err
		}
		armed(1)
		if err := netlink.LinkSetMaster(port, bridge); err != nil {
			return err
		}
		armed(0)
		if err := netlink.LinkSetNoMaster(port); err != nil {
			return err
		}
		armed(1)
		return errors.Join(netlink.LinkDel(bridge), netlink.LinkDel(port))
	}); err != nil {
		t.Error(err)
	}
}
