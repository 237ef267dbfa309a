package ssfilter

// Ability is a set of conditions that not every kernel runs for every caller.
type Ability uint8

// The conditions that may be missing. The kernel refuses the whole request when
// it meets one that it does not run.
const (
	MarkConditions   Ability = 1 << iota // need CAP_NET_ADMIN in the namespace (else EPERM); unknown to kernels of the 3.x series
	DeviceConditions                     // unknown to kernels of the 3.x series (EINVAL)
	CgroupConditions                     // since about Linux 5.8, with CONFIG_SOCK_CGROUP_DATA (else EINVAL)
)

// Bytecode is BytecodeWithout nothing: for a caller with CAP_NET_ADMIN and
// a recent kernel.
func (f *Filter) Bytecode() (code []byte, exact bool) { return f.BytecodeWithout(0) }

// BytecodeWithout returns the conditions of the filter, without its states, as
// inet_diag bytecode in the byte order of this machine; nil when the kernel has
// nothing to sort out. Conditions that need one of the missing abilities are
// left out in such a way that the kernel selects too much rather than too
// little. exact tells that nothing was left out, so that kernel and filter
// agree; otherwise the caller must ask Match about every socket that it gets.
//
// A filter whose states are the empty set becomes code that selects nothing.
func (f *Filter) BytecodeWithout(missing Ability) (code []byte, exact bool) {
	if set, _ := f.States(); set == 0 {
		return assemble(constant(false)), true
	}
	if f.expr == nil {
		return nil, true
	}
	widest, exact := widen(f.expr.lower(), missing)
	code = assemble(widest)
	if len(code) > longest { // the length of an attribute has 16 bits
		return nil, false
	}
	return code, exact
}

// widen replaces tests that cannot be made by true, and removes constants from
// branches. Since "not" stands at tests only, the result selects all that t
// does.
func widen(t tree, missing Ability) (wider tree, exact bool) {
	switch t := t.(type) {
	case test:
		if t.needs&missing != 0 {
			return constant(true), false
		}
	case branch:
		return widenBranch(t, missing)
	}
	return t, true
}

func widenBranch(b branch, missing Ability) (wider tree, exact bool) {
	exact = true
	kept := branch{either: b.either}
	for _, member := range b.members {
		member, whole := widen(member, missing)
		exact = exact && whole
		switch decided, ok := member.(constant); {
		case !ok:
			kept.members = append(kept.members, member)
		case bool(decided) == b.either:
			return decided, exact // true decides an "or", false an "and"
		}
	}
	if len(kept.members) == 0 {
		return constant(!b.either), exact
	}
	return kept, exact
}
