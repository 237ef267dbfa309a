package duel

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// irs is the initial sequence number of the scripted peer.
const irs tcp.Seq = 5_000_000

// firstStamp is where the peer's clock of timestamps begins.
const firstStamp uint32 = 1 << 30

// Distances of the places of a segment, in octets. No window of either side is
// smaller than ahead or larger than beyond.
const (
	ahead   tcp.Size = 100
	beyond  tcp.Size = 1 << 20
	ancient tcp.Size = 1 << 20
)

// game is one script under way: our end, and what the other one did.
type game struct {
	script Script
	local  netip.AddrPort // of the TCPs under test
	peer   netip.AddrPort
	end    *tcp.Endpoint
	iss    tcp.Seq // the other TCP's, which ours takes over
	clock  uint32  // of the peer's timestamps
	echo   uint32  // the timestamp of the other TCP's SYN
	rows   []tcp.Row
	wrong  bool // a wrong ACK met SYN-SENT
	child  bool // the program holds a connection that is in SYN-RECEIVED
	known  []Met
	result *Difference
}

// Answer is a segment that an end sent, as far as it is compared.
type Answer struct {
	Flags tcp.Flags
	Seq   tcp.Seq
	Ack   tcp.Seq
	Data  tcp.Size
}

// Difference is where the two ended up after the same incident.
type Difference struct {
	Script       Script
	At           int // index of the incident, -1: the opening itself
	Incident     Incident
	Before       tcp.State // of our end
	Rows         []tcp.Row // that our end took
	Ours, Theirs []Answer
	OurState     tcp.State
	TheirState   tcp.State
	Segment      tcp.Segment // that arrived, if one did
	Variables    tcp.Variables
	Orphan       bool   // no program holds the connection
	WrongACK     bool   // a wrong ACK met SYN-SENT
	Child        bool   // the program was given the connection in SYN-RECEIVED
	Name         string // of the Deviation, "" for one that nobody has explained
}

func newGame(s Script, between Sockets, configure func(*tcp.EndpointConfig)) *game {
	g := &game{script: s, local: between.Local, peer: between.Peer}
	c := tcp.EndpointConfig{
		Local: g.local, ISS: func() tcp.Seq { return g.iss }, AutoReceive: true,
		ChallengeLimit: -1, InvalidInterval: -1, Timestamps: s.Stamped,
	}
	if configure != nil {
		configure(&c)
	}
	g.end = tcp.NewEndpoint(c)
	return g
}

// packet makes the segment of an incident, by the variables of our end, which
// are those of the other one as long as they have not differed.
func (g *game) packet(in Incident) tcp.Packet {
	v, seg := g.end.Variables(), tcp.Segment{Flags: in.Flags, Window: 65535}
	first, next := v.RCV.IRS, v.RCV.NXT
	if first == 0 { // no SYN of the peer has arrived
		first, next = irs, irs
	}
	seg.Seq = [...]tcp.Seq{next, next.Sub(1), next.Add(ahead), next.Add(beyond), first}[in.Seq]
	if in.Flags.Has(tcp.ACK) {
		seg.Ack = [...]tcp.Seq{v.SND.NXT, v.SND.UNA, v.SND.UNA.Sub(1), v.SND.UNA.Sub(ancient), v.SND.NXT.Add(1)}[in.Ack]
	}
	p := tcp.Packet{Source: g.peer, Destination: g.local, Segment: seg}
	g.stampPacket(&p, in.Stamp)
	if in.Text {
		p.Text = []byte("hello")
		p.Segment.Data = tcp.Size(len(p.Text))
	}
	return p
}

// stampPacket puts the peer's timestamp on a segment. It echoes that of the other
// TCP's SYN: a half-open request of Linux takes no other.
func (g *game) stampPacket(p *tcp.Packet, at StampPlace) {
	if !g.script.Stamped || at == StampNone {
		return
	}
	g.clock++
	value := firstStamp + g.clock
	if at == StampOld {
		value -= 1 << 20
	}
	p.Segment.Timestamp, p.Options.Echo = tcp.Timestamp{Present: true, Value: value}, g.echo
}

// step lets our end live through an incident and returns what it sent.
func (g *game) step(in tcp.Incident) (sent []Answer) {
	for _, f := range g.end.Step(0, in) {
		switch f.Kind {
		case tcp.RowTaken:
			g.rows = append(g.rows, f.Row)
			g.wrong = g.wrong || f.Row.From == tcp.SynSent && g.end.State() == tcp.SynSent && in.Packet.Segment.Flags.Has(tcp.ACK)
		case tcp.SendPacket:
			sent = append(sent, answerOf(f.Packet.Segment))
		}
	}
	return sent
}

func answerOf(seg tcp.Segment) Answer {
	a := Answer{Flags: seg.Flags & (tcp.SYN | tcp.ACK | tcp.FIN | tcp.RST), Seq: seg.Seq, Data: seg.Data}
	if seg.Flags.Has(tcp.ACK) {
		a.Ack = seg.Ack
	}
	return a
}

// String writes the answer as the figures of RFC 9293 do.
func (a Answer) String() string {
	return tcp.Segment{Seq: a.Seq, Ack: a.Ack, Flags: a.Flags, Data: a.Data}.String()
}

// call is a user call of ours.
func (c Call) event() tcp.Incident {
	return [...]tcp.Incident{
		Write:    {Event: tcp.CallSend, Text: []byte("hello")},
		Shutdown: {Event: tcp.CallClose},
		Close:    {Event: tcp.CallClose},
		Abort:    {Event: tcp.CallAbort},
		Pause:    {},
	}[c]
}

// open is the incident before the script: OPEN.
func (g *game) open() tcp.Incident {
	if g.script.Listens {
		return tcp.Incident{Event: tcp.CallPassiveOpen}
	}
	return tcp.Incident{Event: tcp.CallActiveOpen, Foreign: g.peer}
}

// same compares what both did. A listener stays where a connection that came to
// it ends, so for that side CLOSED and LISTEN are one.
func (d *Difference) same() bool {
	return slices.Equal(d.Ours, d.Theirs) && over(d.OurState) == over(d.TheirState)
}

func over(s tcp.State) tcp.State {
	if s == tcp.Listen {
		return tcp.Closed
	}
	return s
}

// String tells the difference in a few lines, sequence numbers relative to the
// initial ones.
func (d *Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n  in %v at %q", d.Script, d.Before, d.what())
	for _, row := range d.Rows {
		fmt.Fprintf(&b, " [%s]", row.ID)
	}
	fmt.Fprintf(&b, "\n  ours   %-12v %s\n  theirs %-12v %s", d.OurState, d.relative(d.Ours), d.TheirState, d.relative(d.Theirs))
	return b.String()
}

func (d *Difference) what() string {
	if d.At < 0 {
		return "open"
	}
	return d.Incident.String()
}

func (d *Difference) relative(answers []Answer) string {
	words := make([]string, len(answers))
	for i, a := range answers {
		a.Seq = tcp.Seq(d.Variables.SND.ISS.To(a.Seq))
		if a.Flags.Has(tcp.ACK) {
			a.Ack = tcp.Seq(irs.To(a.Ack))
		}
		words[i] = a.String()
	}
	return strings.Join(words, " ")
}
