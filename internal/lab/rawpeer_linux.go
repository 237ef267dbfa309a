package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/synoptic-net/synoptic/tcp"
)

// RawPeer is a scripted peer: the far end of a link, in a namespace whose
// kernel has no address there and therefore neither answers nor resets
// anything. It answers ARP and neighbour discovery for all its addresses, and
// TCP as a function says.
type RawPeer struct {
	world     *World
	wire      *frames
	addresses []netip.Prefix
	mac       net.HardwareAddr
	peer      net.HardwareAddr // of the host, from its last frame
	react     func(*RawPeer, Segment)
	whole     func(tcp.Packet) // of a PacketPeer, in place of react
	mu        sync.Mutex
}

// Segment is a TCP segment with its addresses.
type Segment struct {
	From, To netip.AddrPort
	tcp.Segment
	MSS uint16 // of a SYN; 0 sends no option
}

// RawPeer puts a scripted peer at the other end of a new link of the host. React
// is called for every segment that comes, one at a time.
func (h *Host) RawPeer(end End, addresses []string, react func(*RawPeer, Segment)) *RawPeer {
	p := &RawPeer{world: h.world, react: react}
	h.world.step("scripted peer", func() error {
		for _, text := range addresses {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return err
			}
			p.addresses = append(p.addresses, prefix.Masked())
		}
		return nil
	})
	stranger := h.world.wall("peer")
	h.world.Join(end, stranger.At("wire"))
	h.world.step("scripted peer", func() error { return p.attach(h.world, stranger.Namespace) })
	return p
}

func (p *RawPeer) attach(w *World, n *Namespace) (err error) {
	if p.mac, err = n.macOf("wire"); err != nil {
		return err
	}
	if p.wire, err = n.openFrames("wire", false); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	var reader sync.WaitGroup
	reader.Go(func() { p.listen(ctx) })
	w.atEnd(func() error {
		stop()
		reader.Wait()
		p.wire.close()
		return nil
	})
	return nil
}

func (p *RawPeer) listen(ctx context.Context) {
	buffer := make([]byte, 1<<17)
	for ctx.Err() == nil {
		got, ok, err := p.wire.read(buffer)
		if err != nil {
			return
		}
		if ok && !got.out {
			p.hear(got.data)
		}
	}
}

func (p *RawPeer) hear(data []byte) {
	packet := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	ethernet, ok := packet.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	if !ok {
		return
	}
	p.mu.Lock()
	p.peer = append(net.HardwareAddr(nil), ethernet.SrcMAC...)
	whole := p.whole
	p.mu.Unlock()
	if arp, ok := packet.Layer(layers.LayerTypeARP).(*layers.ARP); ok {
		p.answerARP(arp)
		return
	}
	if ask, ok := packet.Layer(layers.LayerTypeICMPv6NeighborSolicitation).(*layers.ICMPv6NeighborSolicitation); ok {
		p.answerSolicitation(packet, ask)
		return
	}
	header, ok := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	switch {
	case !ok:
	case whole != nil:
		if s, ok := packetOf(packet); ok {
			whole(s)
		}
	case p.react != nil:
		p.react(p, segmentOf(packet.NetworkLayer().NetworkFlow(), header))
	}
}

func segmentOf(flow gopacket.Flow, header *layers.TCP) Segment {
	from, _ := netip.AddrFromSlice(flow.Src().Raw())
	to, _ := netip.AddrFromSlice(flow.Dst().Raw())
	s := Segment{From: netip.AddrPortFrom(from, uint16(header.SrcPort)), To: netip.AddrPortFrom(to, uint16(header.DstPort))}
	s.Seq, s.Ack, s.Window = tcp.Seq(header.Seq), tcp.Seq(header.Ack), tcp.Size(header.Window)
	s.Data = tcp.Size(len(header.Payload))
	for _, bit := range []struct {
		set  bool
		flag tcp.Flags
	}{{header.SYN, tcp.SYN}, {header.ACK, tcp.ACK}, {header.FIN, tcp.FIN}, {header.RST, tcp.RST}, {header.PSH, tcp.PSH}} {
		if bit.set {
			s.Flags |= bit.flag
		}
	}
	return s
}

