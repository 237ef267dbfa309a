package guard

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// guiltyLook is a look that proves a network hostile.
func guiltyLook() *evidence.Bundle {
	at := netip.MustParseAddrPort("192.0.2.2:80")
	socket := func(state tcp.State, local, remote string) host.Socket {
		s := host.Socket{State: state, Local: netip.MustParseAddrPort(local)}
		if remote != "" {
			s.Remote = netip.MustParseAddrPort(remote)
		}
		return s
	}
	start := time.Unix(1_700_000_000, 0)
	sockets := []host.Socket{socket(tcp.Listen, "[::]:80", ""), socket(tcp.Established, "[::ffff:192.0.2.2]:80", "[::ffff:203.0.113.9]:4000")}
	return &evidence.Bundle{
		Start: start, End: start.Add(2 * time.Second), Snapshots: []host.Snapshot{{Sockets: sockets}, {Sockets: sockets}},
		Packets: &evidence.Packets{Own: true, Servers: []evidence.PacketServer{{
			Local: at, Attempts: 2005, Completed: 5,
			Once: evidence.PacketGroup{Count: 2000, Addresses: 256, Networks: 1, Most: 1990, Share: 1990, Prefix: netip.MustParsePrefix("198.18.7.0/24")},
		}}},
	}
}

// TestProvenHostile: what is enough, and each thing that speaks for a network.
func TestProvenHostile(t *testing.T) {
	network := netip.MustParsePrefix("198.18.7.0/24")
	add := func(b *evidence.Bundle, state tcp.State, remote string) {
		s := host.Socket{State: state, Local: netip.MustParseAddrPort("192.0.2.2:80"), Remote: netip.MustParseAddrPort(remote)}
		b.Snapshots[0].Sockets = append(append([]host.Socket{}, b.Snapshots[0].Sockets...), s)
	}
	for name, test := range map[string]struct {
		change func(b *evidence.Bundle, s *evidence.PacketServer)
		says   string
	}{
		"proven":                    {func(*evidence.Bundle, *evidence.PacketServer) {}, ""},
		"a neighbour lives":         {func(b *evidence.Bundle, _ *evidence.PacketServer) { add(b, tcp.Established, "198.18.6.9:4000") }, ""},
		"half-open ones prove none": {func(b *evidence.Bundle, _ *evidence.PacketServer) { add(b, tcp.SynReceived, "198.18.7.9:4000") }, ""},
		"one is established":        {func(b *evidence.Bundle, _ *evidence.PacketServer) { add(b, tcp.Established, "198.18.7.9:4000") }, "there is a connection with 198.18.7.9:4000"},
		"in another way of writing": {func(b *evidence.Bundle, _ *evidence.PacketServer) { add(b, tcp.CloseWait, "[::ffff:198.18.7.9]:4000") }, "there is a connection with"},
		"one has just ended":        {func(b *evidence.Bundle, _ *evidence.PacketServer) { add(b, tcp.TimeWait, "198.18.7.9:4000") }, "there is a connection with"},
		"one lives":                 {func(_ *evidence.Bundle, s *evidence.PacketServer) { s.OnceAlive = 1 }, "1 clients there live"},
		"few":                       {func(_ *evidence.Bundle, s *evidence.PacketServer) { s.Once.Share, s.Once.Count = 999, 999 }, "less than 1000 prove nothing"},
		"from everywhere":           {func(_ *evidence.Bundle, s *evidence.PacketServer) { s.Once.Share = 1700 }, "does not show"},
		"of another server":         {func(_ *evidence.Bundle, s *evidence.PacketServer) { s.Local = netip.MustParseAddrPort("192.0.2.2:81") }, "does not show"},
		"packets of somebody else":  {func(b *evidence.Bundle, _ *evidence.PacketServer) { b.Packets.Own = false }, "no packets were seen"},
		"without packets":           {func(b *evidence.Bundle, _ *evidence.PacketServer) { b.Packets = nil }, "no packets were seen"},
		"one host of it":            {func(_ *evidence.Bundle, s *evidence.PacketServer) { s.Once.Client = netip.MustParseAddr("198.18.7.7") }, "does not show"},
		"nobody else gets through": {func(b *evidence.Bundle, s *evidence.PacketServer) {
			s.Completed = 0
			for i := range b.Snapshots {
				b.Snapshots[i].Sockets = b.Snapshots[i].Sockets[:1]
			}
		}, "it may be the way and not the source"},
	} {
		b := guiltyLook()
		test.change(b, &b.Packets.Servers[0])
		err := mayDrop(b, network)
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v", name, err)
		}
		if list := hostile(b); err == nil && (len(list) != 1 || list[0] != (Hostile{network, 1990, netip.MustParseAddrPort("192.0.2.2:80")})) {
			t.Errorf("%s: %+v", name, list)
		}
	}
	b := guiltyLook()
	b.Packets.Servers[0].Once.Client = netip.MustParseAddr("198.18.7.7")
	if err := mayDrop(b, netip.MustParsePrefix("198.18.7.7/32")); err != nil {
		t.Error("the one host:", err)
	}
}

// BenchmarkHostile: a look at a busy host.
func BenchmarkHostile(b *testing.B) {
	look := guiltyLook()
	for i := range look.Snapshots {
		for n := range 100_000 {
			remote := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 4000)
			look.Snapshots[i].Sockets = append(look.Snapshots[i].Sockets, host.Socket{State: tcp.Established, Local: netip.MustParseAddrPort("192.0.2.2:80"), Remote: remote})
		}
	}
	for b.Loop() {
		if len(hostile(look)) != 1 {
			b.Fatal("not proven")
		}
	}
}
