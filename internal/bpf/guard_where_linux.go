package bpf

import (
	"fmt"

	"github.com/vishvananda/netlink"
)

// attachedGeneric is XDP_ATTACHED_SKB of linux/if_link.h.
const attachedGeneric = 2

// AttachedTo tells whether the guard's programs run on an interface of the calling
// thread's network namespace, and in which mode.
func (g *Guard) AttachedTo(ifindex int) (mode XDPMode, attached bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	interf, err := netlink.LinkByIndex(ifindex)
	if err != nil {
		return mode, false, fmt.Errorf("guard: interface %d: %w", ifindex, err)
	}
	xdp := interf.Attrs().Xdp
	if xdp == nil || !xdp.Attached {
		return mode, false, nil
	}
	if xdp.AttachMode == attachedGeneric {
		mode = Generic
	}
	for _, l := range g.links {
		if l.name != linkName(synLink, ifindex) {
			continue
		}
		info, err := l.Info()
		if err != nil {
			return mode, false, fmt.Errorf("guard: %s: %w", interf.Attrs().Name, err)
		}
		attached = uint32(info.Program) == xdp.ProgId
	}
	return mode, attached, nil
}
