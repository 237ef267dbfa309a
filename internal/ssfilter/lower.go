package ssfilter

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

// lower makes one test, and a second one for an IPv6 prefix that reaches over
// the IPv4-mapped addresses: those are IPv4 here, but IPv6 to the kernel.
func (c hostIs) lower() tree {
	code, port := choose(c.remote, opSHost, opDHost), int32(noPort)
	if c.hasPort {
		port = int32(c.port)
	}
	address, family := c.prefix.Addr(), byte(familyIPv6)
	if address.Is4() {
		family = familyIPv4
	}
	host := test{operation: hostOperation(code, family, c.prefix.Bits(), port, address.AsSlice())}
	if !c.prefix.Contains(firstMapped) {
		return host
	}
	mapped := test{operation: hostOperation(code, familyIPv4, 0, noPort, make([]byte, 4)), inverted: true}
	return branch{members: []tree{host, mapped}}
}
