package ssfilter

// Every operation of the bytecode goes on behind itself when its condition
// holds and jumps forward by "no" bytes otherwise; JMP always jumps. "yes" is
// one byte and must lead to the next operation, because the kernel's audit
// walks along it, so a jump on a condition that holds takes an extra JMP.

// label is a place in the code that is not known yet.
type label int

type assembler struct {
	code   []byte
	labels []int // byte offsets
	jumps  []jump
}

// jump is an operation whose "no" leads to a label.
type jump struct {
	from int // offset of the operation
	to   label
}

// assemble returns nil for a tree that is always true.
func assemble(t tree) []byte {
	if t == constant(true) {
		return nil
	}
	var a assembler
	accepted, refused := a.label(), a.label()
	a.emit(t, accepted, refused, accepted)
	a.place(accepted)
	a.labels[refused] = len(a.code) + reject
	for _, j := range a.jumps {
		native.PutUint16(a.code[j.from+2:], uint16(a.labels[j.to]-j.from))
	}
	return a.code
}

func (a *assembler) label() label {
	a.labels = append(a.labels, 0)
	return label(len(a.labels) - 1)
}

func (a *assembler) place(l label) { a.labels[l] = len(a.code) }

// emit appends code that goes to holds or fails; next is the label that will be
// placed right behind it.
func (a *assembler) emit(t tree, holds, fails, next label) {
	switch t := t.(type) {
	case constant:
		a.jump(operation(opJump, nil), map[constant]label{true: holds, false: fails}[t])
	case test:
		if t.inverted {
			holds, fails = fails, holds
		}
		a.jump(t.operation, fails)
		if holds != next {
			a.jump(operation(opJump, nil), holds)
		}
	case branch:
		a.emitBranch(t, holds, fails, next)
	}
}

func (a *assembler) jump(operation []byte, to label) {
	a.jumps = append(a.jumps, jump{from: len(a.code), to: to})
	a.code = append(a.code, operation...)
}

// emitBranch goes from member to member until one decides.
func (a *assembler) emitBranch(b branch, holds, fails, next label) {
	last := len(b.members) - 1
	for _, member := range b.members[:last] {
		following := a.label()
		if b.either {
			a.emit(member, holds, following, following)
		} else {
			a.emit(member, following, fails, following)
		}
		a.place(following)
	}
	a.emit(b.members[last], holds, fails, next)
}
