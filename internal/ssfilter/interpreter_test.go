package ssfilter

import (
	"errors"
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// kernelSocket is what the kernel's interpreter sees (struct inet_diag_entry).
type kernelSocket struct {
	family        byte
	local, remote netip.Addr // of the family: IPv4-mapped ones are IPv6
	sport, dport  uint16
	bindLock      bool // SOCK_BINDPORT_LOCK
	ifindex, mark uint32
	cgroup        uint64
	state         tcp.State
}

var errAudit = errors.New("EINVAL")

// leastSize is how long an operation must be at least; 0 for unknown ones.
func leastSize(code []byte) int {
	switch code[0] {
	case 0, opJump, opAuto:
		return 4
	case opSGE, opSLE, opDGE, opDLE, opDevice, 11, 12:
		return 8
	case opMark, opCgroup:
		return 12
	case opSHost, opDHost:
		if len(code) < 12 {
			return 12
		}
		size, known := map[byte]int{familyAny: 0, familyIPv4: 4, familyIPv6: 16}[code[4]]
		if !known || int(code[5]) > 8*size {
			return 0
		}
		return 12 + size
	}
	return 0
}

// audit does what inet_diag_bc_audit does: every jump must lead forward to the
// beginning of an operation, to the end, or four bytes behind it.
func audit(code []byte) error {
	starts := map[int]bool{len(code): true, len(code) + 4: true}
	for at := 0; at < len(code); at += int(code[at+1]) {
		starts[at] = true
		if code[at+1] < 4 {
			return errAudit
		}
	}
	for at := 0; at < len(code); at += int(code[at+1]) {
		least, yes, no := leastSize(code[at:]), int(code[at+1]), int(native.Uint16(code[at+2:]))
		left := len(code) - at
		if least == 0 || left < least || yes < least || yes > left || yes%4 != 0 {
			return errAudit
		}
		if code[at] != 0 && (no < least || no > left+4 || no%4 != 0 || !starts[at+no]) {
			return errAudit
		}
	}
	return nil
}

// run does what inet_diag_bc_run does.
func run(code []byte, s *kernelSocket) bool {
	at := 0
	for at < len(code) {
		if holds(code[at:], s) {
			at += int(code[at+1])
		} else {
			at += int(native.Uint16(code[at+2:]))
		}
	}
	return at == len(code)
}

func holds(op []byte, s *kernelSocket) bool {
	port := func() uint16 { return native.Uint16(op[6:]) }
	switch op[0] {
	case opJump:
		return false
	case opSGE:
		return s.sport >= port()
	case opSLE:
		return s.sport <= port()
	case opDGE:
		return s.dport >= port()
	case opDLE:
		return s.dport <= port()
	case opAuto:
		return !s.bindLock
	case opSHost:
		return hostHolds(op[4:], s, s.local, s.sport)
	case opDHost:
		return hostHolds(op[4:], s, s.remote, s.dport)
	case opDevice:
		return native.Uint32(op[4:]) == s.ifindex
	case opMark:
		return s.mark&native.Uint32(op[8:]) == native.Uint32(op[4:])
	case opCgroup:
		return native.Uint64(op[4:]) == s.cgroup
	}
	return true
}

func hostHolds(condition []byte, s *kernelSocket, address netip.Addr, port uint16) bool {
	family, bits, wanted := condition[0], int(condition[1]), int32(native.Uint32(condition[4:]))
	if wanted != -1 && wanted != int32(port) {
		return false
	}
	if family != familyAny && family != s.family {
		return s.family == familyIPv6 && family == familyIPv4 && address.Is4In6() &&
			bitsMatch(address.Unmap().AsSlice(), condition[8:], bits)
	}
	return bits == 0 || bitsMatch(address.AsSlice(), condition[8:], bits)
}

func bitsMatch(a, b []byte, bits int) bool {
	for i := range bits {
		if (a[i/8]^b[i/8])&(0x80>>(i%8)) != 0 {
			return false
		}
	}
	return true
}

// view is the Endpoint that sock_diag's description of the socket gives, with
// everything known.
func (s *kernelSocket) view() Endpoint {
	e := Endpoint{
		State: s.state, Local: netip.AddrPortFrom(s.local.Unmap(), s.sport),
		Known:     KnowsInterface | KnowsMark | KnowsCgroup | KnowsAutobound,
		Interface: s.ifindex, Mark: s.mark, Cgroup: s.cgroup, Autobound: !s.bindLock,
	}
	if s.dport != 0 || !s.remote.IsUnspecified() {
		e.Remote = netip.AddrPortFrom(s.remote.Unmap(), s.dport)
	}
	return e
}
