package sockdiag

import (
	"encoding/hex"
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestDestroyMessage compares with struct inet_diag_req_v2 written out by hand, on
// a machine of little endian.
func TestDestroyMessage(t *testing.T) {
	if native.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the octets are those of little endian")
	}
	for _, c := range []struct {
		socket host.Socket
		want   string
	}{
		{
			host.Socket{State: tcp.Established, Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.MustParseAddrPort("198.51.100.7:4711"), Cookie: 0x0102030405060708},
			"02060000" + "02000000" + "0050" + "1267" + "c0000201000000000000000000000000" + "c6336407000000000000000000000000" + "00000000" + "0807060504030201",
		},
		{
			host.Socket{State: tcp.FinWait1, Local: netip.MustParseAddrPort("[2001:db8::1]:80"), Remote: netip.MustParseAddrPort("[2001:db8::2]:1"), Interface: 3},
			"0a060000" + "10000000" + "0050" + "0001" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "03000000" + "ffffffffffffffff",
		},
	} {
		if kind, got := DestroyMessage(&c.socket); kind != 21 || hex.EncodeToString(got) != c.want {
			t.Errorf("%v: %d %x", c.socket.Local, kind, got)
		}
	}
}
