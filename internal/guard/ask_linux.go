package guard

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// Wish is what somebody asks of the second rung.
type Wish struct {
	XDP       bool             // also without a flood
	Interface string           // "" is that of the default route
	Listeners []netip.AddrPort // besides those that are flooded
	Drop      []netip.Prefix   // sources that proved hostile

	older func(*bpf.Feature) error // tests: what an older kernel answers instead of Feature.Probe
	lasts func() bool              // tests: instead of mountsLast
}

// Climb adds the second rung, cookies by XDP, to a ladder that calls for it. Where
// nobody asked for it, what stands in its way becomes a hint. It reads the
// interfaces of the calling thread's network namespace, and changes nothing.
func (l *Ladder) Climb(b *evidence.Bundle, wish Wish) error {
	if _, err := netlink.LinkByName(wish.Interface); wish.Interface != "" && err != nil {
		return &namedError{fmt.Sprintf("there is no interface %q", wish.Interface)}
	}
	if l.Refuses() || l.Flood == nil && !wish.XDP && len(wish.Drop) == 0 {
		return nil
	}
	change, err := l.cookies(b, wish)
	named := new(namedError)
	switch {
	case err == nil:
		l.Plan.Changes = append(l.Plan.Changes, change)
		l.accuse(b, change.To)
		l.doubt(b, change.To)
	case wish.XDP || len(wish.Drop) > 0 || errors.As(err, &named):
		return err
	default:
		l.Hints = append(l.Hints, diagnose.Say("guard-hint-xdp", err.Error()))
	}
	return nil
}

// namedError says that what somebody named is wrong, whatever else is called for.
type namedError struct{ text string }

func (e *namedError) Error() string { return e.text }

func (l *Ladder) cookies(b *evidence.Bundle, wish Wish) (c remedy.Change, err error) {
	interf, err := wish.link(b.Routes)
	if err != nil {
		return c, err
	}
	name := interf.Attrs().Name
	list, err := l.listeners(b, interf, wish)
	if err != nil {
		return c, err
	}
	if inUserNamespace() {
		return c, errors.New("in a user namespace the kernel runs no programs of ours: that takes root of the host")
	}
	bound, err := wish.bound()
	if err != nil {
		return c, err
	}
	mount, err := wish.toPin()
	if err != nil {
		return c, err
	}
	from, wanted, err := worn(interf)
	if err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	wanted.listeners = append(wanted.listeners, list...)
	if err := wish.drop(b, &wanted); err != nil {
		return c, err
	}
	c = remedy.Change{
		ID: "xdp", Change: diagnose.Change{Kind: diagnose.ChangeXDP, Target: name, From: from, To: valueOf(wanted)},
		Scope: remedy.ThisNamespace, Preventive: l.Flood == nil,
		Effect: diagnose.Say("guard-xdp", name), Cost: diagnose.Say("guard-xdp-cost"),
	}
	if len(wanted.listeners) == 0 {
		c.Effect = diagnose.Say("guard-xdp-disarmed", name)
	}
	if bound {
		err = l.lean(b.Settings, &c, len(wanted.listeners) > 0)
	}
	if len(wish.Drop) > 0 {
		c.Effect, c.Cost = diagnose.Say("guard-drop", name, words(wish.Drop)), diagnose.Say("guard-drop-cost")
	}
	if err == nil {
		l.Plan.Changes = append(l.Plan.Changes, mount...)
	}
	return c, err
}

// link is the interface that is meant.
func (w *Wish) link(routes []host.Route) (netlink.Link, error) {
	name := cmp.Or(w.Interface, DefaultInterface(routes))
	if name == "" {
		return nil, errors.New("there is no default route that would tell the interface: name it with --interface")
	}
	interf, err := netlink.LinkByName(name)
	if err != nil {
		err = fmt.Errorf("interface %q: %w", name, err)
	}
	return interf, err
}

