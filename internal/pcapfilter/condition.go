package pcapfilter

// condition is a filter in terms of what a packet's octets must be.
type condition interface {
	// graph returns where the packet goes on when it must go to yes or no.
	graph(g *graph, yes, no *node) *node
}

type (
	all      []condition
	some     []condition
	negation struct{ of condition }
	constant bool
)

func (a all) graph(g *graph, yes, no *node) *node {
	for i := len(a) - 1; i >= 0; i-- {
		yes = a[i].graph(g, yes, no)
	}
	return yes
}

func (s some) graph(g *graph, yes, no *node) *node {
	for i := len(s) - 1; i >= 0; i-- {
		no = s[i].graph(g, yes, no)
	}
	return no
}

func (n negation) graph(g *graph, yes, no *node) *node { return n.of.graph(g, no, yes) }

func (c constant) graph(_ *graph, yes, no *node) *node {
	if c {
		return yes
	}
	return no
}

// source is where a test takes its value from.
type source uint8

const (
	absolute  source = iota // an offset in the frame
	behindIP4               // an offset behind the IPv4 header
	size                    // the packet's length
	extended                // an extension of the kernel (SKF_AD_OFF)
)

// load is what a test looks at.
type load struct {
	from   source
	offset uint32
	octets uint8
}

// test compares a value of the packet with a number, or, where relation is set,
// two values.
type test struct {
	load
	mask     uint32 // 0 is none
	op       uint16 // opEqual, opGreater, opAtLeast, opAnyBit
	with     uint32
	relation *relation
}

func (t test) graph(g *graph, yes, no *node) *node { return g.node(t, yes, no) }

// node is a test and where its answers lead.
type node struct {
	test
	yes, no *node
	end     bool // accept and reject
}

// graph holds each node once: equal tests that lead to the same places are one.
type graph struct {
	nodes          map[node]*node
	accept, reject *node
	known          map[learnt]*node
}

func newGraph() *graph {
	return &graph{nodes: map[node]*node{}, accept: &node{end: true}, reject: &node{end: true}, known: map[learnt]*node{}}
}

func (g *graph) node(t test, yes, no *node) *node {
	key := node{test: t, yes: yes, no: no}
	if have, ok := g.nodes[key]; ok {
		return have
	}
	n := &key
	g.nodes[key] = n
	return n
}
