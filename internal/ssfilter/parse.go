package ssfilter

import (
	"fmt"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// deepest is how many parentheses may be open at once. It keeps the recursion
// over a hostile filter small.
const deepest = 200

type parser struct {
	lexer
	names  Names
	states stateChoice
	depth  int // of open parentheses
}

func (p *parser) fail(at token, format string, arguments ...any) error {
	return &SyntaxError{Text: p.text, Offset: at.start, Length: at.end - at.start, What: fmt.Sprintf(format, arguments...)}
}

// describe names a token in a message.
func describe(t token) string {
	if t.last() {
		return "the filter ends here"
	}
	return fmt.Sprintf("found %q", t.text)
}

func (p *parser) filter() (*Filter, error) {
	whole, err := p.list()
	if err != nil {
		return nil, err
	}
	if t := p.next(); !t.last() {
		return nil, p.fail(t, "no \"(\" is open here")
	}
	return &Filter{states: p.states, expr: whole}, nil
}

// place is what stands before the next term of a list.
type place uint8

const (
	atStart place = iota
	afterState
	afterTerm
)

// list reads terms up to ")" or the end. It is nil when only states stood there.
func (p *parser) list() (whole expr, err error) {
	for before := atStart; ; {
		if t := p.peek(); t.last() || t.is(")") {
			return whole, nil
		}
		joint, err := p.joint(before)
		if err != nil {
			return nil, err
		}
		if t := p.peek(); t.is("state", "exclude", "excl") {
			if err := p.state(joint); err != nil {
				return nil, err
			}
			before = afterState
			continue
		}
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		whole, before = join(joint.is("or", "|", "||"), whole, term), afterTerm
	}
}

// joint takes "and" or "or" if there is one.
func (p *parser) joint(before place) (token, error) {
	t := p.peek()
	isOr := t.is("or", "|", "||")
	if !isOr && !t.is("and", "&", "&&") {
		return token{}, nil
	}
	if before == atStart {
		return t, p.fail(t, "nothing stands before %q; expected %s", t.text, aCondition)
	}
	if before == afterState && isOr {
		return t, p.fail(t, "a state holds for the whole filter and has no alternative; name several states, as in \"state established state time-wait\"")
	}
	return p.next(), nil
}

// term reads "not" and what follows it.
func (p *parser) term() (expr, error) {
	negative := false
	for p.peek().is("not", "!") {
		p.next()
		negative = !negative
		if t := p.peek(); t.is("state", "exclude", "excl") {
			return nil, p.fail(t, "a state cannot be negated like this; write \"exclude\" and the state")
		}
	}
	e, err := p.operand()
	if err == nil && negative {
		e = negate(e)
	}
	return e, err
}

func (p *parser) operand() (expr, error) {
	t := p.next()
	if t.is("(") {
		return p.parentheses(t)
	}
	if e, ok, err := p.condition(t); ok {
		return e, err
	}
	return nil, p.noCondition(t)
}

func (p *parser) parentheses(open token) (expr, error) {
	if p.depth++; p.depth > deepest {
		return nil, p.fail(open, "more than %d parentheses are open here", deepest)
	}
	inner, err := p.list()
	if err != nil {
		return nil, err
	}
	closing := p.next()
	if !closing.is(")") {
		return nil, p.fail(open, "this \"(\" is never closed")
	}
	if inner == nil {
		return nil, p.fail(closing, "nothing stands in these parentheses; expected %s", aCondition)
	}
	p.depth--
	return inner, nil
}

const aCondition = `a condition (src, dst, sport, dport, dev, fwmark, cgroup, autobound), "not" or "("`

func (p *parser) noCondition(t token) error {
	if _, err := p.stateWord(t); err == nil && !t.symbol {
		return p.fail(t, "a state stands behind the word \"state\": \"state %s\"", t.text)
	}
	return p.fail(t, "expected %s; %s", aCondition, describe(t))
}

// state reads "state X" or "exclude X". The first one decides whether the
// filter starts from no state or from all.
func (p *parser) state(joint token) error {
	how := p.next()
	if p.depth > 0 {
		return p.fail(how, "%q holds for the whole filter and stands outside parentheses", how.text)
	}
	if joint.is("or", "|", "||") {
		return p.fail(how, "%q holds for the whole filter and cannot be an alternative", how.text)
	}
	word := p.next()
	set, err := p.stateWord(word)
	if err != nil {
		return err
	}
	adds := how.is("state")
	switch {
	case adds:
		p.states.set |= set
	case !p.states.given:
		p.states.set = groups["all"] &^ set
	default:
		p.states.set &^= set
	}
	p.states.given = true
	return nil
}

// unknownState explains a word that is no state.
func (p *parser) unknownState(word token, err *host.UnknownStateError) error {
	if err.Nearest != "" {
		return p.fail(word, "%q is not a state; did you mean %s?", word.text, nearest(err))
	}
	return p.fail(word, "%q is not a state; expected a TCP state or all, connected, synchronized, bucket, big or bound-inactive", word.text)
}

// nearest is the word of ss for the state that was probably meant.
func nearest(err *host.UnknownStateError) string {
	state, _ := tcp.ParseState(err.Nearest)
	return host.Vocabulary(state).SS
}
