package pcapfilter

import (
	"slices"
	"strconv"
)

// operators binds them, the loosest first.
var operators = [][]string{{"|", "^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

// named are the constants that a filter may use (pcap-filter, RFC 9293 3.1, RFC
// 792, RFC 4443).
var named = map[string]uint32{
	"tcpflags": 13, "icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1,
	"tcp-fin": 0x01, "tcp-syn": 0x02, "tcp-rst": 0x04, "tcp-push": 0x08, "tcp-ack": 0x10, "tcp-urg": 0x20, "tcp-ece": 0x40, "tcp-cwr": 0x80,
	"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8, "icmp-timxceed": 11, "icmp-paramprob": 12,
	"icmp6-destinationunreach": 1, "icmp6-packettoobig": 2, "icmp6-timeexceeded": 3, "icmp6-parameterproblem": 4, "icmp6-echo": 128, "icmp6-echoreply": 129,
}

// arithmetic reads a value whose operators bind at least as tight as level, or,
// where no value begins, a condition.
func (p *parser) arithmetic(level int) (operand, error) {
	if level == len(operators) {
		return p.primary()
	}
	left, err := p.arithmetic(level + 1)
	for err == nil && left.value != nil && p.peek().is(operators[level]...) {
		op := p.next()
		var right operand
		if right, err = p.arithmetic(level + 1); err != nil {
			break
		}
		if right.value == nil {
			return operand{}, refuse(op, "%q takes two values; what stands behind it is a condition", op.text)
		}
		left.value, err = compute(op, left.value, right.value)
		left.word = token{}
	}
	return left, err
}

// primary reads a value without operators, or a condition.
func (p *parser) primary() (operand, error) {
	t := p.peek()
	name, isName := named[t.text]
	switch {
	case t.is("("):
		return p.parentheses(p.next())
	case t.is("-"):
		return p.negative()
	case t.is("len"):
		p.next()
		return operand{value: length{}}, nil
	case isName && !t.literal:
		p.next()
		return operand{value: number(name)}, nil
	case t.number():
		if n, err := strconv.ParseUint(t.text, 0, 32); err == nil {
			p.next()
			return operand{value: number(n), word: t}, nil
		}
	}
	return p.primitive()
}

func (p *parser) negative() (operand, error) {
	minus := p.next()
	if err := p.enter(minus); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	o, err := p.primary()
	if err != nil {
		return operand{}, err
	}
	if o.value == nil {
		return operand{}, refuse(minus, `"-" takes a value; what stands behind it is a condition`)
	}
	v, err := compute(minus, number(0), o.value)
	return operand{value: v}, err
}

// accessor reads what stands in the brackets of "tcp[13]".
func (p *parser) accessor(of token) (operand, error) {
	open := p.next()
	if !slices.Contains(accessible, protocol(of.text)) {
		return operand{}, refuse(of, "the octets of %q cannot be read", of.text)
	}
	if err := p.enter(open); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	index, err := p.arithmetic(0)
	if err != nil {
		return operand{}, err
	}
	if index.value == nil {
		return operand{}, refuse(open, "a number of octets stands in brackets, not a condition")
	}
	size := 1
	if p.peek().is(":") {
		p.next()
		t := p.next()
		if !t.is("1", "2", "4") {
			return operand{}, refuse(t, "1, 2 or 4 octets can be read at once")
		}
		size = int(t.text[0] - '0')
	}
	if closing := p.next(); !closing.is("]") {
		return operand{}, refuse(closing, `expected "]"`)
	}
	return operand{value: &octets{protocol(of.text), index.value, size}}, nil
}
