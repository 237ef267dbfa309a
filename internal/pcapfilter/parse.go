package pcapfilter

// deepest is how many parentheses, brackets and negations may be open at once.
const deepest = 100

type parser struct {
	lexer
	names Names
	last  qualifiers // what an ID without words of its own takes
	depth int
}

// operand is what a term turned out to be: a condition, or a value that must be
// compared with another one, or the bare word of an ID.
type operand struct {
	expr  expr
	value value
	word  token // of a number that stands alone
	at    token // where the value begins
}

func (p *parser) whole() (expr, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if t := p.next(); !t.last() {
		return nil, refuse(t, `expected "and", "or" or the end; found %q`, t.text)
	}
	return e, nil
}

// expression reads terms joined by "and" and "or", which bind equally.
func (p *parser) expression() (expr, error) {
	o, err := p.list()
	if err != nil {
		return nil, err
	}
	return p.condition(o)
}

func (p *parser) list() (operand, error) {
	whole, err := p.term()
	for err == nil && p.peek().is("and", "&&", "or", "||") {
		joint := p.next()
		var left, right expr
		if left, err = p.condition(whole); err != nil {
			break
		}
		var o operand
		if o, err = p.term(); err != nil {
			break
		}
		if right, err = p.condition(o); err != nil {
			break
		}
		if joint.is("and", "&&") {
			whole = operand{expr: both{left, right}}
		} else {
			whole = operand{expr: alternatives(left, right)}
		}
	}
	return whole, err
}

// condition makes a term one: a number alone is an ID.
func (p *parser) condition(o operand) (expr, error) {
	switch {
	case o.expr != nil:
		return o.expr, nil
	case o.word.end > 0:
		return p.identified(p.last, o.word)
	default:
		return nil, refuse(o.at, "a value is no condition: compare it with another one, as in \"len > 100\"")
	}
}

// enter counts what is open, so that a hostile filter cannot exhaust the stack.
func (p *parser) enter(at token) error {
	if p.depth++; p.depth > deepest {
		return refuse(at, "more than %d parentheses and negations are open here", deepest)
	}
	return nil
}

// term reads "not" and what follows, or a condition or a value.
func (p *parser) term() (operand, error) {
	if t := p.peek(); t.is("not", "!") {
		p.next()
		if err := p.enter(t); err != nil {
			return operand{}, err
		}
		defer func() { p.depth-- }()
		o, err := p.term()
		if err != nil {
			return operand{}, err
		}
		e, err := p.condition(o)
		return operand{expr: inverse{e}}, err
	}
	return p.relation()
}

var comparisons = []string{"=", "==", "!=", ">", "<", ">=", "<="}

// relation reads a value and what it is compared with, or a condition.
func (p *parser) relation() (operand, error) {
	first := p.peek()
	left, err := p.arithmetic(0)
	left.at = first
	if err != nil || left.value == nil || !p.peek().is(comparisons...) {
		return left, err
	}
	op := p.next()
	right, err := p.arithmetic(0)
	if err != nil {
		return operand{}, err
	}
	if right.value == nil {
		return operand{}, refuse(op, "%q compares two values; what stands behind it is a condition", op.text)
	}
	return operand{expr: &relation{left.value, op.text, right.value}}, nil
}

func (p *parser) parentheses(open token) (operand, error) {
	if err := p.enter(open); err != nil {
		return operand{}, err
	}
	o, err := p.list()
	if err != nil {
		return operand{}, err
	}
	if closing := p.next(); !closing.is(")") {
		if closing.last() {
			return operand{}, refuse(open, `this "(" is never closed`)
		}
		return operand{}, refuse(closing, `expected "and", "or" or ")"; found %q`, closing.text)
	}
	p.depth--
	return o, nil
}

// expectation names what may stand where a term is missing.
const expectation = `a condition such as "tcp port 80", "host 192.0.2.1", "tcp[tcpflags] & tcp-syn != 0", "not" or "("`

func unexpected(t token) error {
	switch {
	case t.last():
		return refuse(t, "the filter ends here; expected %s", expectation)
	case t.is(")"):
		return refuse(t, "nothing stands before this %q; expected %s", t.text, expectation)
	default:
		return refuse(t, "found %q; expected %s", t.text, expectation)
	}
}
