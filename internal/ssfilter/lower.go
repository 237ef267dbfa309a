package ssfilter

import "net/netip"

// tree is an expression in terms of the kernel's conditions.
type tree interface{ negated() tree }

type (
	// constant is always or never true.
	constant bool

	// test is one operation of the bytecode; inverted is its opposite.
	test struct {
		operation []byte
		inverted  bool
		needs     Ability
	}

	// branch is true when all of its members are, or with either when one is.
	branch struct {
		either  bool
		members []tree
	}
)

func (c constant) negated() tree { return !c }

func (t test) negated() tree {
	t.inverted = !t.inverted
	return t
}

// negated uses De Morgan's law, so that "not" is left at single tests only.
func (b branch) negated() tree {
	opposite := branch{either: !b.either, members: make([]tree, len(b.members))}
	for i, member := range b.members {
		opposite.members[i] = member.negated()
	}
	return opposite
}

func lowerAll(either bool, list []expr) tree {
	b := branch{either: either, members: make([]tree, len(list))}
	for i, member := range list {
		b.members[i] = member.lower()
	}
	return b
}

func (a all) lower() tree  { return lowerAll(false, a) }
func (s some) lower() tree { return lowerAll(true, s) }
func (n not) lower() tree  { return n.of.lower().negated() }

func (anything) lower() tree { return constant(true) }

func (autobound) lower() tree { return test{operation: operation(opAuto, nil)} }

func (c deviceIs) lower() tree {
	return test{operation: operation(opDevice, native.AppendUint32(nil, c.index)), needs: DeviceConditions}
}

func (c markIs) lower() tree {
	arguments := native.AppendUint32(native.AppendUint32(nil, c.value), c.mask)
	return test{operation: operation(opMark, arguments), needs: MarkConditions}
}

func (c cgroupIs) lower() tree {
	return test{operation: operation(opCgroup, native.AppendUint64(nil, c.id)), needs: CgroupConditions}
}

func choose(remote bool, local, peer byte) byte {
	if remote {
		return peer
	}
	return local
}

func (c portIs) lower() tree {
	atLeast := func(port uint16) tree { return test{operation: portOperation(choose(c.remote, opSGE, opDGE), port)} }
	atMost := func(port uint16) tree { return test{operation: portOperation(choose(c.remote, opSLE, opDLE), port)} }
	switch same := hostOperation(choose(c.remote, opSHost, opDHost), familyAny, 0, int32(c.port), nil); c.op {
	case equal:
		return test{operation: same}
	case unequal:
		return test{operation: same, inverted: true}
	case greaterOrEqual:
		return atLeast(c.port)
	case less:
		return atLeast(c.port).negated()
	case lessOrEqual:
		return atMost(c.port)
	case greater:
		return atMost(c.port).negated()
	}
	return constant(false)
}

// lower repairs what the kernel sees differently because it goes by the family
// of the socket: IPv4-mapped addresses are IPv4 here, and so is the missing peer
// of a socket that is bound to one.
func (c hostIs) lower() tree {
	var t tree = c.test(c.prefix)
	if c.prefix.Contains(firstMapped) {
		t = branch{members: []tree{t, hostIs{remote: c.remote}.test(anyIPv4).negated()}}
	}
	if !c.remote || c.hasPort && c.port != 0 || !c.prefix.Contains(unspecified(c.prefix.Addr())) {
		return t
	}
	if c.prefix.Addr().Is4() {
		return branch{either: true, members: []tree{t, lonelyMapped}}
	}
	return branch{members: []tree{t, lonelyMapped.negated()}}
}

// test is one operation. Without a port it compares the address alone.
func (c hostIs) test(prefix netip.Prefix) test {
	port, family := int32(noPort), byte(familyIPv6)
	if c.hasPort {
		port = int32(c.port)
	}
	if prefix.Addr().Is4() {
		family = familyIPv4
	}
	code := choose(c.remote, opSHost, opDHost)
	return test{operation: hostOperation(code, family, prefix.Bits(), port, prefix.Addr().AsSlice())}
}

var (
	firstMapped = netip.AddrFrom16([16]byte{10: 0xff, 11: 0xff}) // ::ffff:0.0.0.0, not as IPv4
	anyIPv4     = netip.PrefixFrom(netip.IPv4Unspecified(), 0)

	// lonelyMapped is an IPv6 socket at an IPv4-mapped address without a peer.
	lonelyMapped = branch{members: []tree{
		hostIs{remote: true, hasPort: true}.test(netip.PrefixFrom(netip.IPv6Unspecified(), 128)),
		hostIs{}.test(anyIPv4),
	}}
)
