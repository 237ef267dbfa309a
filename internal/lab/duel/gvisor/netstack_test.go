package gvisor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/faketime"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	gtcp "gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab/duel"
	"github.com/synoptic-net/synoptic/tcp"
)

var (
	here = netip.MustParseAddr("192.0.2.2")
	peer = netip.MustParseAddr("192.0.2.64")
)

const (
	listenerPort = 1000
	nic          = 1
)

// netstack is gVisor's TCP, with a clock that stands still. Every batch of games
// has a stack of its own.
type netstack struct {
	stack    *stack.Stack
	wire     *channel.Endpoint
	listener tcpip.Endpoint
	games    []netstackGame
	sent     [][]tcp.Packet
}

type netstackGame struct {
	duel.Sockets
	end tcpip.Endpoint // nil: the program holds none
}

func address(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFrom4(a.Addr().As4()), Port: a.Port()}
}

func (n *netstack) build() error {
	n.stack = stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{gtcp.NewProtocol},
		Clock:              faketime.NewManualClock(),
	})
	n.wire = channel.New(4096, 1500, "")
	n.wire.LinkEPCapabilities |= stack.CapabilityRXChecksumOffload // what we send is right
	var errs []tcpip.Error
	errs = append(errs,
		n.stack.CreateNIC(nic, n.wire),
		n.stack.AddProtocolAddress(nic, tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddrFrom4(here.As4()).WithPrefix()}, stack.AddressProperties{}))
	n.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	var err tcpip.Error
	if n.listener, err = n.socket(listenerPort); err == nil {
		err = n.listener.Listen(4096)
	}
	for _, err := range append(errs, err) {
		if err != nil {
			return fmt.Errorf("netstack: %v", err)
		}
	}
	return nil
}

func (n *netstack) socket(port uint16) (tcpip.Endpoint, tcpip.Error) {
	end, err := n.stack.NewEndpoint(gtcp.ProtocolNumber, ipv4.ProtocolNumber, &waiter.Queue{})
	if err != nil {
		return nil, err
	}
	end.SocketOptions().SetDelayOption(false)
	return end, end.Bind(tcpip.FullAddress{Port: port})
}

// Begin makes a new stack and the connections that connect.
func (n *netstack) Begin(_ context.Context, listens []bool) ([]duel.Sockets, error) {
	if err := n.build(); err != nil {
		return nil, err
	}
	n.games = make([]netstackGame, len(listens))
	n.sent = make([][]tcp.Packet, len(listens))
	var sockets []duel.Sockets
	for i := range listens {
		port := uint16(2000 + i)
		g := &n.games[i]
		g.Sockets = duel.Sockets{Local: netip.AddrPortFrom(here, listenerPort), Peer: netip.AddrPortFrom(peer, port)}
		if !listens[i] {
			g.Local = netip.AddrPortFrom(here, port)
			end, err := n.socket(port)
			if err != nil {
				return nil, fmt.Errorf("netstack: %v", err)
			}
			g.end = end
			if err := end.Connect(address(g.Peer)); err != nil {
				if _, started := err.(*tcpip.ErrConnectStarted); !started {
					return nil, fmt.Errorf("netstack: connect: %v", err)
				}
			}
		}
		sockets = append(sockets, g.Sockets)
	}
	return sockets, nil
}

func (n *netstack) Holds(connection int) bool { return n.games[connection].end != nil }

func (n *netstack) Do(connection int, call duel.Call, segment tcp.Packet) error {
	g := &n.games[connection]
	switch call {
	case duel.NoCall:
		n.inject(segment)
	case duel.Write:
		_, _ = g.end.Write(bytes.NewReader([]byte("hello")), tcpip.WriteOptions{}) // it may be over
	case duel.Shutdown:
		_ = g.end.Shutdown(tcpip.ShutdownWrite)
	case duel.Close:
		g.end.Close()
		g.end = nil
	case duel.Abort:
		g.end.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
		g.end.Close()
		g.end = nil
	case duel.Pause:
	}
	return nil
}

func (n *netstack) inject(p tcp.Packet) {
	text := tcp.AppendSegment(nil, p)
	frame := make([]byte, header.IPv4MinimumSize, header.IPv4MinimumSize+len(text))
	ip := header.IPv4(frame)
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(cap(frame)), TTL: 64, Protocol: uint8(gtcp.ProtocolNumber),
		SrcAddr: tcpip.AddrFrom4(p.Source.Addr().As4()), DstAddr: tcpip.AddrFrom4(p.Destination.Addr().As4()),
	})
	ip.SetChecksum(^checksum.Checksum(frame, 0))
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(append(frame, text...))})
	n.wire.InjectInbound(ipv4.ProtocolNumber, packet)
	packet.DecRef()
}

// quiet is how long nothing may change before netstack, which hands segments to
// goroutines of its own, counts as done.
const quiet = 2 * time.Millisecond

// Settle waits until nothing changes any more.
func (n *netstack) Settle(ctx context.Context) ([]tcp.State, [][]tcp.Packet, error) {
	last := n.states()
	for calm := 0; calm < 2; calm++ {
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-time.After(quiet):
		}
		heard := n.listen()
		n.accept()
		now := n.states()
		if heard > 0 || !slices.Equal(now, last) {
			calm = -1
		}
		last = now
	}
	sent := n.sent
	n.sent = make([][]tcp.Packet, len(n.games))
	n.giveUp(last)
	return last, sent, nil
}

// listen takes what was sent and returns how many segments that were.
func (n *netstack) listen() (heard int) {
	for {
		packet := n.wire.Read()
		if packet == nil {
			return heard
		}
		view := packet.ToView()
		ip := header.IPv4(view.AsSlice())
		p, err := tcp.ParseSegment(ip.Payload(), here, peer)
		if i := int(p.Destination.Port()) - 2000; err == nil && i >= 0 && i < len(n.games) {
			p.Text = nil
			n.sent[i] = append(n.sent[i], p)
		}
		view.Release()
		packet.DecRef()
		heard++
	}
}

func (n *netstack) accept() {
	for {
		var from tcpip.FullAddress
		end, _, err := n.listener.Accept(&from)
		if err != nil {
			break
		}
		end.SocketOptions().SetDelayOption(false)
		n.games[int(from.Port)-2000].end = end
	}
	for i := range n.games {
		if end := n.games[i].end; end != nil {
			for {
				if _, err := end.Read(io.Discard, tcpip.ReadOptions{}); err != nil {
					break
				}
			}
		}
	}
}

func (n *netstack) giveUp(states []tcp.State) {
	for i := range n.games {
		if g := &n.games[i]; g.end != nil && (states[i] == tcp.Closed || states[i] == tcp.TimeWait) {
			g.end.Close()
			g.end = nil
		}
	}
}

// states asks every endpoint that the stack knows, half-open ones too.
func (n *netstack) states() []tcp.State {
	states := make([]tcp.State, len(n.games))
	for i := range states {
		states[i] = tcp.Closed
	}
	for _, end := range n.stack.RegisteredEndpoints() {
		e, ok := end.(*gtcp.Endpoint)
		if !ok || e.State() > uint32(gtcp.StateClosing) {
			continue
		}
		info, _ := e.Info().(*stack.TransportEndpointInfo)
		if i := int(info.ID.RemotePort) - 2000; i >= 0 && i < len(states) {
			states[i], _ = host.StateOfLinux(uint8(e.State()))
		}
	}
	return states
}

func (n *netstack) End() error {
	n.stack.Destroy()
	return nil
}
