package sockdiag

import (
	"encoding/binary"
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
)

const typeSockDestroy = 21 // SOCK_DESTROY

// DestroyMessage returns the netlink message type and payload that end exactly
// this socket, as Destroy sends them: struct inet_diag_req_v2 with its addresses,
// ports, interface and cookie.
func DestroyMessage(s *host.Socket) (kind uint16, payload []byte) {
	family := byte(2) // AF_INET, also of IPv6 sockets that speak IPv4
	if s.Local.Addr().Is6() {
		family = 10
	}
	b := []byte{family, protocolTCP, 0, 0}
	b = native.AppendUint32(b, 1<<host.LinuxNumber(s.State))
	b = binary.BigEndian.AppendUint16(b, s.Local.Port())
	b = binary.BigEndian.AppendUint16(b, s.Remote.Port())
	b = append(b, padded(s.Local.Addr())...)
	b = append(b, padded(s.Remote.Addr())...)
	b = native.AppendUint32(b, s.Interface)
	if s.Cookie == 0 { // INET_DIAG_NOCOOKIE
		return typeSockDestroy, append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	}
	b = native.AppendUint32(b, uint32(s.Cookie))
	return typeSockDestroy, native.AppendUint32(b, uint32(s.Cookie>>32))
}

// padded is an address in the sixteen octets that the kernel gives it.
func padded(a netip.Addr) []byte {
	b := make([]byte, 16)
	copy(b, a.AsSlice())
	return b
}
