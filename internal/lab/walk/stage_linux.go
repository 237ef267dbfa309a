package walk

import (
	"fmt"
	"net/netip"
	"sync"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// peerAddress is where the scripted peer lives; the host under test has the
// server's address of the lab.
const peerAddress = "192.0.2.64"

// stage is a namespace with the kernel under test and a wire to scripted peers,
// which are told apart by their ports.
type stage struct {
	host  *lab.Host
	wire  *lab.PacketPeer
	eyes  *eyes
	mu    sync.Mutex
	ports map[uint16]func(tcp.Packet) // who plays the peer at that port
	next  uint16
}

// firstPort is the first of the ports that a stage hands out, out of the
// kernel's own range.
const firstPort = 1024

// newStage builds a stage. It begins to look at sockets once the world is whole.
func newStage(w *lab.World, s setting, look Look) *stage {
	t := &stage{host: w.Host(stageName(s)), ports: map[uint16]func(tcp.Packet){}, next: firstPort}
	for _, pair := range settings[s] {
		t.host.Set(pair[0], pair[1])
	}
	t.wire = t.host.PacketPeer(t.host.At("eth0", lab.ServerAddress+"/24"), []string{peerAddress + "/32"}, t.hear)
	t.eyes = newEyes(t.host.Namespace, look)
	return t
}

func stageName(s setting) string {
	if s == usual {
		return "usual"
	}
	return string(s)
}

// hear passes a segment to whoever plays the peer at its port.
func (t *stage) hear(p tcp.Packet) {
	t.mu.Lock()
	react := t.ports[p.Destination.Port()]
	t.mu.Unlock()
	if react != nil {
		react(p)
	}
}

// pair hands out two ports that nobody else has, and lets react play the peer.
func (t *stage) pair(react func(tcp.Packet)) (local, peer netip.AddrPort) {
	t.mu.Lock()
	defer t.mu.Unlock()
	port := t.next
	t.next++
	t.ports[port] = react
	return netip.AddrPortFrom(netip.MustParseAddr(lab.ServerAddress), port), netip.AddrPortFrom(netip.MustParseAddr(peerAddress), port)
}

// leave gives the peer's port up: what comes for it is not answered.
func (t *stage) leave(peer netip.AddrPort) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.ports, peer.Port())
}

func (p Place) String() string { return fmt.Sprintf("%v (%v)", p.State, p.Kind) }
