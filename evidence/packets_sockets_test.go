package evidence

import (
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func nobody(netip.Addr) bool { return false }

// looking puts the packets of a wire beside sockets that were looked at so long
// after its first packet.
func (w *wire) looking(after time.Duration, sockets ...host.Socket) *Packets {
	b := &Bundle{Snapshots: []host.Snapshot{{Time: time.Unix(0, 1e18).Add(after), States: tcp.AllStates, Sockets: sockets}}}
	b.AddPackets(w.tracker, nobody)
	return b.Packets
}

func halfOpenOf(client string) host.Socket {
	return host.Socket{State: tcp.SynReceived, Local: netip.MustParseAddrPort("192.0.2.2:80"), Remote: netip.MustParseAddrPort(client)}
}

// On a host with very many sockets the look takes long, and packets come
// meanwhile. The ACK that comes behind the look was not ignored.
func TestAgesCountFromTheLookAtSockets(t *testing.T) {
	w := newWire()
	w.syn("198.51.100.1:1001")
	w.synack("198.51.100.1:1001")
	w.now += 100 * time.Millisecond // the look is here
	w.ack("198.51.100.1:1001")
	w.now += 2 * time.Second
	w.syn("198.51.100.2:1001") // listening ends
	p := w.looking(50*time.Millisecond, halfOpenOf("198.51.100.1:1001"))
	if in := p.Sockets[0].In; in.SYNs != 1 || in.ACKs != 1 || in.ACKAge >= 0 || in.Begin < 0.04 {
		t.Errorf("%+v", in)
	}
}

// A flood does not push out connections that stand.
func TestHalfOpenOnesLeaveRoom(t *testing.T) {
	var sockets []host.Socket
	for i := range 2 * PacketSocketsKept {
		sockets = append(sockets, halfOpenOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 8), byte(i), 1}), 1024).String()))
	}
	stuck := halfOpenOf("198.51.100.1:1001")
	stuck.State, stuck.Retransmits = tcp.Established, 3
	p := newWire().looking(time.Second, append(sockets, stuck)...)
	if n := len(p.Sockets); n != PacketSocketsKept/2+1 || p.Sockets[n-1].Remote != stuck.Remote {
		t.Errorf("%d sockets are told", n)
	}
}
