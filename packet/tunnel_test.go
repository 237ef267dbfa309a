package packet

import (
	"testing"
)

func overGRE(bits, protocol int, more, payload []byte) []byte {
	return outer(47, join(u16(bits), u16(protocol), more, payload))
}

func overGTP(flags byte, more, payload []byte) []byte {
	return overUDP(2152, 2152, join([]byte{0x30 | flags, 255}, u16(len(more)+len(payload)), u32(0x77), more, payload))
}

// TestTunnels has a packet in every tunnel.
func TestTunnels(t *testing.T) {
	v4, v6 := whole4(), whole6()
	e4 := overEthernet(0x800, v4)
	vni := []byte{0x12, 0x34, 0x56, 0}
	for _, c := range []struct {
		what string
		data []byte
		ends Tuple
		kind Tunnel
		id   uint32
	}{
		{"IPv4 in IPv4", outer(4, v4), ends4, IPInIP, 0},
		{"IPv6 in IPv4", outer(41, v6), ends6, IPInIP, 0},
		{"IPv4 in IPv6", over6(4, ends6.Source, ends6.Destination, v4), ends4, IPInIP, 0},
		{"IPv6 in IPv6 behind options", over6(60, ends6.Source, ends6.Destination, join([]byte{41, 0, 4, 1, 4, 1, 0, 0}, v6)), ends6, IPInIP, 0},
		{"GRE", overGRE(0, 0x800, nil, v4), ends4, GRE, 0},
		{"GRE with checksum, key, sequence", overGRE(0xb000, 0x86dd, join(u32(0), u32(99), u32(1)), v6), ends6, GRE, 99},
		{"GRE with routes", overGRE(0x4000, 0x800, join(u32(0), []byte{8, 0, 0, 4, 1, 2, 3, 4}, u32(0)), v4), ends4, GRE, 0},
		{"NVGRE", overGRE(0x2000, 0x6558, u32(0x123400), e4), ends4, GRE, 0x123400},
		{"GRE with MPLS", overGRE(0, 0x8847, []byte{0, 0, 0x11, 64}, v4), ends4, GRE, 0},
		{"GRE with PPP", overGRE(0, 0x880b, []byte{0, 0x21}, v4), ends4, GRE, 0},
		{"WCCP", overGRE(0, 0x883e, []byte{0, 0, 0, 0}, v4), ends4, GRE, 0},
		{"WCCP version 1", overGRE(0, 0x883e, nil, v4), ends4, GRE, 0},
		{"PPTP", overGRE(0x3081, 0x880b, join(u16(40), u16(5), u32(1), u32(1)), join([]byte{0xff, 3, 0, 0x21}, v4)), ends4, PPTP, 5},
		{"ERSPAN I", overGRE(0, 0x88be, nil, e4), ends4, ERSPAN, 0},
		{"ERSPAN II", overGRE(0x1000, 0x88be, join(u32(1), u16(0x1005), u16(0x0123), u32(0)), e4), ends4, ERSPAN, 0x123},
		{"ERSPAN III", overGRE(0x1000, 0x22eb, join(u32(1), u16(0x2005), u16(0x0123), u32(0), u32(0)), e4), ends4, ERSPAN, 0x123},
		{"ERSPAN III with more", overGRE(0x1000, 0x22eb, join(u32(1), u16(0x2005), u16(0x0123), u32(0), u32(1), make([]byte, 8)), e4), ends4, ERSPAN, 0x123},
		{"ERSPAN III with IP", overGRE(0x1000, 0x22eb, join(u32(1), u16(0x2005), u16(0x0123), u32(0), u16(0), u16(2<<10)), v6), ends6, ERSPAN, 0x123},
		{"VXLAN", overUDP(50000, 4789, join([]byte{8, 0, 0, 0}, vni, e4)), ends4, VXLAN, 0x123456},
		{"VXLAN on Linux's port", overUDP(50000, 8472, join([]byte{8, 0, 0, 0}, vni, e4)), ends4, VXLAN, 0x123456},
		{"VXLAN GPE", overUDP(50000, 4790, join([]byte{12, 0, 0, 2}, vni, v6)), ends6, VXLAN, 0x123456},
		{"VXLAN GPE with Ethernet", overUDP(50000, 4790, join([]byte{8, 0, 0, 0}, vni, e4)), ends4, VXLAN, 0x123456},
		{"Geneve", overUDP(50000, 6081, join([]byte{0, 0}, u16(0x6558), vni, e4)), ends4, Geneve, 0x123456},
		{"Geneve with options", overUDP(50000, 6081, join([]byte{2, 0}, u16(0x800), vni, make([]byte, 8), v4)), ends4, Geneve, 0x123456},
		{"Teredo", overUDP(3544, 50000, v6), ends6, Teredo, 0},
		{"Teredo with origin", overUDP(50000, 3544, join([]byte{0, 0, 1, 2, 3, 4, 5, 6}, v6)), ends6, Teredo, 0},
		{"Teredo with both", overUDP(50000, 3544, join([]byte{0, 1, 2, 1}, make([]byte, 12), []byte{0, 0, 1, 2, 3, 4, 5, 6}, v6)), ends6, Teredo, 0},
		{"GTP-U", overGTP(0, nil, v4), ends4, GTPU, 0x77},
		{"GTP-U with sequence", overGTP(2, u32(0x00010000), v6), ends6, GTPU, 0x77},
		{"GTP-U with extensions", overGTP(4, join(u16(0), []byte{0, 0x85}, []byte{1, 0, 0, 0x20}, []byte{2, 0, 0, 0, 0, 0, 0, 0}), v4), ends4, GTPU, 0x77},
		{"MPLS in IP", outer(137, join([]byte{0, 0, 0x11, 64}, v4)), ends4, MPLSInIP, 0},
		{"MPLS in UDP", overUDP(50000, 6635, join([]byte{0, 0, 0x11, 64}, v6)), ends6, MPLSInIP, 0},
		{"GRE in UDP", overUDP(50000, 4754, join(u16(0), u16(0x800), v4)), ends4, GRE, 0},
		{"EtherIP", outer(97, join([]byte{0x30, 0}, e4)), ends4, EtherIP, 0},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := mustDecode(t, frameOf(LinkRaw, c.data))
			checkSegment(t, s, c.ends)
			if s.Tunnel != c.kind || s.Tunnels != 1 || s.TunnelID != c.id {
				t.Errorf("%d tunnels, %v, %#x", s.Tunnels, s.Tunnel, s.TunnelID)
			}
			if s.Marks != 0 {
				t.Errorf("marks %v", s.Marks)
			}
			everyCut(t, LinkRaw, c.data)
		})
	}
}

