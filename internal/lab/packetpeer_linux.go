package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"unsafe"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/tcp"
)

// PacketPeer is a scripted peer that deals in whole segments, with options and
// text, as an Endpoint of package tcp takes and makes them.
type PacketPeer struct{ raw *RawPeer }

// PacketPeer puts a scripted peer at the other end of a new link of the host, as
// RawPeer does. React is called for every segment that comes, one at a time;
// its text is good until react returns.
func (h *Host) PacketPeer(end End, addresses []string, react func(tcp.Packet)) *PacketPeer {
	p := h.RawPeer(end, addresses, nil)
	h.world.step("scripted peer", func() error {
		mac, err := h.macOf(end.Link)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.whole, p.peer = react, mac
		p.mu.Unlock()
		return h.finishChecksums(end.Link)
	})
	return &PacketPeer{raw: p}
}

func (n *Namespace) macOf(link string) (mac net.HardwareAddr, err error) {
	err = n.Do(func() error {
		handle, err := net.InterfaceByName(link)
		if err == nil {
			mac = handle.HardwareAddr
		}
		return err
	})
	return mac, err
}

// packetOf reads a whole segment. What is damaged did not arrive.
func packetOf(packet gopacket.Packet) (tcp.Packet, bool) {
	network := packet.NetworkLayer()
	from, _ := netip.AddrFromSlice(network.NetworkFlow().Src().Raw())
	to, _ := netip.AddrFromSlice(network.NetworkFlow().Dst().Raw())
	p, err := tcp.ParseSegment(network.LayerPayload(), from, to)
	return p, err == nil
}

// Send sends a segment.
func (p *PacketPeer) Send(s tcp.Packet) error {
	text := gopacket.Payload(tcp.AppendSegment(nil, s))
	if s.Destination.Addr().Is4() {
		return p.raw.send(layers.EthernetTypeIPv4, ip4(s, layers.IPProtocolTCP), text)
	}
	ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: s.Source.Addr().AsSlice(), DstIP: s.Destination.Addr().AsSlice()}
	return p.raw.send(layers.EthernetTypeIPv6, ip, text)
}

// Unreachable answers a segment of the host with an ICMP message: the port is
// unreachable (RFC 792). IPv4 only.
func (p *PacketPeer) Unreachable(s tcp.Packet) error {
	quoted := gopacket.NewSerializeBuffer()
	text := gopacket.Payload(tcp.AppendSegment(nil, s))
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(quoted, options, ip4(s, layers.IPProtocolTCP), text); err != nil {
		return fmt.Errorf("lab: ICMP message: %w", err)
	}
	icmp := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeDestinationUnreachable, layers.ICMPv4CodePort)}
	s.Source, s.Destination = s.Destination, s.Source
	return p.raw.send(layers.EthernetTypeIPv4, ip4(s, layers.IPProtocolICMPv4), icmp, gopacket.Payload(quoted.Bytes()))
}

func ip4(s tcp.Packet, protocol layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: s.Source.Addr().AsSlice(), DstIP: s.Destination.Addr().AsSlice()}
}

// The command of SIOCETHTOOL that is used here, from linux/ethtool.h.
const ethtoolSetTxChecksum = 0x17 // ETHTOOL_STXCSUM

// finishChecksums makes the namespace's kernel compute the checksums of what
// leaves by the link. A veth pair leaves that to hardware which it has not, so
// that a reader at the other end finds half a checksum.
func (n *Namespace) finishChecksums(link string) error {
	return n.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		off := struct{ command, value uint32 }{command: ethtoolSetTxChecksum}
		request := struct {
			name  [unix.IFNAMSIZ]byte
			value unsafe.Pointer
			_     [16]byte // the kernel's union is larger
		}{value: unsafe.Pointer(&off)}
		copy(request.name[:unix.IFNAMSIZ-1], link)
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request))); errno != 0 {
			return fmt.Errorf("checksums of %s in %s: %w", link, n.Name, errno)
		}
		return nil
	})
}

// Destroy ends one connection of the namespace by sock_diag, as ss -K does: a
// socket, a half-open request or a time-wait minisocket; a listener, where the
// remote is 0.0.0.0:0. IPv4 only. The connection must be there: in place of one
// that is gone the kernel ends the listener.
func (n *Namespace) Destroy(local, remote netip.AddrPort) error {
	err := n.Do(func() error {
		return netlink.SocketDestroy(net.TCPAddrFromAddrPort(local), net.TCPAddrFromAddrPort(remote))
	})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("lab: this kernel destroys no sockets (CONFIG_INET_DIAG_DESTROY): %w", err)
	}
	return err
}
