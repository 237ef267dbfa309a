package pcapfilter

// facts are what a packet is known to be on the way to a node: the value of a
// few loads that filters test again and again. They are values, so that a node
// and what is known there can be looked up.
type facts struct {
	protocol, transport fact
}

// fact is what is known of one load.
type fact struct {
	load
	mask  uint32
	value uint32
	known bool
}

// learnt is a node with what is known when it is reached.
type learnt struct {
	at *node
	facts
}

// mostLearnt bounds the work and the growth of simplify. Beyond it nodes are
// taken as they are.
const mostLearnt = 1 << 14

// simplify leaves out tests whose answer is known: an ARP packet is not asked
// whether it is IPv6.
func (g *graph) simplify(n *node, f facts) *node {
	if n.end {
		return n
	}
	key := learnt{n, f}
	if have, ok := g.known[key]; ok {
		return have
	}
	if len(g.known) > mostLearnt {
		return n
	}
	yes, no, decided := f.answer(n.test)
	var result *node
	switch {
	case decided && yes:
		result = g.simplify(n.yes, f)
	case decided && no:
		result = g.simplify(n.no, f)
	default:
		left, right := g.simplify(n.yes, f.with(n.test)), g.simplify(n.no, f)
		if result = left; left != right || n.relation != nil {
			result = g.node(n.test, left, right)
		}
	}
	g.known[key] = result
	return result
}

// answer tells what the facts say of a test.
func (f facts) answer(t test) (yes, no, decided bool) {
	if t.relation != nil || t.op != opEqual {
		return false, false, false
	}
	for _, fact := range [...]fact{f.protocol, f.transport} {
		if fact.known && fact.load == t.load && fact.mask == t.mask {
			return fact.value == t.with, fact.value != t.with, true
		}
	}
	return false, false, false
}

// with adds what a test that was answered with yes says. The first fact is of
// the EtherType, the next one of what it carries.
func (f facts) with(t test) facts {
	if t.relation != nil || t.op != opEqual || t.octets == 4 && t.from == absolute {
		return f
	}
	learnt := fact{t.load, t.mask, t.with, true}
	if !f.protocol.known {
		f.protocol = learnt
	} else {
		f.transport = learnt
	}
	return f
}
