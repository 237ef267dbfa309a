package pcapfilter

import (
	"slices"
	"strconv"
)

// protocol is the first word of a primitive, "" for none.
type protocol string

var (
	protocols  = []protocol{"ether", "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6"}
	accessible = protocols
	directions = []string{"src", "dst"}
	kinds      = []string{"host", "net", "port", "portrange", "proto"}
)

// foreign are words of libpcap that this package does not compile.
var foreign = []string{
	"vlan", "mpls", "pppoed", "pppoes", "geneve", "gateway", "protochain", "broadcast", "multicast", "netmask", "mask", "link", "wlan", "fddi", "tr",
	"decnet", "atalk", "aarp", "iso", "stp", "ipx", "netbeui", "igmp", "igrp", "pim", "esp", "ah", "vrrp", "carp", "type", "subtype", "ifname", "on",
}

// qualifiers are the words before an ID.
type qualifiers struct {
	proto     protocol
	direction string // "", "src", "dst", "and" of both
	kind      string // "" is "host" where an address follows
	lacking   bool   // the condition before has none to pass on
}

// primitive reads a condition that is no relation, or a value in brackets.
func (p *parser) primitive() (operand, error) {
	t := p.next()
	switch {
	case t.is("inbound", "outbound"):
		p.last = qualifiers{lacking: true}
		return operand{expr: way(t.text)}, nil
	case t.is("less", "greater"):
		return p.lengthLimit(t)
	case t.is(foreign...):
		return operand{}, refuse(t, "%q of libpcap is not among the words that are compiled here", t.text)
	case !t.literal && slices.Contains(protocols, protocol(t.text)):
		if p.peek().is("[") {
			return p.accessor(t)
		}
		return p.qualified(qualifiers{proto: protocol(t.text)}, t)
	case t.is(directions...), t.is(kinds...):
		p.lexer.at = t.start
		return p.qualified(qualifiers{}, t)
	case isSymbol(t):
		return operand{}, unexpected(t)
	}
	e, err := p.identified(p.last, t)
	return operand{expr: e}, err
}

func isSymbol(t token) bool {
	return t.last() || t.is("and", "or") || !t.literal && t.text != "::" && wordSize(t.text) == 0
}

func (p *parser) lengthLimit(t token) (operand, error) {
	n := p.next()
	limit, err := strconv.ParseUint(n.text, 0, 32)
	if err != nil {
		return operand{}, refuse(n, "a number of octets stands behind %q", t.text)
	}
	p.last = qualifiers{lacking: true}
	return operand{expr: &relation{length{}, map[string]string{"less": "<=", "greater": ">="}[t.text], number(limit)}}, nil
}

// qualified reads what may follow a protocol: direction, kind and ID.
func (p *parser) qualified(q qualifiers, first token) (operand, error) {
	q.direction = p.direction()
	if p.peek().is(kinds...) {
		q.kind = p.next().text
	}
	if q.direction == "" && q.kind == "" && p.endsPrimitive() {
		p.last = qualifiers{lacking: true}
		return operand{expr: carries(q.proto)}, nil
	}
	p.last = q
	e, err := p.identifiers(q)
	return operand{expr: e}, err
}

// endsPrimitive tells whether a protocol stands alone.
func (p *parser) endsPrimitive() bool {
	t := p.peek()
	return t.last() || t.is("and", "or", "&&", "||", ")")
}

func (p *parser) direction() string {
	if !p.peek().is(directions...) {
		return ""
	}
	first := p.next()
	ahead := p.lexer
	joint, second := p.next(), p.next()
	if first.text != second.text && second.is(directions...) {
		switch {
		case joint.is("or", "||"):
			return ""
		case joint.is("and", "&&"):
			return "and"
		}
	}
	p.lexer = ahead
	return first.text
}

// identifiers reads an ID, or several in parentheses.
func (p *parser) identifiers(q qualifiers) (expr, error) {
	t := p.next()
	switch {
	case t.is("not", "!"), t.is("("):
		if err := p.enter(t); err != nil {
			return nil, err
		}
		defer func() { p.depth-- }()
		if !t.is("(") {
			e, err := p.identifiers(q)
			return inverse{e}, err
		}
		return p.identifierList(q, t)
	case isSymbol(t):
		return nil, refuse(t, "%s is expected here", wanted(q.kind))
	}
	return p.identified(q, t)
}

func (p *parser) identifierList(q qualifiers, open token) (expr, error) {
	whole, err := p.identifiers(q)
	for err == nil {
		t := p.next()
		if t.is(")") {
			return whole, nil
		}
		if !t.is("and", "&&", "or", "||") {
			return nil, refuse(open, `this "(" holds IDs joined by "and" and "or", and ends with ")"`)
		}
		var next expr
		if next, err = p.identifiers(q); t.is("and", "&&") {
			whole = both{whole, next}
		} else {
			whole = alternatives(whole, next)
		}
	}
	return nil, err
}

// wanted says what a kind is followed by.
func wanted(kind string) string {
	switch kind {
	case "net":
		return "a network such as 192.0.2.0/24"
	case "port":
		return "a port or the name of a service"
	case "portrange":
		return "two ports such as 8000-8080"
	case "proto":
		return "a protocol number or name"
	default:
		return "an address or a host name"
	}
}
