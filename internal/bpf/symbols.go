package bpf

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// Symbols finds the functions of the kernel in which the addresses lie, from a
// list as /proc/kallsyms has it. Without CAP_SYSLOG the kernel hides its
// addresses, and nothing is found. The list is read once and not kept.
func Symbols(list io.Reader, addresses []uint64) (map[uint64]string, error) {
	type nearest struct {
		at   uint64
		name string
	}
	best := make(map[uint64]nearest, len(addresses))
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		address, kind, name := symbol(lines.Bytes())
		if address == 0 || kind != 't' && kind != 'T' {
			continue
		}
		for _, wanted := range addresses {
			if address <= wanted && address > best[wanted].at {
				best[wanted] = nearest{address, string(name)}
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("symbols of the kernel: %w", err)
	}
	names := make(map[uint64]string, len(best))
	for wanted, found := range best {
		names[wanted] = found.name
	}
	return names, nil
}

// symbol reads a line: address, kind, name, and a module, which is left out.
func symbol(line []byte) (address uint64, kind byte, name []byte) {
	at := bytes.IndexByte(line, ' ')
	if at < 0 || len(line) < at+4 {
		return 0, 0, nil
	}
	address, err := strconv.ParseUint(string(line[:at]), 16, 64)
	if err != nil {
		return 0, 0, nil
	}
	name, _, _ = bytes.Cut(line[at+3:], []byte{'\t'})
	return address, line[at+1], name
}
