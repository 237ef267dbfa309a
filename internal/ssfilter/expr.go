package ssfilter

import "strings"

// expr is a filter without its states: a condition, or conditions joined.
type expr interface {
	judge(*Endpoint) Answer
	lower() tree // in terms of the kernel's conditions
	String() string
}

// all and some are "and" and "or" of at least two members, none of which is of
// the same kind; not never holds another not. So equal filters are equal values.
type (
	all  []expr
	some []expr
	not  struct{ of expr }
)

// join adds a term to what was read so far, which may be nil.
func join(or bool, left, right expr) expr {
	switch {
	case left == nil:
		return right
	case or:
		return append(alternatives(left), alternatives(right)...)
	default:
		return append(requirements(left), requirements(right)...)
	}
}

func alternatives(e expr) some {
	if list, ok := e.(some); ok {
		return list
	}
	return some{e}
}

func requirements(e expr) all {
	if list, ok := e.(all); ok {
		return list
	}
	return all{e}
}

// negate returns the opposite of e.
func negate(e expr) expr {
	if n, ok := e.(not); ok {
		return n.of
	}
	return not{e}
}

func (a all) judge(e *Endpoint) Answer {
	least := Yes
	for _, member := range a {
		if least = min(least, member.judge(e)); least == No {
			break
		}
	}
	return least
}

func (s some) judge(e *Endpoint) Answer {
	most := No
	for _, member := range s {
		if most = max(most, member.judge(e)); most == Yes {
			break
		}
	}
	return most
}

func (n not) judge(e *Endpoint) Answer { return n.of.judge(e).opposite() }

func (a all) String() string  { return enumerate(a, " and ") }
func (s some) String() string { return enumerate(s, " or ") }
func (n not) String() string  { return "not " + enclose(n.of) }

func enumerate(list []expr, joint string) string {
	texts := make([]string, len(list))
	for i, member := range list {
		texts[i] = enclose(member)
	}
	return strings.Join(texts, joint)
}

// enclose puts lists in parentheses, because "and" and "or" bind equally.
func enclose(e expr) string {
	switch e.(type) {
	case all, some:
		return "( " + e.String() + " )"
	}
	return e.String()
}
