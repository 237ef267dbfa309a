package pcapfilter

import (
	"testing"

	"golang.org/x/net/bpf"
)

// machine makes the interpreter of golang.org/x/net of a program.
func machine(t *testing.T, p Program) *bpf.VM {
	t.Helper()
	raw := make([]bpf.RawInstruction, len(p))
	for i, instruction := range p {
		raw[i] = bpf.RawInstruction{Op: instruction.Code, Jt: instruction.JT, Jf: instruction.JF, K: instruction.K}
	}
	list, whole := bpf.Disassemble(raw)
	if !whole {
		t.Fatalf("not all instructions are known:\n%v", p)
	}
	vm, err := bpf.NewVM(list)
	if err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	return vm
}

func passes(t *testing.T, vm *bpf.VM, frame []byte) bool {
	t.Helper()
	n, err := vm.Run(frame)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}
