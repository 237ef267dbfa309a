package bpf

import (
	"fmt"
	"net/netip"
	"slices"
)

// Drops returns the sources on the drop list, in their order.
func (g *Guard) Drops() (list []netip.Prefix, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var four prefix4Record
	var six prefix6Record
	var set uint8
	each := g.objects.Maps["guard_drops4"].Iterate()
	for each.Next(&four, &set) {
		list = append(list, netip.PrefixFrom(netip.AddrFrom4(four.Address), int(four.Bits)))
	}
	if err := each.Err(); err != nil {
		return nil, fmt.Errorf("guard: read the drop list: %w", err)
	}
	for each = g.objects.Maps["guard_drops6"].Iterate(); each.Next(&six, &set); {
		list = append(list, netip.PrefixFrom(netip.AddrFrom16(six.Address), int(six.Bits)))
	}
	if err := each.Err(); err != nil {
		return nil, fmt.Errorf("guard: read the drop list: %w", err)
	}
	slices.SortFunc(list, netip.Prefix.Compare)
	return list, nil
}
