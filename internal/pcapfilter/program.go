package pcapfilter

import (
	"errors"
	"fmt"
	"strings"
)

// Instruction is one of classic BPF, struct sock_filter of linux/filter.h.
type Instruction struct {
	Code   uint16
	JT, JF uint8 // how many instructions to skip when the test is true or false
	K      uint32
}

// Program is what the kernel runs on each frame: it returns how many octets to
// keep, 0 for none.
type Program []Instruction

// Operation codes of classic BPF.
const (
	opLoadWord  = 0x20 // ld [k]
	opLoadHalf  = 0x28 // ldh [k]
	opLoadByte  = 0x30 // ldb [k]
	opIndirect  = 0x20 // added to the three: [x + k]
	opLoadIP    = 0xb1 // ldxb 4*([k]&0xf)
	opNumber    = 0x00 // ld #k
	opLength    = 0x80 // ld #len
	opMemory    = 0x60 // ld M[k]
	opMemoryX   = 0x61 // ldx M[k]
	opStore     = 0x02 // st M[k]
	opToX       = 0x07 // tax
	opJump      = 0x05 // ja
	opEqual     = 0x15 // jeq #k
	opGreater   = 0x25 // jgt #k
	opAtLeast   = 0x35 // jge #k
	opAnyBit    = 0x45 // jset #k
	opWithX     = 0x08 // added to a comparison or calculation: x in place of #k
	opReturn    = 0x06 // ret #k
	longest     = 4096 // BPF_MAXINSNS
	memoryCells = 16   // BPF_MEMWORDS
)

var calculations = map[string]uint16{
	"+": 0x04, "-": 0x14, "*": 0x24, "/": 0x34, "|": 0x44, "&": 0x54, "<<": 0x64, ">>": 0x74, "%": 0x94, "^": 0xa4,
}

// Verify checks what the kernel checks before it takes a program (man 4 bpf,
// net/core/filter.c): known codes, forward jumps that stay inside, memory cells
// in range, no division by a zero, and a return at the end.
func (p Program) Verify() error {
	if len(p) == 0 || len(p) > longest {
		return fmt.Errorf("a program has 1 to %d instructions, not %d", longest, len(p))
	}
	for at, i := range p {
		if err := i.verify(len(p) - at - 1); err != nil {
			return fmt.Errorf("instruction %d (%v): %w", at, i, err)
		}
	}
	if p[len(p)-1].Code != opReturn {
		return errors.New("the program does not end with a return")
	}
	return nil
}

// verify checks an instruction that so many others follow.
func (i Instruction) verify(behind int) error {
	name, known := mnemonics[i.Code]
	switch {
	case !known:
		return errors.New("unknown code")
	case i.Code == opJump && int64(i.K) >= int64(behind),
		i.Code&7 == opJump && i.Code != opJump && max(int(i.JT), int(i.JF)) >= behind:
		return errors.New("jump beyond the end")
	case strings.Contains(name, "M[") && i.K >= memoryCells:
		return errors.New("no such memory cell")
	case (i.Code == 0x34 || i.Code == 0x94) && i.K == 0:
		return errors.New("division by zero")
	case (i.Code == 0x64 || i.Code == 0x74) && i.K > 31:
		return errors.New("shift by more than 31")
	}
	return nil
}

// mnemonics names the codes that this package makes, as assemblers write them.
var mnemonics = func() map[uint16]string {
	names := map[uint16]string{
		opLoadWord: "ld [%d]", opLoadHalf: "ldh [%d]", opLoadByte: "ldb [%d]",
		opLoadWord + opIndirect: "ld [x + %d]", opLoadHalf + opIndirect: "ldh [x + %d]", opLoadByte + opIndirect: "ldb [x + %d]",
		opLoadIP: "ldxb 4*([%d]&0xf)", opNumber: "ld #%#x", opLength: "ld #len", opMemory: "ld M[%d]", opMemoryX: "ldx M[%d]",
		opStore: "st M[%d]", opToX: "tax", opJump: "ja +%d", opReturn: "ret #%d",
	}
	for code, name := range map[uint16]string{opEqual: "jeq", opGreater: "jgt", opAtLeast: "jge", opAnyBit: "jset"} {
		names[code], names[code+opWithX] = name+" #%#x", name+" x"
	}
	words := map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div", "|": "or", "&": "and", "<<": "lsh", ">>": "rsh", "%": "mod", "^": "xor"}
	for op, code := range calculations {
		names[code], names[code+opWithX] = words[op]+" #%#x", words[op]+" x"
	}
	return names
}()

// extensionNames are the words for loads of the kernel's extensions.
var extensionNames = map[uint32]string{extendedProtocol: "proto", extendedPacket: "type", extendedRandom: "rand"}

// String is the instruction without its jumps, as "ldh [12]".
func (i Instruction) String() string {
	if name, ok := extensionNames[i.K]; ok && i.Code&^0x18 == opLoadWord {
		return "ld " + name
	}
	name, known := mnemonics[i.Code]
	switch {
	case !known:
		return fmt.Sprintf("code %#x %#x", i.Code, i.K)
	case strings.Contains(name, "%"):
		return fmt.Sprintf(name, i.K)
	default:
		return name
	}
}

// String lists the program, one instruction a line, with the numbers of those
// where each test leads.
func (p Program) String() string {
	var list strings.Builder
	for at, i := range p {
		line := fmt.Sprintf("(%03d) %v", at, i)
		if i.Code&7 == opJump && i.Code != opJump {
			line = fmt.Sprintf("%-32s jt %d\tjf %d", line, at+1+int(i.JT), at+1+int(i.JF))
		}
		list.WriteString(line + "\n")
	}
	return list.String()
}
