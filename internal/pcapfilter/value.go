package pcapfilter

// value is an unsigned number of 32 bits that a packet is asked for. Arithmetic
// wraps around.
type value interface {
	// needs adds the protocols whose octets are read.
	needs(visit func(protocol))
	// code appends instructions that leave the value in the accumulator.
	code(c *coder)
}

type (
	number uint32
	length struct{} // of the packet, as the link gives it
	octets struct { // of a protocol's header and what is behind it
		of    protocol
		index value
		size  int
	}
	calculation struct {
		op          string
		left, right value
	}
)

func (number) needs(func(protocol)) {}
func (length) needs(func(protocol)) {}
func (o *octets) needs(visit func(protocol)) {
	visit(o.of)
	o.index.needs(visit)
}
func (c *calculation) needs(visit func(protocol)) {
	c.left.needs(visit)
	c.right.needs(visit)
}

// compute joins two values; numbers at once.
func compute(op token, left, right value) (value, error) {
	b, known := right.(number)
	if known && b == 0 && op.is("/", "%") {
		return nil, refuse(op, "division by zero")
	}
	if known && b > 31 && op.is("<<", ">>") {
		return nil, refuse(op, "a value has 32 bits and cannot be shifted by %d", b)
	}
	a, both := left.(number)
	if !both || !known {
		return &calculation{op.text, left, right}, nil
	}
	return number(calculate(op.text, uint32(a), uint32(b))), nil
}

// calculate does what the instruction does; b suits the operator.
func calculate(op string, a, b uint32) uint32 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return a % b
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "<<":
		return a << b
	default: // ">>"
		return a >> b
	}
}
