package traffic

import (
	"math/rand/v2"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Connections makes connections, a fixed number of them at any time, whose
// segments are mixed at random. Each has eleven: three of the handshake, a
// request and an answer with their acknowledgments, four of the end. About 3 %
// are reset in place of the end.
type Connections struct {
	// Six makes them between IPv6 addresses.
	Six bool
	// Began and Reset count connections: all, and those that ended by a RST.
	Began, Reset uint64

	random *rand.Rand
	live   []connection
	number uint64
}

// connection is one of them: small, so that many can be live.
type connection struct {
	id      uint64
	isn     [2]tcp.Seq
	request uint16
	answer  uint16
	port    uint16
	step    uint8
	resets  bool
}

// Steps of a connection: who sends, what, and after which parts of the text.
var steps = [...]struct {
	from     int
	flags    tcp.Flags
	sent     int // parts the sender has sent before: SYN, text, FIN
	seen     int // parts of the other that it acknowledges
	withText bool
}{
	{0, tcp.SYN, 0, 0, false},
	{1, tcp.SYN | tcp.ACK, 0, 1, false},
	{0, tcp.ACK, 1, 1, false},
	{0, tcp.ACK | tcp.PSH, 1, 1, true},
	{1, tcp.ACK, 1, 2, false},
	{1, tcp.ACK | tcp.PSH, 1, 2, true},
	{0, tcp.ACK, 2, 2, false},
	{0, tcp.FIN | tcp.ACK, 2, 2, false},
	{1, tcp.ACK, 2, 3, false},
	{1, tcp.FIN | tcp.ACK, 2, 3, false},
	{0, tcp.ACK, 3, 3, false},
}

// PerConnection is how many segments a connection has that is not reset.
const PerConnection = len(steps)

// firstOfEnd is the step that a RST takes the place of.
const firstOfEnd = 7

// NewConnections returns a source with so many connections at any time, at
// least one.
func NewConnections(seed uint64, atATime int) *Connections {
	c := &Connections{random: rand.New(rand.NewPCG(seed, 11)), live: make([]connection, max(atATime, 1))}
	for i := range c.live {
		c.begin(&c.live[i])
	}
	return c
}

func (c *Connections) begin(l *connection) {
	r := c.random.Uint64()
	*l = connection{
		id: c.Began, isn: [2]tcp.Seq{tcp.Seq(r), tcp.Seq(r >> 32)}, request: uint16(20 + r%400), answer: uint16(100 + r>>20%1300),
		port: uint16(1024 + r>>40%60000), resets: r>>8%100 < 3,
	}
	c.Began++
}

// Next makes the next segment of one of the connections.
func (c *Connections) Next(s *packet.Segment) {
	l := &c.live[c.random.IntN(len(c.live))]
	what := steps[l.step]
	c.frame(s, l, what.from)
	s.TCP.Flags = what.flags
	s.TCP.Seq = l.position(what.from, what.sent)
	if what.flags.Has(tcp.ACK) {
		s.TCP.Ack = l.position(1-what.from, what.seen)
	}
	if what.withText {
		s.TCP.Data = tcp.Size(l.text(what.from))
	}
	l.step++
	if l.resets && l.step > firstOfEnd {
		s.TCP.Flags = tcp.RST
		s.TCP.Ack = 0
		c.Reset++
		c.begin(l)
		return
	}
	if int(l.step) == len(steps) {
		c.begin(l)
	}
}

func (c *Connections) frame(s *packet.Segment, l *connection, from int) {
	client, server := packet.Address4(0x0a000000+uint32(l.id)&0xffffff), packet.Address4(0xc0a80000+uint32(l.id>>24))
	if c.Six {
		client, server = packet.Address{Hi: 0x20010db8 << 32, Lo: l.id}, packet.Address{Hi: 0x20010db8<<32 | 1, Lo: l.id >> 24}
	}
	tuple := packet.Tuple{Source: client, Destination: server, SourcePort: l.port, DestinationPort: 443}
	if from == 1 {
		tuple = tuple.Reverse()
	}
	plain(s, tuple, &c.number)
}

func (l *connection) text(end int) uint16 {
	if end == 0 {
		return l.request
	}
	return l.answer
}

// position is the sequence number behind so many parts: SYN, text, FIN.
func (l *connection) position(end, parts int) tcp.Seq {
	at := l.isn[end]
	for part := range parts {
		if part == 1 {
			at = at.Add(tcp.Size(l.text(end)))
		} else {
			at = at.Add(1)
		}
	}
	return at
}

// plain fills what all segments have in common.
func plain(s *packet.Segment, tuple packet.Tuple, number *uint64) {
	version := uint8(4)
	if !tuple.Source.Is4() {
		version = 6
	}
	*s = packet.Segment{
		TCP: tcp.Segment{Window: 64240}, Tuple: tuple, IPVersion: version, TTL: 64,
		Time: Start + int64(*number)*Step, Number: *number + 1, ID: uint32(uint16(*number)),
	}
	*number++
}
