package sockdiag

import (
	"github.com/mdlayher/netlink"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Extensions is the mask of attributes to ask for (idiag_ext): bit n-1 asks for
// attribute n. Attributes above 8 cannot be asked for; the kernel adds them.
type Extensions uint8

// The extensions that host.Socket has room for.
const (
	ExtInfo   Extensions = 1 << (attrInfo - 1)      // INET_DIAG_INFO: host.Socket.Info
	ExtMemory Extensions = 1 << (attrSKMemInfo - 1) // INET_DIAG_SKMEMINFO: host.Socket.Memory
)

// Types of a request.
const (
	typeSockDiagByFamily = 20 // SOCK_DIAG_BY_FAMILY
	typeTCPDiagGetSock   = 18 // TCPDIAG_GETSOCK, the old form; its dump covers both families
)

const (
	protocolTCP     = 6  // IPPROTO_TCP
	attrReqBytecode = 1  // INET_DIAG_REQ_BYTECODE
	sockIDSize      = 48 // sizeof(struct inet_diag_sockid)
)

// StateMask returns the bits for idiag_states: bit n selects Linux state n. SYN-RECEIVED
// selects requests too. boundInactive adds sockets that are bound but neither
// listen nor connect (since Linux 6.8; older kernels ignore the bit).
func StateMask(set tcp.StateSet, boundInactive bool) uint32 {
	var mask uint32
	for _, state := range set.States() {
		if number := host.LinuxNumber(state); number != 0 {
			mask |= 1 << number
		}
	}
	if boundInactive {
		mask |= 1 << 13 // TCPF_BOUND_INACTIVE
	}
	return mask
}

// Request asks for a dump of TCP sockets.
type Request struct {
	Family     uint8  // 2 AF_INET, 10 AF_INET6, 0 both (the old form of request)
	States     uint32 // see StateMask
	Extensions Extensions
	Filter     []byte // inet_diag bytecode, nil for none
}

// Marshal returns the netlink message type and payload: struct
// inet_diag_req_v2, or struct inet_diag_req when Family is 0, and the filter.
func (r Request) Marshal() (kind uint16, payload []byte, err error) {
	kind = typeSockDiagByFamily
	if r.Family == 0 {
		kind = typeTCPDiagGetSock
	}
	payload = r.head()
	if len(r.Filter) == 0 {
		return kind, payload, nil
	}
	filter, err := netlink.MarshalAttributes([]netlink.Attribute{{Type: attrReqBytecode, Data: r.Filter}})
	return kind, append(payload, filter...), err
}

func (r Request) head() []byte {
	if r.Family == 0 {
		b := []byte{0, 0, 0, byte(r.Extensions)} // family, src_len, dst_len, ext
		b = append(b, make([]byte, sockIDSize)...)
		b = native.AppendUint32(b, r.States)
		return native.AppendUint32(b, 0) // idiag_dbs
	}
	b := []byte{r.Family, protocolTCP, byte(r.Extensions), 0}
	b = native.AppendUint32(b, r.States)
	return append(b, make([]byte, sockIDSize)...)
}
