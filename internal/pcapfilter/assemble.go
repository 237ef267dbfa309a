package pcapfilter

// coder appends the instructions of one test.
type coder struct {
	list    Program
	network uint32
	cell    uint32 // the next free memory cell
	failed  error
}

func (c *coder) emit(code uint16, k uint32) { c.list = append(c.list, Instruction{Code: code, K: k}) }

// load puts what a test looks at into the accumulator.
func (c *coder) load(l load) {
	codes := map[uint8]uint16{1: opLoadByte, 2: opLoadHalf, 4: opLoadWord}
	switch l.from {
	case size:
		c.emit(opLength, 0)
	case behindIP4:
		c.emit(opLoadIP, c.network)
		c.emit(codes[l.octets]+opIndirect, l.offset)
	default:
		c.emit(codes[l.octets], l.offset)
	}
}

func (n number) code(c *coder) { c.emit(opNumber, uint32(n)) }
func (length) code(c *coder)   { c.emit(opLength, 0) }

func (o *octets) code(c *coder) {
	base, variable := c.network, false
	switch o.of {
	case "ether":
		base = 0
	case "icmp6":
		base += 40
	case "tcp", "udp", "sctp", "icmp":
		variable = true
	}
	index, fixed := o.index.(number)
	switch {
	case fixed && variable:
		c.load(load{behindIP4, base + uint32(index), uint8(o.size)})
	case fixed:
		c.load(load{absolute, base + uint32(index), uint8(o.size)})
	default:
		c.indexed(o.index, variable, load{behindIP4, base, uint8(o.size)})
	}
}

// indexed loads from an offset that the packet itself tells.
func (c *coder) indexed(index value, variable bool, l load) {
	index.code(c)
	if variable {
		cell := c.keep()
		c.emit(opLoadIP, c.network)
		c.emit(opMemory, cell)
		c.emit(calculations["+"]+opWithX, 0)
		c.cell--
	}
	c.emit(opToX, 0)
	codes := map[uint8]uint16{1: opLoadByte, 2: opLoadHalf, 4: opLoadWord}
	c.emit(codes[l.octets]+opIndirect, l.offset)
}

// keep stores the accumulator in a cell, to be released by the caller.
func (c *coder) keep() uint32 {
	if c.cell == memoryCells {
		c.failed = errMemory
		return 0
	}
	c.emit(opStore, c.cell)
	c.cell++
	return c.cell - 1
}

func (v *calculation) code(c *coder) {
	v.left.code(c)
	if n, fixed := v.right.(number); fixed {
		c.emit(calculations[v.op], uint32(n))
		return
	}
	c.operands(v.right)
	c.emit(calculations[v.op]+opWithX, 0)
}

// operands leaves what the accumulator holds there, and another value in x.
func (c *coder) operands(right value) {
	before := c.cell
	cell := c.keep()
	right.code(c)
	c.emit(opToX, 0)
	c.emit(opMemory, cell)
	c.cell = before
}

// relationCodes are the tests of comparisons; those of which the opposite is
// tested change places of yes and no.
var relationCodes = map[string]struct {
	op       uint16
	opposite bool
}{
	"=": {opEqual, false}, "==": {opEqual, false}, "!=": {opEqual, true}, ">": {opGreater, false}, "<=": {opGreater, true},
	">=": {opAtLeast, false}, "<": {opAtLeast, true},
}

// code appends the test, but for where its answers lead.
func (n *node) code(c *coder) (opposite bool) {
	if n.relation == nil {
		c.load(n.test.load)
		if n.mask != 0 {
			c.emit(calculations["&"], n.mask)
		}
		c.emit(n.op, n.with)
		return false
	}
	n.relation.left.code(c)
	how := relationCodes[n.relation.op]
	if k, fixed := n.relation.right.(number); fixed {
		c.emit(how.op, uint32(k))
		return how.opposite
	}
	c.operands(n.relation.right)
	c.emit(how.op+opWithX, 0)
	return how.opposite
}