// TestTunnelReasons: what only looks like a tunnel is counted as what it is.
func TestTunnelReasons(t *testing.T) {
	v4 := whole4()
	for _, c := range []struct {
		what string
		data []byte
		want Reason
	}{
		{"DNS", overUDP(50000, 53, make([]byte, 30)), UDP},
		{"UDP on VXLAN's port without its flag", overUDP(50000, 4789, make([]byte, 60)), UDP},
		{"VXLAN too short", overUDP(50000, 4789, []byte{8}), UDP},
		{"UDP on Geneve's port", overUDP(50000, 6081, []byte{0x40, 0, 0, 0, 0, 0, 0, 0}), UDP},
		{"Geneve control", overUDP(50000, 6081, []byte{0, 0x80, 0x65, 0x58, 0, 0, 0, 0}), NotIP},
		{"Geneve with ARP", overUDP(50000, 6081, []byte{0, 0, 0x08, 0x06, 0, 0, 0, 0}), NotIP},
		{"UDP on Teredo's port", overUDP(3544, 50000, []byte{0x50, 0, 0, 0}), UDP},
		{"Teredo bubble", overUDP(3544, 50000, over6(59, ends6.Source, ends6.Destination, nil)), OtherTransport},
		{"GTP echo", overUDP(2152, 2152, []byte{0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0}), NotIP},
		{"GTP version 2", overUDP(2152, 2152, []byte{0x48, 255, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0}), UDP},
		{"GTP extension of no size", overGTP(4, []byte{0, 0, 0, 0x85, 0, 0, 0, 0}, v4), DamagedLink},
		{"GRE keep-alive", overGRE(0, 0, nil, nil), NotIP},
		{"GRE version 2", overGRE(2, 0x800, nil, v4), OtherTransport},
		{"GRE with ARP", overGRE(0, 0x806, nil, make([]byte, 28)), NotIP},
		{"GRE with endless routes", overGRE(0x4000, 0x800, u32(0), makeRoutes(40)), TooDeep},
		{"PPTP acknowledgment", overGRE(0x2081, 0x880b, join(u16(0), u16(5), u32(1)), nil), NotIP},
		{"EtherIP of another version", outer(97, join([]byte{0x20, 0}, v4)), DamagedLink},
		{"ESP", outer(50, make([]byte, 40)), Encrypted},
		{"ICMP", outer(1, make([]byte, 40)), ICMP},
		{"SCTP", outer(132, make([]byte, 40)), OtherTransport},
	} {
		if _, got := decode(frameOf(LinkRaw, c.data)); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func makeRoutes(n int) (b []byte) {
	for range n {
		b = append(b, 8, 0, 0, 0)
	}
	return b
}

// TestDepth: eight tunnels are followed and no more, and the frame ends however
// many headers there are.
func TestDepth(t *testing.T) {
	data := whole4()
	for n := 1; n <= 10; n++ {
		data = outer(4, data)
		s, reason := decode(frameOf(LinkRaw, data))
		switch {
		case n <= maxTunnels && (reason != IsSegment || int(s.Tunnels) != n || s.Tuple != ends4):
			t.Errorf("%d tunnels: %v, %d", n, reason, s.Tunnels)
		case n > maxTunnels && reason != TooDeep:
			t.Errorf("%d tunnels: %v", n, reason)
		}
	}
	tags := overEthernet(0x8100, nil)
	for range 1000 {
		tags = append(tags, 0, 1, 0x81, 0)
	}
	if _, reason := decode(frameOf(LinkEthernet, tags)); reason != TooDeep {
		t.Errorf("a thousand tags: %v", reason)
	}
}

// TestMirrorCutTheFrame: the switch marks that its copy ends early, so the
// inner packet is not damaged.
func TestMirrorCutTheFrame(t *testing.T) {
	e4 := overEthernet(0x800, whole4())
	data := overGRE(0x1000, 0x88be, join(u32(1), u16(0x1005), u16(0x0523), u32(0)), e4[:len(e4)-3])
	s := mustDecode(t, frameOf(LinkRaw, data))
	if s.TCP.Data != 5 || s.TextSize != 2 || s.Marks != Truncated {
		t.Errorf("data %d, text %d, marks %v", s.TCP.Data, s.TextSize, s.Marks)
	}
}

// TestPartedTunnel: the outer packet's first fragment holds the beginning of the
// inner one, which is whole as far as its own header says.
func TestPartedTunnel(t *testing.T) {
	inner := whole4()
	data := over4With(nil, 0x2000, 4, address("172.16.0.1"), address("172.16.0.2"), inner[:42])
	s := mustDecode(t, frameOf(LinkRaw, data))
	if s.TCP.Data != 5 || s.TextSize != 2 || s.Marks != Truncated || s.Checksum != ChecksumUnknown {
		t.Errorf("data %d, text %d, marks %v, checksum %v", s.TCP.Data, s.TextSize, s.Marks, s.Checksum)
	}
	data = over4With(nil, 0x2000, 4, address("172.16.0.1"), address("172.16.0.2"), inner[:32])
	if _, reason := decode(frameOf(LinkRaw, data)); reason != CutShort && reason != TinyFragment {
		t.Errorf("header in two fragments: %v", reason)
	}
}
