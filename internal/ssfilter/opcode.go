package ssfilter

import "encoding/binary"

// Operations of inet_diag bytecode.
const (
	opJump   = 1  // INET_DIAG_BC_JMP
	opSGE    = 2  // INET_DIAG_BC_S_GE
	opSLE    = 3  // INET_DIAG_BC_S_LE
	opDGE    = 4  // INET_DIAG_BC_D_GE
	opDLE    = 5  // INET_DIAG_BC_D_LE
	opAuto   = 6  // INET_DIAG_BC_AUTO
	opSHost  = 7  // INET_DIAG_BC_S_COND
	opDHost  = 8  // INET_DIAG_BC_D_COND
	opDevice = 9  // INET_DIAG_BC_DEV_COND
	opMark   = 10 // INET_DIAG_BC_MARK_COND
	opCgroup = 13 // INET_DIAG_BC_CGROUP_COND
)

// Families of a host condition. An IPv4 one is also true of IPv4-mapped
// addresses of IPv6 sockets, even with prefix length 0.
const (
	familyAny  = 0  // AF_UNSPEC
	familyIPv4 = 2  // AF_INET
	familyIPv6 = 10 // AF_INET6
)

const (
	opSize  = 4     // sizeof(struct inet_diag_bc_op)
	noPort  = -1    // the port of a host condition that looks at the address alone
	reject  = 4     // bytes behind the end: a jump there refuses the socket, one to the end accepts it
	longest = 65528 // bytes that fit into a netlink attribute
)

var native = binary.NativeEndian

// operation is struct inet_diag_bc_op with its arguments; "no" is filled in by
// the assembler. Its length is where it goes on when its condition holds.
func operation(code byte, arguments []byte) []byte {
	op := []byte{code, byte(opSize + len(arguments)), 0, 0}
	return append(op, arguments...)
}

// portOperation keeps the port where a second inet_diag_bc_op would keep "no".
func portOperation(code byte, port uint16) []byte {
	return operation(code, native.AppendUint16([]byte{0, 0}, port))
}

// hostOperation appends struct inet_diag_hostcond. S_COND and D_COND also
// compare ports for equality: every kernel knows them, S_EQ and D_EQ only newer
// ones.
func hostOperation(code, family byte, bits int, port int32, address []byte) []byte {
	condition := native.AppendUint32([]byte{family, byte(bits), 0, 0}, uint32(port))
	return operation(code, append(condition, address...))
}