func (p *RawPeer) mine(address netip.Addr) bool {
	for _, prefix := range p.addresses {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

func (p *RawPeer) answerARP(ask *layers.ARP) {
	wanted, _ := netip.AddrFromSlice(ask.DstProtAddress)
	if ask.Operation != layers.ARPRequest || !p.mine(wanted) {
		return
	}
	answer := *ask
	answer.Operation = layers.ARPReply
	answer.SourceHwAddress, answer.SourceProtAddress = p.mac, ask.DstProtAddress
	answer.DstHwAddress, answer.DstProtAddress = ask.SourceHwAddress, ask.SourceProtAddress
	_ = p.send(layers.EthernetTypeARP, &answer) // they will ask again
}

func (p *RawPeer) answerSolicitation(packet gopacket.Packet, ask *layers.ICMPv6NeighborSolicitation) {
	wanted, _ := netip.AddrFromSlice(ask.TargetAddress)
	asking, ok := packet.NetworkLayer().(*layers.IPv6)
	if !ok || !p.mine(wanted) {
		return
	}
	ip := &layers.IPv6{Version: 6, HopLimit: 255, NextHeader: layers.IPProtocolICMPv6, SrcIP: ask.TargetAddress, DstIP: asking.SrcIP}
	icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(layers.ICMPv6TypeNeighborAdvertisement, 0)}
	_ = icmp.SetNetworkLayerForChecksum(ip)
	advertisement := &layers.ICMPv6NeighborAdvertisement{
		Flags: 0x60, TargetAddress: ask.TargetAddress, // solicited, override
		Options: layers.ICMPv6Options{{Type: layers.ICMPv6OptTargetAddress, Data: p.mac}},
	}
	_ = p.send(layers.EthernetTypeIPv6, ip, icmp, advertisement) // they will ask again
}

// Send sends a segment with a valid checksum. The host must have been heard
// before, as its ARP request is.
func (p *RawPeer) Send(s Segment) error {
	header := &layers.TCP{
		SrcPort: layers.TCPPort(s.From.Port()), DstPort: layers.TCPPort(s.To.Port()), Seq: uint32(s.Seq), Ack: uint32(s.Ack), Window: uint16(s.Window),
		SYN: s.Flags.Has(tcp.SYN), ACK: s.Flags.Has(tcp.ACK), FIN: s.Flags.Has(tcp.FIN), RST: s.Flags.Has(tcp.RST), PSH: s.Flags.Has(tcp.PSH),
	}
	if s.MSS > 0 {
		header.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{byte(s.MSS >> 8), byte(s.MSS)}}}
	}
	payload := gopacket.Payload(make([]byte, s.Data))
	if s.To.Addr().Is4() {
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: s.From.Addr().AsSlice(), DstIP: s.To.Addr().AsSlice()}
		return errors.Join(header.SetNetworkLayerForChecksum(ip), p.send(layers.EthernetTypeIPv4, ip, header, payload))
	}
	ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: s.From.Addr().AsSlice(), DstIP: s.To.Addr().AsSlice()}
	return errors.Join(header.SetNetworkLayerForChecksum(ip), p.send(layers.EthernetTypeIPv6, ip, header, payload))
}

var broadcast = net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

func (p *RawPeer) send(kind layers.EthernetType, parts ...gopacket.SerializableLayer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	ethernet := &layers.Ethernet{SrcMAC: p.mac, DstMAC: p.peer, EthernetType: kind}
	if ethernet.DstMAC == nil {
		ethernet.DstMAC = broadcast
	}
	buffer := gopacket.NewSerializeBuffer()
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buffer, options, append([]gopacket.SerializableLayer{ethernet}, parts...)...); err != nil {
		return fmt.Errorf("lab: segment: %w", err)
	}
	return p.wire.write(buffer.Bytes())
}

// Repeat sends a segment each pause, so many at most, until the world ends.
func (p *RawPeer) Repeat(every time.Duration, most int, next func(i int) Segment) {
	if p.world.err != nil {
		return // the world is broken, and next may rely on what was not built
	}
	ctx, stop := context.WithCancel(context.Background())
	var sender sync.WaitGroup
	sender.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := range most {
			_ = p.Send(next(i)) // lost, as on a real wire
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	p.world.atEnd(func() error {
		stop()
		sender.Wait()
		return nil
	})
}
