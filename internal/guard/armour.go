package guard

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// armour is what the guard on an interface does: the listeners that it answers
// for, and the sources whose SYNs to them it drops.
type armour struct {
	listeners []netip.AddrPort
	drops     []netip.Prefix
}

// The values that an interface may hold, beside "" for none: the guard attached
// with no listener armed, or armed for those that follow, and behind either the
// sources that it drops: "armed 192.0.2.1:80 dropping 198.18.7.0/24".
const (
	disarmed = "disarmed"
	armed    = "armed"
	dropping = "dropping"
	detached = "detached" // it is pinned, and somebody took it off the interface
)

// valueOf is the value of an interface with this armour.
func valueOf(a armour) string {
	words := []string{disarmed}
	slices.SortFunc(a.listeners, netip.AddrPort.Compare)
	for i, at := range slices.Compact(a.listeners) {
		if i == 0 {
			words[0] = armed
		}
		words = append(words, at.String())
	}
	slices.SortFunc(a.drops, netip.Prefix.Compare)
	for i, source := range slices.Compact(a.drops) {
		if i == 0 {
			words = append(words, dropping)
		}
		words = append(words, source.String())
	}
	return strings.Join(words, " ")
}

// armourOf is the way back from valueOf; "" has none.
func armourOf(value string) (a armour, err error) {
	words := strings.Fields(value)
	bad := fmt.Errorf("guard: %q is no state of an interface", value)
	if len(words) == 0 {
		return a, nil
	}
	if words[0] != armed && words[0] != disarmed {
		return a, bad
	}
	into := words[0]
	for _, word := range words[1:] {
		switch into {
		case dropping:
			source, err := netip.ParsePrefix(word)
			if err != nil || source != source.Masked() || source.Bits() == 0 {
				return armour{}, bad
			}
			a.drops = append(a.drops, source)
		default:
			if word == dropping {
				into = dropping
				continue
			}
			at, err := netip.ParseAddrPort(word)
			if err != nil || into == disarmed {
				return armour{}, bad
			}
			a.listeners = append(a.listeners, at)
		}
	}
	return a, nil
}
