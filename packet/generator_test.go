package packet

import (
	"math/rand/v2"
	"slices"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// generator makes frames with gopacket's serialiser: Ethernet, tags, labels,
// tunnels, IPv4 and IPv6, options of all kinds.
type generator struct {
	*rand.Rand
	layers []gopacket.SerializableLayer
	buffer gopacket.SerializeBuffer
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(8, seed)), buffer: gopacket.NewSerializeBuffer()}
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) octets(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func (g *generator) push(l gopacket.SerializableLayer) { g.layers = append(g.layers, l) }

// frame makes one frame.
func (g *generator) frame() []byte {
	g.layers = g.layers[:0]
	six := g.chance(40)
	kind := etherTypeOf(six)
	e := &layers.Ethernet{SrcMAC: g.octets(6), DstMAC: g.octets(6), EthernetType: kind}
	g.push(e)
	if g.chance(30) {
		e.EthernetType = layers.EthernetTypeDot1Q
		g.tags(kind)
	}
	g.network(six, 0)
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(g.buffer, options, g.layers...); err != nil {
		panic(err)
	}
	return slices.Clone(g.buffer.Bytes())
}

func etherTypeOf(six bool) layers.EthernetType {
	if six {
		return layers.EthernetTypeIPv6
	}
	return layers.EthernetTypeIPv4
}

func (g *generator) tags(kind layers.EthernetType) {
	if g.chance(50) {
		g.push(&layers.Dot1Q{VLANIdentifier: uint16(g.IntN(4096)), Type: layers.EthernetTypeDot1Q})
	}
	if g.chance(70) {
		g.push(&layers.Dot1Q{VLANIdentifier: uint16(g.IntN(4096)), Priority: 3, Type: kind})
		return
	}
	g.push(&layers.Dot1Q{VLANIdentifier: uint16(g.IntN(4096)), Type: layers.EthernetTypeMPLSUnicast})
	g.push(&layers.MPLS{Label: uint32(g.IntN(1 << 20)), TTL: 9, StackBottom: true})
}

// network puts an IP header, and then TCP or a tunnel with another one.
func (g *generator) network(six bool, depth int) {
	tunnel := depth < 3 && g.chance(25)
	inner := g.chance(40)
	protocol, kind := layers.IPProtocolTCP, 0
	if tunnel {
		kind = g.IntN(4)
		protocol = []layers.IPProtocol{layers.IPProtocolIPv4, layers.IPProtocolGRE, layers.IPProtocolUDP, layers.IPProtocolUDP}[kind]
		if kind == 0 && inner {
			protocol = layers.IPProtocolIPv6
		}
	}
	network := g.ip(six, protocol)
	if !tunnel {
		g.transport(network)
		return
	}
	g.tunnel(kind, inner, network)
	g.network(inner, depth+1)
}

func (g *generator) ip(six bool, protocol layers.IPProtocol) gopacket.NetworkLayer {
	if !six {
		ip := &layers.IPv4{Version: 4, TOS: uint8(g.Uint32()), Id: uint16(g.Uint32()), TTL: uint8(g.Uint32()), Protocol: protocol,
			SrcIP: g.octets(4), DstIP: g.octets(4), Flags: layers.IPv4DontFragment}
		if g.chance(10) {
			ip.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
		}
		g.push(ip)
		return ip
	}
	ip := &layers.IPv6{Version: 6, TrafficClass: uint8(g.Uint32()), HopLimit: uint8(g.Uint32()), NextHeader: protocol, SrcIP: g.octets(16), DstIP: g.octets(16)}
	g.push(ip)
	if g.chance(20) {
		ip.NextHeader = layers.IPProtocolIPv6Destination
		d := &layers.IPv6Destination{Options: []*layers.IPv6DestinationOption{{OptionType: 30, OptionData: g.octets(4)}}}
		d.NextHeader = protocol
		g.push(d)
	}
	return ip
}

func (g *generator) tunnel(kind int, six bool, network gopacket.NetworkLayer) {
	switch kind {
	case 1:
		g.push(&layers.GRE{Protocol: etherTypeOf(six), KeyPresent: g.chance(50), Key: g.Uint32(), SeqPresent: g.chance(50)})
	case 2:
		g.udp(4789, network)
		g.push(&layers.VXLAN{ValidIDFlag: true, VNI: uint32(g.IntN(1 << 24))})
		g.push(&layers.Ethernet{SrcMAC: g.octets(6), DstMAC: g.octets(6), EthernetType: etherTypeOf(six)})
	case 3:
		g.udp(6081, network)
		g.push(&layers.Geneve{Protocol: etherTypeOf(six), VNI: uint32(g.IntN(1 << 24))})
	}
}

func (g *generator) udp(port layers.UDPPort, network gopacket.NetworkLayer) {
	u := &layers.UDP{SrcPort: 50000, DstPort: port}
	must(u.SetNetworkLayerForChecksum(network))
	g.push(u)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (g *generator) transport(network gopacket.NetworkLayer) {
	t := &layers.TCP{SrcPort: layers.TCPPort(20000 + g.IntN(40000)), DstPort: layers.TCPPort(20000 + g.IntN(40000)),
		Seq: g.Uint32(), Ack: g.Uint32(), Window: uint16(g.Uint32()), Urgent: uint16(g.Uint32())}
	flags := g.Uint32()
	for i, flag := range []*bool{&t.FIN, &t.SYN, &t.RST, &t.PSH, &t.ACK, &t.URG, &t.ECE, &t.CWR} {
		*flag = flags>>i&1 != 0
	}
	add := func(percent int, kind layers.TCPOptionKind, data []byte) {
		if g.chance(percent) {
			t.Options = append(t.Options, layers.TCPOption{OptionType: kind, OptionLength: uint8(2 + len(data)), OptionData: data})
		}
	}
	add(40, layers.TCPOptionKindMSS, g.octets(2))
	add(40, layers.TCPOptionKindWindowScale, g.octets(1))
	add(40, layers.TCPOptionKindSACKPermitted, nil)
	add(40, layers.TCPOptionKindTimestamps, g.octets(8))
	add(20, layers.TCPOptionKindSACK, g.octets(8))
	must(t.SetNetworkLayerForChecksum(network))
	g.push(t)
	if g.chance(60) {
		g.push(gopacket.Payload(g.octets(g.IntN(120))))
	}
}

// mutate changes, cuts or prolongs a frame.
func (g *generator) mutate(data []byte) []byte {
	for range 1 + g.IntN(4) {
		at := g.IntN(len(data))
		switch g.IntN(6) {
		case 0:
			data[at] = byte(g.Uint32())
		case 1:
			data[at] ^= 1 << g.IntN(8)
		case 2:
			data[at] = []byte{0, 1, 4, 6, 0x45, 0x7f, 0x80, 0xff}[g.IntN(8)]
		case 3:
			data = data[:at+1]
		case 4:
			data = append(data, g.octets(g.IntN(9))...)
		case 5:
			data = slices.Insert(data, at, g.octets(1+g.IntN(4))...)
		}
	}
	return data
}
