package track

import (
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Effort is what an end does over and over, and since when: what tells apart
// connections that stand in the same states. A packet that was captured twice
// counts once.
type Effort struct {
	First, Last time.Time // of its segments; zero without any
	SYNs        uint32    // SYNs, or SYN,ACKs; those with another ISN do not count
	ACKs        uint32    // segments with ACK and without SYN and RST
	Resets      uint32
	Strays      uint32 // of them, those that a receiver need not believe
	Foreign     uint32 // of them, those with another TTL than its first segment has

	// Asked counts text and FINs sent again, keep-alives and window probes since
	// the other end was last heard, and AskedSince is the time of the first.
	Asked      uint32
	AskedSince time.Time

	// Front is the size of the text at the first octet that was sent again and is
	// not acknowledged, FrontTimes how often it was sent again, FrontSince since
	// when, and Passed the largest text that was acknowledged. Octets.
	Front, Passed tcp.Size
	FrontTimes    uint32
	FrontSince    time.Time
	Fresh         time.Time // when it last sent text for the first time

	// ShutSince is since when its window has been zero; the zero time if it is not.
	// ShutTimes counts the segments that said so.
	ShutSince time.Time
	ShutTimes uint32

	FirstACK time.Time // its first segment with ACK and without SYN and RST
	FIN      time.Time // its first FIN
	TTL      uint8     // of its first segment
	Bare     bool      // its first SYN carries no option but the MSS
	Routed   bool      // copies of its segments have another TTL: the capture is in front of a router and behind it
	// From and To are the neighbours on the link of its first segment with SYN,
	// zero where the capture holds none.
	From, To packet.HardwareAddress
}

// effort is an Effort as it is kept.
type effort struct {
	first, last, askedSince, shutSince, fresh, fin, firstACK int64
	frontSince                                               int64
	syns, acks, resets, strays, foreign                      uint32
	asked, frontTimes, shutTimes                             uint32
	frontSeq                                                 tcp.Seq
	front, passed                                            tcp.Size
	recent                                                   [recentTexts]text
	ttl, next                                                uint8
	bare, routed                                             bool
	from, to                                                 packet.HardwareAddress
}

// text is a piece of text that waits for its acknowledgment.
type text struct {
	end  tcp.Seq
	size tcp.Size
}

// recentTexts are watched for the size of what gets through.
const recentTexts = 4

// effortSize is about what the efforts of both ends take, octets.
const effortSize = 512

type efforts [2]effort

// note adds a segment.
func (e *efforts) note(s *slot, odd Anomalies) {
	x, y := &e[s.side&1], &e[1-s.side&1]
	x.learn(s, odd)
	x.repeat(s, odd)
	y.asked, y.askedSince = 0, 0
	if s.has(tcp.ACK) {
		y.delivered(s.ack)
	}
}

func (x *effort) learn(s *slot, odd Anomalies) {
	if x.first == 0 {
		x.first, x.ttl = s.time, s.ttl
	}
	x.last = s.time
	switch {
	case s.has(tcp.RST):
		x.resets++
		if odd&(ResetInexact|ResetOutside) != 0 {
			x.strays++
			if s.ttl != x.ttl {
				x.foreign++
			}
		}
		return
	case s.has(tcp.SYN) && odd.Has(SYNInside): // it begins anew: nothing is sent again
	case s.has(tcp.SYN):
		if x.syns++; x.syns == 1 {
			x.from, x.to, x.ttl, x.bare = s.from, s.to, s.ttl, s.bare
		}
	case s.has(tcp.ACK):
		if x.acks++; x.acks == 1 {
			x.firstACK = s.time
		}
	}
	if s.has(tcp.FIN) && x.fin == 0 {
		x.fin = s.time
	}
	if s.window != 0 {
		x.shutSince, x.shutTimes = 0, 0
		return
	}
	if x.shutTimes++; x.shutTimes == 1 {
		x.shutSince = s.time
	}
}

// repeat looks at text: whether it is new, and what stands at the front.
func (x *effort) repeat(s *slot, odd Anomalies) {
	if odd&(TextAgain|FINAgain|Keepalive|WindowProbe) != 0 {
		if x.asked++; x.asked == 1 {
			x.askedSince = s.time
		}
	}
	switch {
	case s.data == 0 || odd&(Keepalive|WindowProbe) != 0:
	case odd&TextAgain == 0:
		x.fresh = s.time
		x.recent[x.next%recentTexts] = text{s.end(), s.data}
		x.next++
	case x.frontTimes == 0 || s.seq.Less(x.frontSeq):
		x.frontSeq, x.front, x.frontTimes, x.frontSince = s.seq, s.data, 1, s.time
	case s.seq == x.frontSeq:
		x.front = min(x.front, s.data)
		x.frontTimes++
	}
}

// copied takes a segment that was captured before.
func (x *effort) copied(s *slot) { x.routed = x.routed || x.ttl != 0 && x.ttl != s.ttl }

// delivered takes an acknowledgment of the other end.
func (x *effort) delivered(ack tcp.Seq) {
	for i := range x.recent {
		if t := &x.recent[i]; t.size != 0 && t.end.LessEqual(ack) {
			x.passed = max(x.passed, t.size)
			t.size = 0
		}
	}
	if x.frontTimes != 0 && x.frontSeq.Less(ack) {
		x.front, x.frontTimes = 0, 0
	}
}

// tell gives both ends of a connection their efforts; first says that the end
// with index 0 is the Originator.
func (c *Conn) tell(e *efforts, first bool) {
	o, r := &e[0], &e[1]
	if !first {
		o, r = r, o
	}
	c.Originator.Effort, c.Responder.Effort = o.told(), r.told()
}

func (x *effort) told() Effort {
	return Effort{
		First: at(x.first), Last: at(x.last), SYNs: x.syns, ACKs: x.acks, Resets: x.resets, Strays: x.strays, Foreign: x.foreign,
		Asked: x.asked, AskedSince: at(x.askedSince), Front: x.front, Passed: x.passed, FrontTimes: x.frontTimes, FrontSince: at(x.frontSince), Fresh: at(x.fresh),
		ShutSince: at(x.shutSince), ShutTimes: x.shutTimes, FirstACK: at(x.firstACK), FIN: at(x.fin), TTL: x.ttl, Bare: x.bare, Routed: x.routed, From: x.from, To: x.to,
	}
}

// at returns the zero time for what never was.
func at(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
