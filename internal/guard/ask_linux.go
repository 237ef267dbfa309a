package guard

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

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
}

// Climb adds the second rung, cookies by XDP, to a ladder that calls for it. Where
// nobody asked for it, what stands in its way becomes a hint. It reads the
// interfaces of the calling thread's network namespace, and changes nothing.
func (l *Ladder) Climb(b *evidence.Bundle, wish Wish) error {
	if _, err := netlink.LinkByName(wish.Interface); wish.Interface != "" && err != nil {
		return &namedError{fmt.Sprintf("there is no interface %q", wish.Interface)}
	}
	if l.Refuses() || l.Flood == nil && !wish.XDP {
		return nil
	}
	change, err := l.cookies(b, wish)
	named := new(namedError)
	switch {
	case err == nil:
		l.Plan.Changes = append(l.Plan.Changes, change)
	case wish.XDP || errors.As(err, &named):
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
	name := cmp.Or(wish.Interface, defaultInterface(b.Routes))
	if name == "" {
		return c, errors.New("there is no default route that would tell the interface: name it with --interface")
	}
	interf, err := netlink.LinkByName(name)
	if err != nil {
		return c, fmt.Errorf("interface %q: %w", name, err)
	}
	list, err := l.listeners(b, interf, wish)
	if err != nil {
		return c, err
	}
	if err := bpf.AssignRequest.Probe(); err != nil {
		return c, err
	}
	if err := mayPin(bpfFolder); err != nil {
		return c, err
	}
	if _, making, err := (xdp{bpfFolder}).pins(interf.Attrs().Index); err != nil || exists(making) {
		return c, errors.Join(err, fmt.Errorf("%s: the guard was ended while it was being attached: \"synoptic guard revert\" first", name))
	}
	change := diagnose.Change{Kind: diagnose.ChangeXDP, Target: name}
	if change.From, err = (xdp{bpfFolder}).Read(change); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	if change.From == detached {
		return c, fmt.Errorf("%s: somebody took the guard off the interface: \"synoptic guard revert --force\" first", name)
	}
	already, err := listOf(change.From)
	if err != nil {
		return c, err
	}
	change.To = valueOf(append(already, list...))
	effect := diagnose.Say("guard-xdp", name)
	if change.To == disarmed {
		effect = diagnose.Say("guard-xdp-disarmed", name)
	}
	return remedy.Change{
		ID: "xdp", Change: change, Scope: remedy.ThisNamespace, Preventive: l.Flood == nil,
		Effect: effect, Cost: diagnose.Say("guard-xdp-cost"),
	}, nil
}

// defaultInterface is that of the default route with the least metric, IPv4
// before IPv6.
func defaultInterface(routes []host.Route) string {
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
	return list, nil
}

// listens tells whether a connection to the address would find a listener.
func listens(b *evidence.Bundle, at netip.AddrPort) bool {
	last := b.Last()
	if last == nil {
		return false
	}
	_, ok := host.NewListening(last.Sockets).Of(at)
	return ok
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
