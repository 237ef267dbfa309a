package pcapfilter

import (
	"net/netip"
	"slices"
)

// expr is a condition as it was written.
type expr interface {
	lower(l *layout) (condition, error)
}

type (
	both    struct{ left, right expr }
	either  struct{ left, right expr }
	inverse struct{ of expr }

	// carries asks for a protocol: "tcp".
	carries protocol
	// way asks which way the packet goes: "inbound", "outbound".
	way string
	// numbered asks for a protocol by its number.
	numbered struct {
		under  protocol
		number uint32
	}
	// placed asks for an address of one of several prefixes of a family.
	placed struct {
		proto     protocol
		direction string
		prefixes  []netip.Prefix
	}
	// ported asks for a port of one of several ranges.
	ported struct {
		proto     protocol
		direction string
		ranges    []portRange
	}
	portRange struct{ low, high uint16 }
	// wired asks for an Ethernet address, 48 bits.
	wired struct {
		direction string
		address   uint64
	}
	// relation compares two values.
	relation struct {
		left  value
		op    string
		right value
	}
)

func (b both) lower(l *layout) (condition, error) {
	left, right, err := lowerPair(l, b.left, b.right)
	return all{left, right}, err
}

func (e either) lower(l *layout) (condition, error) {
	left, right, err := lowerPair(l, e.left, e.right)
	return some{left, right}, err
}

// alternatives joins two conditions by "or". What asks the same fields for
// other values becomes one condition, which looks for the fields once.
func alternatives(left, right expr) expr {
	switch a := left.(type) {
	case *ported:
		if b, ok := right.(*ported); ok && a.proto == b.proto && a.direction == b.direction && a.direction != "and" {
			return &ported{a.proto, a.direction, slices.Concat(a.ranges, b.ranges)}
		}
	case *placed:
		b, ok := right.(*placed)
		if ok && a.proto == b.proto && a.direction == b.direction && a.direction != "and" && a.is6() == b.is6() {
			return &placed{a.proto, a.direction, slices.Concat(a.prefixes, b.prefixes)}
		}
	}
	return either{left, right}
}

func lowerPair(l *layout, a, b expr) (condition, condition, error) {
	left, err := a.lower(l)
	if err != nil {
		return nil, nil, err
	}
	right, err := b.lower(l)
	return left, right, err
}

func (i inverse) lower(l *layout) (condition, error) {
	of, err := i.of.lower(l)
	return negation{of}, err
}

func (c carries) lower(l *layout) (condition, error) { return l.carries(protocol(c)) }

func (n numbered) lower(l *layout) (condition, error) {
	switch n.under {
	case "ether":
		return l.protocol(n.number), nil
	case "ip":
		return all{l.protocol(etherIP), l.over4(n.number)}, nil
	case "ip6":
		return all{l.protocol(etherIP6), l.over6(n.number)}, nil
	default:
		return l.transport(n.number), nil
	}
}

// lower needs each protocol whose octets are read, as one fact before the
// comparison.
func (r *relation) lower(l *layout) (condition, error) {
	var whole all
	var failed error
	need := func(p protocol) {
		c, err := l.readable(p)
		if err != nil && failed == nil {
			failed = err
		}
		if c != nil {
			whole = append(whole, c)
		}
	}
	r.left.needs(need)
	r.right.needs(need)
	return append(whole, test{relation: r}), failed
}
