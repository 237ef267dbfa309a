package bench

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// handmade is a client whose every segment the test makes, at an address that no
// kernel owns, so that nobody answers in its place.
type handmade struct {
	w           *World
	fd          int
	address     netip.Addr
	port        layers.TCPPort
	isn, cookie uint32
	stamp       uint32 // of the server
}

const handmadeText = "192.0.2.77"

func newHandmade(t *testing.T, w *World) *handmade {
	t.Helper()
	h := &handmade{w: w, address: netip.MustParseAddr(handmadeText), port: 40000, isn: 1000}
	if err := neighbour(w.Server, w.serverLink, w.clientMAC, handmadeText); err != nil {
		t.Fatal(err)
	}
	if err := w.Client.Do(func() (err error) {
		if h.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
		return unix.Bind(h.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: w.clientLink})
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(h.fd) })
	return h
}

// send makes a segment and sends it.
func (h *handmade) send(t *testing.T, tcp layers.TCP, data string) {
	t.Helper()
	tcp.SrcPort, tcp.DstPort, tcp.Window = h.port, layers.TCPPort(server4.Port()), 64240
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, Flags: layers.IPv4DontFragment, SrcIP: h.address.AsSlice(), DstIP: server4.Addr().AsSlice()}
	ethernet := layers.Ethernet{SrcMAC: h.w.clientMAC[:], DstMAC: h.w.serverMAC[:], EthernetType: layers.EthernetTypeIPv4}
	if err := tcp.SetNetworkLayerForChecksum(&ip); err != nil {
		t.Fatal(err)
	}
	frame := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(frame, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, &ethernet, &ip, &tcp, gopacket.Payload(data)); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(h.fd, frame.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// receive returns the next segment for us, nil when none comes for so long.
func (h *handmade) receive(t *testing.T, patience time.Duration) *layers.TCP {
	t.Helper()
	buffer := make([]byte, 2048)
	for end := time.Now().Add(patience); ; {
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		wait := unix.NsecToTimeval(max(left.Nanoseconds(), 1000))
		if err := unix.SetsockoptTimeval(h.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
			t.Fatal(err)
		}
		n, _, err := unix.Recvfrom(h.fd, buffer, 0)
		switch {
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(buffer[:n], layers.LayerTypeEthernet, gopacket.Default)
		ip, _ := packet.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
		tcp, _ := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if ip != nil && tcp != nil && ip.DstIP.Equal(net.IP(h.address.AsSlice())) && tcp.DstPort == h.port {
			return tcp
		}
	}
}

func stamps(value, echo uint32) layers.TCPOption {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, value), echo)
	return layers.TCPOption{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: data}
}

// begin sends a SYN and takes the SYN-ACK: from a new port, so that every
// connection is one of its own.
func (h *handmade) begin(t *testing.T) {
	t.Helper()
	h.port++
	h.isn += 1_000_000
	h.send(t, layers.TCP{SYN: true, Seq: h.isn, Options: []layers.TCPOption{
		{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 180}}, stamps(77, 0),
	}}, "")
	got := h.receive(t, 10*time.Second)
	if got == nil || !got.SYN || !got.ACK || got.Ack != h.isn+1 {
		t.Fatalf("no SYN-ACK, but %+v", got)
	}
	h.cookie = got.Seq
	for _, o := range got.Options {
		if o.OptionType == layers.TCPOptionKindTimestamps {
			h.stamp = binary.BigEndian.Uint32(o.OptionData)
		}
	}
}

// finish sends the ACK with one octet, and returns what comes back first.
func (h *handmade) finish(t *testing.T, cookie, stamp uint32, patience time.Duration) *layers.TCP {
	t.Helper()
	h.send(t, layers.TCP{ACK: true, PSH: true, Seq: h.isn + 1, Ack: cookie + 1, Options: []layers.TCPOption{
		{OptionType: layers.TCPOptionKindNop}, {OptionType: layers.TCPOptionKindNop}, stamps(78, stamp),
	}}, "?")
	return h.receive(t, patience)
}

// TestAcknowledgements: a cookie is good while its key is, also after disarming;
// what is forged gets no answer at all, no reset either.
func TestAcknowledgements(t *testing.T) {
	w := newWorld(t)
	s, err := w.serve(server4, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	h := newHandmade(t, w)
	for _, test := range []struct {
		name    string
		between func(g *bpf.Guard) error
		cookie  uint32 // what is added to the right one
		stamp   uint32
		taken   bool
		counted bpf.Counters
	}{
		{name: "right", taken: true, counted: bpf.Counters{Accepted: 1}},
		{name: "key rotated", between: (*bpf.Guard).RotateKey, taken: true, counted: bpf.Counters{Accepted: 1, OldKey: 1}},
		{name: "key rotated twice", between: twice((*bpf.Guard).RotateKey), counted: bpf.Counters{Forged: 1}},
		{name: "disarmed", between: func(g *bpf.Guard) error { return g.Disarm(server4) }, taken: true, counted: bpf.Counters{Accepted: 1}},
		{name: "shadowed", between: func(g *bpf.Guard) error {
			return g.Shadow(bpf.Listener{Address: server4, Offer: bpf.Offer{MSS: 1460, Window: 64240, Timestamps: true}})
		}, taken: true, counted: bpf.Counters{Accepted: 1}},
		{name: "forged", cookie: 1 << 20, counted: bpf.Counters{Forged: 1}},
		{name: "another MSS", cookie: 2, counted: bpf.Counters{Forged: 1}},
		{name: "other options", stamp: 1, counted: bpf.Counters{Forged: 1}},
		{name: "an old time", stamp: ^uint32(200_000) + 1, counted: bpf.Counters{Forged: 1}},
		{name: "a time to come", stamp: 200_000, counted: bpf.Counters{Forged: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := armed(t, w, bpf.Native)
			defer g.Close()
			h.begin(t)
			if test.between != nil {
				if err := test.between(g); err != nil {
					t.Fatal(err)
				}
			}
			patience := 10 * time.Second
			if !test.taken {
				patience = 150 * time.Millisecond
			}
			got := h.finish(t, h.cookie+test.cookie, h.stamp+test.stamp, patience)
			if test.taken != (got != nil) || got != nil && (got.RST || !got.ACK) {
				t.Errorf("got %+v", got)
			}
			c, err := g.Counters(server4)
			test.counted.Answered, test.counted.General = 1, 1
			if err != nil || c != test.counted {
				t.Errorf("counted %+v (%v), not %+v", c, err, test.counted)
			}
		})
	}
}

func twice(f func(*bpf.Guard) error) func(*bpf.Guard) error {
	return func(g *bpf.Guard) error { return errors.Join(f(g), f(g)) }
}

// TestKernelsCookies: who got a cookie of the kernel before the guard was armed is
// served when the ACK comes afterwards.
func TestKernelsCookies(t *testing.T) {
	w := newWorld(t)
	w.set(t, map[string]string{"net.ipv4.tcp_syncookies": "2"}, nil)
	s, err := w.serve(server4, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	h := newHandmade(t, w)
	for _, mode := range []bpf.XDPMode{bpf.Native, bpf.Generic} {
		h.begin(t)
		g := armed(t, w, mode)
		if got := h.finish(t, h.cookie, h.stamp, 10*time.Second); got == nil || got.RST || !got.ACK {
			t.Errorf("%v: got %+v", mode, got)
		}
		if c, err := g.Counters(server4); err != nil || c.Forged != 0 || c.Accepted != 0 {
			t.Errorf("%v: counted %+v (%v)", mode, c, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
