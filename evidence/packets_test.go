package evidence

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// wire writes segments between clients and one server into a Tracker.
type wire struct {
	tracker *track.Tracker
	now     time.Duration
}

func newWire() *wire { return &wire{tracker: track.New(track.Config{Efforts: true})} }

const fromServer = true

func (w *wire) send(client string, back bool, flags tcp.Flags, seq, ack tcp.Seq, data tcp.Size) {
	c := netip.MustParseAddrPort(client)
	tuple := packet.Tuple{
		Source: packet.AddressFrom(c.Addr()), SourcePort: c.Port(),
		Destination: packet.Address4(0xc0000202), DestinationPort: 80,
	}
	ttl := uint8(60)
	if back {
		tuple, ttl = tuple.Reverse(), 64
	}
	w.now += 2 * time.Millisecond
	w.tracker.Add(&packet.Segment{
		Tuple: tuple, IPVersion: 4, TTL: ttl, Time: 1e18 + int64(w.now),
		TCP: tcp.Segment{Flags: flags, Seq: seq, Ack: ack, Data: data, Window: 65000},
	})
}

func (w *wire) syn(client string)    { w.send(client, false, tcp.SYN, 100, 0, 0) }
func (w *wire) synack(client string) { w.send(client, fromServer, tcp.SYN|tcp.ACK, 300, 101, 0) }
func (w *wire) ack(client string)    { w.send(client, false, tcp.ACK, 101, 301, 0) }
func (w *wire) open(client string)   { w.syn(client); w.synack(client); w.ack(client) }

func (w *wire) server(t *testing.T) PacketServer {
	t.Helper()
	p := NewPackets(w.tracker)
	if len(p.Servers) != 1 || p.Servers[0].Local != netip.MustParseAddrPort("192.0.2.2:80") {
		t.Fatalf("servers: %+v", p.Servers)
	}
	return p.Servers[0]
}

// Handshakes that stop at each of their steps, told 2 s after the last of them.
func TestHandshakesThatStop(t *testing.T) {
	w := newWire()
	w.syn("198.51.100.1:1001") // nobody answers
	w.syn("198.51.100.1:1001")
	w.syn("198.51.101.1:1002") // it says no more
	w.synack("198.51.101.1:1002")
	w.now += 2 * time.Second
	w.synack("198.51.101.1:1002")
	w.syn("198.51.102.1:1003") // it does not see the answer
	w.synack("198.51.102.1:1003")
	w.syn("198.51.102.1:1003")
	w.open("198.51.103.1:1004") // its ACK is of no use
	w.synack("198.51.103.1:1004")
	w.open("198.51.104.1:1005")
	w.send("198.51.104.1:1005", false, tcp.ACK, 101, 301, 10)
	w.send("198.51.104.1:1005", fromServer, tcp.ACK, 301, 111, 0)
	w.syn("198.51.105.1:1006") // refused
	w.send("198.51.105.1:1006", fromServer, tcp.RST|tcp.ACK, 0, 101, 0)
	w.now += 2 * time.Second
	w.syn("198.51.106.1:1007") // young
	s := w.server(t)
	got := [...]int{
		s.Attempts, s.Unanswered.Count, s.Once.Count, s.OnceAnswered, s.OnceWaited, s.OnceYoung, s.OnceResent,
		s.Again.Count, s.Again.Again, s.Acked.Count, s.Completed, s.Served, s.Refused,
	}
	if want := [...]int{7, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; got != want {
		t.Errorf("got %v, want %v: %+v", got, want, s)
	}
	if s.Near != NearServer {
		t.Errorf("near %q", s.Near)
	}
	if s.Again.Client != netip.MustParseAddr("198.51.102.1") || s.Again.Longest < 2 {
		t.Errorf("%+v", s.Again)
	}
}

// Who lives among the network that most SYNs come from.
func TestAliveInThePrefix(t *testing.T) {
	for name, test := range map[string]struct {
		then func(w *wire)
		want int
	}{
		"nobody":                  {func(*wire) {}, 0},
		"one completes":           {func(w *wire) { w.open("198.51.100.77:9999") }, 1},
		"one sends its SYN again": {func(w *wire) { w.syn("198.51.100.77:9999"); w.syn("198.51.100.77:9999") }, 1},
		"one is surprised": {func(w *wire) {
			w.syn("198.51.100.77:9999")
			w.synack("198.51.100.77:9999")
			w.send("198.51.100.77:9999", false, tcp.RST, 101, 0, 0)
		}, 1},
		"one was there before": {func(w *wire) { w.send("198.51.100.77:9999", false, tcp.ACK, 101, 301, 10) }, 1},
		"the neighbours live":  {func(w *wire) { w.open("198.51.101.77:9999"); w.open("198.51.99.1:9999") }, 0},
	} {
		w := newWire()
		for i := range 40 {
			w.syn(fmt.Sprintf("198.51.100.%d:1000", i+1))
			w.synack(fmt.Sprintf("198.51.100.%d:1000", i+1))
		}
		test.then(w)
		s := w.server(t)
		if s.Once.Prefix != netip.MustParsePrefix("198.51.100.0/24") || s.Once.Share != 40 || s.OnceAlive != test.want {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// The server's text is sent again and again; the other connections of the client
// say whether its host lives.
func TestUnansweredText(t *testing.T) {
	for _, alive := range []bool{false, true} {
		w := newWire()
		w.open("198.51.100.1:1001")
		for i := range 5 {
			w.send("198.51.100.1:1001", fromServer, tcp.ACK, 301, 101, 40)
			w.now += time.Duration(i+1) * 300 * time.Millisecond
		}
		if alive {
			w.open("198.51.100.1:1002")
		}
		s := w.server(t)
		if s.Server.Unanswered.Count != 1 || s.Server.Unanswered.Again != 4 || (s.Server.Alive == 1) != alive || s.Clients.Unanswered.Count != 0 {
			t.Errorf("alive %v: %+v", alive, s)
		}
	}
}

func TestPrefixOfAGroup(t *testing.T) {
	var spreadOut, narrow spread
	for i := range 64 {
		spreadOut.add(netip.AddrFrom4([4]byte{byte(11 + i), 1, 1, 1}), 0, time.Second)
		narrow.add(netip.AddrFrom4([4]byte{198, 51, byte(96 + i%3), byte(i)}), 0, time.Second)
	}
	if g := spreadOut.told(); g.Networks != 64 || g.Addresses != 64 || g.Most != 1 || g.Share != 1 {
		t.Errorf("%+v", g)
	}
	if g := narrow.told(); g.Networks != 3 || g.Share != 64 || g.Prefix != netip.MustParsePrefix("198.51.96.0/22") {
		t.Errorf("%+v", g)
	}
}

func TestPacketsAreKeptAndAnonymized(t *testing.T) {
	w := newWire()
	w.syn("198.51.100.1:1001")
	w.syn("198.51.100.1:1001")
	b := &Bundle{Packets: NewPackets(w.tracker)}
	var file bytes.Buffer
	if err := Write(&file, b); err != nil {
		t.Fatal(err)
	}
	read, err := Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read.Packets, b.Packets) {
		t.Errorf("read %+v, wrote %+v", read.Packets, b.Packets)
	}
	hidden := Anonymize(b, []byte("key")).Packets
	s, plain := hidden.Servers[0], b.Packets.Servers[0]
	if s.Unanswered.Client == plain.Unanswered.Client || s.Local.Addr() == plain.Local.Addr() || hidden.Clients[0].Address != s.Unanswered.Client {
		t.Errorf("%+v", hidden)
	}
	if !s.Unanswered.Prefix.Contains(s.Unanswered.Client) || s.Unanswered.Count != plain.Unanswered.Count {
		t.Errorf("%+v", s.Unanswered)
	}
	if plain.Unanswered.Client != netip.MustParseAddr("198.51.100.1") {
		t.Error("the original was changed")
	}
}

// A flood is told in bounded space.
func TestManyClientsAreBounded(t *testing.T) {
	w := newWire()
	for i := range 500 {
		w.syn(netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 8), byte(i), 1}), 1024).String())
	}
	p := NewPackets(w.tracker)
	if len(p.Clients) != PacketsKept || p.UntoldClients != 500-PacketsKept || p.UntoldServers != 0 || p.Servers[0].Once.Count != 500 || p.States[tcp.SynSent] != 500 {
		t.Errorf("%d clients, %d untold, %+v", len(p.Clients), p.UntoldClients, p.Servers[0])
	}
}

