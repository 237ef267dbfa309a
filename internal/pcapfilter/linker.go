package pcapfilter

// linker lays nodes out from the end of the program to its beginning, so that
// every jump leads to what is there already.
type linker struct {
	coder
	accept  *node
	snap    uint32
	reverse Program       // the last instruction first
	places  map[*node]int // of a node's first instruction in reverse
	memory  map[*node]kept
}

// assemble makes the program of a graph.
func assemble(g *graph, start *node, l *layout, snap uint32) (Program, error) {
	k := &linker{coder: coder{network: l.network}, accept: g.accept, snap: snap, places: map[*node]int{}}
	order := k.order(start, nil)
	k.memory = reuse(order, start)
	for _, n := range order {
		k.lay(n)
		if k.failed != nil || len(k.reverse) > longest {
			break
		}
	}
	p := make(Program, len(k.reverse))
	for i, instruction := range k.reverse {
		p[len(p)-1-i] = instruction
	}
	return p, k.failed
}

// order lists the nodes so that each stands behind those that it leads to.
func (k *linker) order(n *node, list []*node) []*node {
	if _, seen := k.places[n]; seen {
		return list
	}
	k.places[n] = -1
	if !n.end {
		list = k.order(n.yes, k.order(n.no, list))
	}
	return append(list, n)
}

// kept is what the accumulator and x hold already when a node is reached.
type kept struct {
	value load
	plain bool // value is there, unmasked
	x     bool // x is the length of the IPv4 header
	known bool // the node was reached
}

// reuse finds out which nodes need not load what those before them, on every
// way, have loaded.
func reuse(order []*node, start *node) map[*node]kept {
	memory := map[*node]kept{start: {known: true}}
	for i := len(order) - 1; i >= 0; i-- {
		n := order[i]
		if n.end {
			continue
		}
		behind := kept{known: true}
		if n.relation == nil {
			behind.value, behind.plain = n.test.load, n.mask == 0
			behind.x = n.from == behindIP4 || memory[n].x
		}
		for _, next := range []*node{n.yes, n.no} {
			have := memory[next]
			if !have.known {
				memory[next] = behind
				continue
			}
			have.plain = have.plain && behind.plain && have.value == behind.value
			have.x = have.x && behind.x
			memory[next] = have
		}
	}
	return memory
}

// lay appends a node in front of those that it leads to.
func (k *linker) lay(n *node) {
	if n.end {
		keep := uint32(0)
		if n == k.accept {
			keep = k.snap
		}
		k.reverse = append(k.reverse, Instruction{Code: opReturn, K: keep})
		k.places[n] = len(k.reverse) - 1
		return
	}
	k.list = k.list[:0]
	opposite := n.code(&k.coder)
	code := k.list
	if n.relation == nil {
		code = k.shorten(n, code)
	}
	yes, no := n.yes, n.no
	if opposite {
		yes, no = no, yes
	}
	last := len(code) - 1
	code[last].JT, code[last].JF = k.reach(yes, no)
	for i := last; i >= 0; i-- {
		k.reverse = append(k.reverse, code[i])
	}
	k.places[n] = len(k.reverse) - 1
}

// shorten leaves out loads of what is there already.
func (k *linker) shorten(n *node, code Program) Program {
	have := k.memory[n]
	switch {
	case have.plain && have.value == n.test.load && n.from == behindIP4:
		return code[2:]
	case have.plain && have.value == n.test.load, n.from == behindIP4 && have.x:
		return code[1:]
	default:
		return code
	}
}

// reach returns how far the two jumps of the next instruction lead. What is too
// far for the eight bits is reached by a jump of its own.
func (k *linker) reach(yes, no *node) (jt, jf uint8) {
	const far = 254 // one instruction may come between
	distance := func(n *node) int { return len(k.reverse) - 1 - k.places[n] }
	place := map[*node]int{yes: k.places[yes], no: k.places[no]}
	for _, n := range []*node{no, yes} {
		if d := distance(n); d > far {
			k.reverse = append(k.reverse, Instruction{Code: opJump, K: uint32(d)})
			place[n] = len(k.reverse) - 1
		}
	}
	return uint8(len(k.reverse) - 1 - place[yes]), uint8(len(k.reverse) - 1 - place[no])
}
