package bpf

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
)

// AttachBest is Attach in the quickest mode that is safe: native where the driver
// can, else generic. A veth runs XDP natively, but loses what it answers unless
// its other end has a program or GRO, which nobody can see from a container:
// there it is generic.
func (g *Guard) AttachBest(ifindex int) error {
	interf, err := netlink.LinkByIndex(ifindex)
	if err != nil {
		return fmt.Errorf("guard: interface %d: %w", ifindex, err)
	}
	if interf.Type() == "veth" {
		return g.Attach(ifindex, Generic)
	}
	err = g.Attach(ifindex, Native)
	if errors.Is(err, ErrNoNative) {
		err = g.Attach(ifindex, Generic)
	}
	return err
}