// BenchmarkNewPackets counts 20,000 connections of as many clients.
func BenchmarkNewPackets(b *testing.B) {
	w := newWire()
	for i := range 20_000 {
		w.open(netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 8), byte(i), 1}), 1024).String())
	}
	b.ReportAllocs()
	for b.Loop() {
		NewPackets(w.tracker)
	}
}

// FuzzNewPackets: whatever a capture holds, every connection is counted once, and
// no group holds more than there are.
func FuzzNewPackets(f *testing.F) {
	f.Add([]byte{0, 2, 1, 0, 1, 18, 2, 0, 0, 16, 3, 9})
	f.Add([]byte{0, 2, 0, 0, 0, 2, 0, 250, 1, 20, 0, 0, 2, 17, 1, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		w := newWire()
		for ; len(script) >= 4; script = script[4:] {
			client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, script[0] >> 4, 1, 1}), uint16(1024+int(script[0]>>1&7)))
			w.send(client.String(), script[0]&1 == 1, tcp.Flags(script[1]&0x1f), tcp.Seq(100+uint32(script[2])*64), tcp.Seq(script[2]), tcp.Size(script[3]))
			w.now += time.Duration(script[3]) * 20 * time.Millisecond
		}
		p := NewPackets(w.tracker)
		if p.States.Total() != p.Connections {
			t.Errorf("%d connections, states %v", p.Connections, p.States)
		}
		for _, s := range p.Servers {
			stopped := s.Once.Count + s.Again.Count + s.Acked.Count + s.Unanswered.Count
			if stopped+s.Completed+s.Refused > s.Attempts || s.Attempts > s.Connections || s.OnceYoung+s.OnceWaited > s.Once.Count {
				t.Errorf("%+v", s)
			}
			for _, side := range []PacketSide{s.Server, s.Clients} {
				if side.Alive > side.Unanswered.Count || side.Brief > side.Closed || side.Foreign > side.Strays {
					t.Errorf("%+v", side)
				}
			}
		}
	})
}