// worn is what an interface holds, and what that means. What cannot be added to is
// an error.
func worn(interf netlink.Link) (value string, a armour, err error) {
	x := xdp{folder: bpfFolder}
	if _, making, err := x.pins(interf.Attrs().Index); err != nil || exists(making) {
		return "", a, cmp.Or(err, errors.New("the guard was ended while it was being attached: \"synoptic guard revert\" first"))
	}
	value, err = x.Read(diagnose.Change{Kind: diagnose.ChangeXDP, Target: interf.Attrs().Name})
	switch {
	case err != nil:
		return "", a, err
	case value == detached:
		return "", a, errors.New("somebody took the guard off the interface: \"synoptic guard revert --force\" first")
	}
	a, err = armourOf(value)
	return value, a, err
}

// DefaultInterface is that of the default route with the least metric, IPv4
// before IPv6; "" where there is none.
func DefaultInterface(routes []host.Route) string {
	const mainTable = 254
	var best *host.Route
	for i := range routes {
		r := &routes[i]
		if r.Table != mainTable || r.Type != "" || r.Interface == "" || !r.Destination.IsValid() || r.Destination.Bits() != 0 {
			continue
		}
		if best == nil || before(r, best) {
			best = r
		}
	}
	if best == nil {
		return ""
	}
	return best.Interface
}

func before(a, b *host.Route) bool {
	if a4, b4 := a.Destination.Addr().Is4(), b.Destination.Addr().Is4(); a4 != b4 {
		return a4
	}
	return a.Metric < b.Metric
}

// listeners are the addresses to arm: those that are flooded and those that were
// named. A listener on any address is armed on each address of the interface.
func (l *Ladder) listeners(b *evidence.Bundle, interf netlink.Link, wish Wish) (list []netip.AddrPort, err error) {
	wanted := slices.Clone(wish.Listeners)
	if l.Flood != nil {
		if at, err := netip.ParseAddrPort(l.Flood.Subject.Local); err == nil {
			wanted = append(wanted, at)
		}
	}
	if l.Flood != nil && len(wanted) == 0 {
		return nil, errors.New("the flood is on no one listener: name it with --listener")
	}
	own, err := addressesOf(interf)
	if err != nil {
		return nil, err
	}
	for _, at := range wanted {
		if !listens(b, at) {
			return nil, &namedError{fmt.Sprintf("nobody listens on %v", at)}
		}
		if !at.Addr().IsUnspecified() {
			list = append(list, at)
			continue
		}
		for _, a := range own {
			if one := netip.AddrPortFrom(a, at.Port()); (at.Addr().Is6() || a.Is4()) && listens(b, one) {
				list = append(list, one)
			}
		}
	}
	if len(wanted) > 0 && len(list) == 0 {
		return nil, fmt.Errorf("%s has no address on which %v listens", interf.Attrs().Name, wanted[0])
	}
	for _, at := range list {
		if err := Led(b.Published, at); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Led says which rule of the firewall leads connections on that come for an
// address and port, nil where none does. They do not belong to who listens there,
// as with a port that a container publishes: the guard would take their ACKs for
// forged ones.
func Led(rules []host.Published, at netip.AddrPort) error {
	for i := range rules {
		if p := &rules[i]; p.Takes(at) {
			return fmt.Errorf("%v: the rule at %s leads connections on to %v: the guard would break them, so it cannot answer for it here", at, p.Rule, p.Target)
		}
	}
	return nil
}

// doubt says that rules were not read, where a listener is to be armed: one of them
// may lead its connections on.
func (l *Ladder) doubt(b *evidence.Bundle, to string) {
	a, err := armourOf(to)
	if err != nil || len(a.listeners) == 0 || b.HasAll(evidence.SourceFirewall) {
		return
	}
	var all []string
	for _, at := range a.listeners {
		all = append(all, at.String())
	}
	l.Hints = append(l.Hints, diagnose.Say("guard-hint-rules", strings.Join(all, ", ")))
}

func addressesOf(interf netlink.Link) (list []netip.Addr, err error) {
	all, err := netlink.AddrList(interf, netlink.FAMILY_ALL)
	if err != nil {
		return nil, fmt.Errorf("addresses of %s: %w", interf.Attrs().Name, err)
	}
	for _, one := range all {
		if a, ok := netip.AddrFromSlice(one.IP); ok && !a.IsLinkLocalUnicast() {
			list = append(list, a.Unmap())
		}
	}
	return list, nil
}
