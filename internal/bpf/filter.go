package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// Operations of inet_diag bytecode (include/uapi/linux/inet_diag.h).
const (
	opNothing = 0  // INET_DIAG_BC_NOP
	opJump    = 1  // INET_DIAG_BC_JMP
	opSGE     = 2  // INET_DIAG_BC_S_GE
	opSLE     = 3  // INET_DIAG_BC_S_LE
	opDGE     = 4  // INET_DIAG_BC_D_GE
	opDLE     = 5  // INET_DIAG_BC_D_LE
	opAuto    = 6  // INET_DIAG_BC_AUTO
	opSHost   = 7  // INET_DIAG_BC_S_COND
	opDHost   = 8  // INET_DIAG_BC_D_COND
	opDevice  = 9  // INET_DIAG_BC_DEV_COND
	opMark    = 10 // INET_DIAG_BC_MARK_COND
	opCgroup  = 13 // INET_DIAG_BC_CGROUP_COND
)

// ErrCondition says that a filter asks for what a transition does not tell.
var ErrCondition = errors.New("autobound and cgroup are not known at a transition: leave them out")

// longestFilter is how many instructions a filter may have: jumps reach 32,767
// instructions far.
const longestFilter = 16 << 10

// translate turns inet_diag bytecode, which sock_diag would run over a socket,
// into the eBPF function selected(struct transition *). Both only jump forward:
// on a condition that does not hold to a label, else to the next operation.
func translate(code []byte) (asm.Instructions, error) {
	var out asm.Instructions
	for at := 0; at < len(code); {
		op := code[at:]
		if len(op) < 4 || int(op[1]) < 4 || int(op[1]) > len(op) {
			return nil, fmt.Errorf("filter: damaged at octet %d of %d", at, len(code))
		}
		op = op[:op[1]]
		test, err := condition(op, label(at+int(native.Uint16(op[2:])), len(code)))
		if err != nil {
			return nil, fmt.Errorf("filter: at octet %d: %w", at, err)
		}
		test = append(asm.Instructions{asm.Mov.Imm(asm.R0, 0)}, test...) // a place for the label
		test[0] = test[0].WithSymbol(label(at, len(code)))
		out = append(out, test...)
		at += len(op)
	}
	out = append(out,
		asm.Mov.Imm(asm.R0, 1).WithSymbol(label(len(code), len(code))), asm.Return(),
		asm.Mov.Imm(asm.R0, 0).WithSymbol(label(len(code)+4, len(code))), asm.Return())
	if len(out) > longestFilter {
		return nil, fmt.Errorf("filter: %d instructions, at most %d: shorten it", len(out), longestFilter)
	}
	return out, nil
}

// label names a place of the bytecode; one behind the end refuses.
func label(at, end int) string {
	switch {
	case at == end:
		return "filter_accepts"
	case at > end:
		return "filter_refuses"
	}
	return fmt.Sprintf("filter_at_%d", at)
}

// arguments is how many octets follow an operation's first four.
var arguments = map[byte]int{
	opNothing: 0, opJump: 0, opSGE: 4, opSLE: 4, opDGE: 4, opDLE: 4, opSHost: 8, opDHost: 8, opDevice: 4, opMark: 8,
}

// condition returns the instructions that jump where the operation fails. R1 is
// the transition.
func condition(op []byte, fails string) (asm.Instructions, error) {
	if op[0] == opAuto || op[0] == opCgroup {
		return nil, ErrCondition
	}
	if n, known := arguments[op[0]]; !known || len(op) < 4+n {
		return nil, fmt.Errorf("operation %d of %d octets is not known", op[0], len(op))
	}
	switch op[0] {
	case opJump: // R0 is 0; the verifier refuses code that can never be reached, as that behind a plain jump may be
		return asm.Instructions{asm.JEq.Imm(asm.R0, 0, fails)}, nil
	case opSGE:
		return port(atLocalPort, asm.JLT, op, fails), nil
	case opSLE:
		return port(atLocalPort, asm.JGT, op, fails), nil
	case opDGE:
		return port(atRemotePort, asm.JLT, op, fails), nil
	case opDLE:
		return port(atRemotePort, asm.JGT, op, fails), nil
	case opSHost:
		return hostCondition(atLocal, atLocalPort, op[4:], fails)
	case opDHost:
		return hostCondition(atRemote, atRemotePort, op[4:], fails)
	case opDevice:
		return masked(atDevice, ^uint32(0), native.Uint32(op[4:]), fails), nil
	case opMark:
		return masked(atMark, native.Uint32(op[8:]), native.Uint32(op[4:]), fails), nil
	}
	return nil, nil
}

// port compares a port; fails is the comparison under which it is refused.
func port(at int16, refused asm.JumpOp, op []byte, fails string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, at, asm.Half),
		refused.Imm(asm.R2, int32(native.Uint16(op[6:])), fails),
	}
}

// masked compares some bits of a word.
func masked(at int16, mask, value uint32, fails string) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, at, asm.Word),
		asm.And.Imm32(asm.R2, int32(mask)),
		asm.JNE.Imm32(asm.R2, int32(value), fails),
	}
}

// hostCondition is struct inet_diag_hostcond: family, prefix length, port (-1:
// any) and address.
func hostCondition(at, atPort int16, c []byte, fails string) (asm.Instructions, error) {
	family, bits, wanted, prefix := c[0], int(c[1]), int32(native.Uint32(c[4:])), c[8:]
	if bits > 8*len(prefix) || len(prefix)%4 != 0 || len(prefix) > 16 {
		return nil, fmt.Errorf("host condition: prefix of %d bits in %d octets", bits, len(prefix))
	}
	var out asm.Instructions
	if wanted >= 0 {
		out = append(out, asm.LoadMem(asm.R2, asm.R1, atPort, asm.Half), asm.JNE.Imm(asm.R2, wanted, fails))
	}
	if family != 0 {
		out = append(out, asm.LoadMem(asm.R2, asm.R1, atFamily, asm.Half), asm.JNE.Imm(asm.R2, int32(family), fails))
	}
	for word := 0; bits > 0; word, bits = word+4, bits-32 {
		var mask [4]byte
		for i := range min(bits, 32) {
			mask[i/8] |= 0x80 >> (i % 8)
		}
		m := native.Uint32(mask[:])
		out = append(out, masked(at+int16(word), m, native.Uint32(prefix[word:])&m, fails)...)
	}
	return out, nil
}
