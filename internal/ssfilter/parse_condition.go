package ssfilter

import (
	"math"
	"strconv"
	"strings"
)

// condition reads what follows the keyword t; ok is false when t is none.
func (p *parser) condition(t token) (e expr, ok bool, err error) {
	switch t.keyword() {
	case "src", "dst":
		e, err = p.host(t.is("dst"))
	case "sport", "dport":
		e, err = p.port(t.is("dport"))
	case "dev":
		e, err = p.device()
	case "fwmark":
		e, err = p.mark()
	case "cgroup":
		e, err = p.cgroup()
	case "autobound":
		e = autobound{}
	default:
		return nil, false, nil
	}
	return e, true, err
}

var comparisons = map[string]comparison{
	"=": equal, "==": equal, "eq": equal,
	"!=": unequal, "ne": unequal, "neq": unequal,
	"<": less, "lt": less, "<=": lessOrEqual, "le": lessOrEqual, "leq": lessOrEqual,
	">": greater, "gt": greater, ">=": greaterOrEqual, "ge": greaterOrEqual, "geq": greaterOrEqual,
}

// comparison takes an operator; without one it is "=".
func (p *parser) comparison() (token, comparison) {
	t := p.peek()
	if op, ok := comparisons[t.keyword()]; ok {
		return p.next(), op
	}
	return t, equal
}

// equality takes an operator of a condition that has no order.
func (p *parser) equality(keyword string) (negative bool, err error) {
	at, op := p.comparison()
	if op != equal && op != unequal {
		return false, p.fail(at, "%s can only be compared with = or !=", keyword)
	}
	return op == unequal, nil
}

// operandWord takes the word that a condition compares with.
func (p *parser) operandWord(t token, wanted string) (token, error) {
	if t.symbol || t.last() || !t.literal && reserved(t.text) {
		return t, p.fail(t, "expected %s; %s", wanted, describe(t))
	}
	return t, nil
}

func (p *parser) device() (expr, error) {
	negative, err := p.equality("dev")
	if err != nil {
		return nil, err
	}
	word, err := p.operandWord(p.value(), "the name or index of an interface")
	if err != nil {
		return nil, err
	}
	index, ok := p.deviceIndex(word.text)
	if !ok {
		return nil, p.fail(word, "there is no interface %q; expected its name or index", word.text)
	}
	return signed(deviceIs{word: word.text, index: index}, negative), nil
}

// deviceIndex prefers the name: an interface may be called "7".
func (p *parser) deviceIndex(word string) (uint32, bool) {
	if p.names.Device != nil {
		if index, ok := p.names.Device(word); ok {
			return index, true
		}
	}
	n, ok := number(word, math.MaxUint32)
	return uint32(n), ok
}

func (p *parser) mark() (expr, error) {
	negative, err := p.equality("fwmark")
	if err != nil {
		return nil, err
	}
	const wanted = "a mark, as in 0x10 or 0x10/0xff"
	word, err := p.operandWord(p.next(), wanted)
	if err != nil {
		return nil, err
	}
	value, mask, masked := strings.Cut(word.text, "/")
	mark, ok := number(value, math.MaxUint32)
	bits, maskOK := uint64(math.MaxUint32), true
	if masked {
		bits, maskOK = number(mask, math.MaxUint32)
	}
	if !ok || !maskOK {
		return nil, p.fail(word, "%q is no mark; expected %s", word.text, wanted)
	}
	return signed(markIs{value: uint32(mark), mask: uint32(bits)}, negative), nil
}

func (p *parser) cgroup() (expr, error) {
	negative, err := p.equality("cgroup")
	if err != nil {
		return nil, err
	}
	word, err := p.operandWord(p.value(), "the path of a cgroup v2")
	if err != nil {
		return nil, err
	}
	if p.names.Cgroup != nil {
		if id, ok := p.names.Cgroup(word.text); ok {
			return signed(cgroupIs{path: word.text, id: id}, negative), nil
		}
	}
	return nil, p.fail(word, "there is no cgroup v2 at %q", word.text)
}

func signed(e expr, negative bool) expr {
	if negative {
		return not{e}
	}
	return e
}

// number reads an unsigned number as strtoul(3) does with base 0: 0x begins a
// hexadecimal and 0 an octal one.
func number(text string, largest uint64) (uint64, bool) {
	base, digits := 10, text
	switch {
	case strings.HasPrefix(text, "0x"), strings.HasPrefix(text, "0X"):
		base, digits = 16, text[2:]
	case len(text) > 1 && text[0] == '0':
		base, digits = 8, text[1:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return n, err == nil && n <= largest
}
