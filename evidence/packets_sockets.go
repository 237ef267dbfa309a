package evidence

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// PacketSocket is what packets showed in the window of a socket in trouble: one
// that is half-open, or waits for an acknowledgment.
type PacketSocket struct {
	Local  netip.AddrPort `json:"local"`
	Remote netip.AddrPort `json:"remote"`
	In     PacketEnd      `json:"in,omitzero"`  // what came
	Out    PacketEnd      `json:"out,omitzero"` // what left
	// Turned: what left went to another neighbour on the link than what came came
	// from. Unplaced: the link does not tell.
	Turned   bool `json:"turned,omitempty"`
	Unplaced bool `json:"unplaced,omitempty"`
	// Hairpin: the SYN that left came back with an address of ours as its source.
	Hairpin bool `json:"hairpin,omitempty"`
}

// PacketEnd is what one direction of a connection showed; ages are seconds before
// the last look at the sockets, negative behind it; counts are segments, sizes
// octets.
type PacketEnd struct {
	SYNs   int     `json:"syns,omitempty"` // or SYN,ACKs
	ACKs   int     `json:"acks,omitempty"` // without SYN and RST
	Resets int     `json:"resets,omitempty"`
	Bare   bool    `json:"bare,omitempty"`          // its first SYN carries no option but the MSS
	Age    float64 `json:"age_seconds,omitempty"`   // of the last segment
	Begin  float64 `json:"begin_seconds,omitempty"` // of the first segment
	ACKAge float64 `json:"ack_age_seconds,omitempty"`

	Asked     int     `json:"asked,omitempty"`      // text, FINs and probes sent again, without an answer since
	Front     int     `json:"front,omitempty"`      // size of the text at the front that is sent again
	FrontSent int     `json:"front_sent,omitempty"` // how often it was sent again
	Passed    int     `json:"passed,omitempty"`     // size of the largest text that was acknowledged
	FreshAge  float64 `json:"fresh_age,omitempty"`  // of the last new text
	ShutTimes int     `json:"shut_times,omitempty"` // segments in a row that said that its window is zero
}

// Heard tells whether any segment was captured.
func (e *PacketEnd) Heard() bool { return e.SYNs+e.ACKs+e.Resets > 0 }

// PacketSocketsKept is how many sockets are told. Of them half may be half-open
// ones: a flood leaves room for the others.
const PacketSocketsKept = 1024

// AddPackets puts what a Tracker that keeps Efforts has followed in the window
// beside the sockets of the bundle: whole, and for each socket in trouble. ours
// tells which addresses are the host's own.
func (b *Bundle) AddPackets(t *track.Tracker, ours func(netip.Addr) bool) {
	end := t.Summary().Last
	if last := b.Last(); last != nil && last.Time.After(end) {
		end = last.Time
	}
	p := packetsUntil(t, end)
	p.Own = true
	for i := range p.Servers {
		if s := &p.Servers[i]; ours(s.Local.Addr()) {
			s.Near = NearServer
		} else {
			s.Near = NearClient
		}
	}
	p.Sockets = socketsIn(t, b.Last(), ours)
	b.Packets = p
}

type pair struct{ local, remote netip.AddrPort }

// socketsIn returns the sockets in trouble, each with its packets, also where
// none was captured. Ages count from the look at the sockets: where that takes a
// second, what a socket waited for has come before listening ends.
func socketsIn(t *track.Tracker, last *host.Snapshot, ours func(netip.Addr) bool) []PacketSocket {
	if last == nil {
		return nil
	}
	end := last.Time
	var list []PacketSocket
	halfOpen := 0
	places, dialling := map[pair]int{}, map[netip.AddrPort]int{} // the latter to other hosts
	for i := range last.Sockets {
		s := &last.Sockets[i]
		if !troubled(s) || len(list) == PacketSocketsKept || s.State == tcp.SynReceived && halfOpen == PacketSocketsKept/2 {
			continue
		}
		halfOpen += number(s.State == tcp.SynReceived)
		places[pair{s.Local, s.Remote}] = len(list)
		if s.State == tcp.SynSent && !ours(s.Remote.Addr()) {
			dialling[s.Local] = len(list)
		}
		list = append(list, PacketSocket{Local: s.Local, Remote: s.Remote})
	}
	t.Each(func(c *track.Conn) bool {
		from, to := c.Tuple.SourceAddrPort(), c.Tuple.DestinationAddrPort()
		if at, ok := places[pair{from, to}]; ok { // we are the Originator
			list[at].fill(&c.Originator.Effort, &c.Responder.Effort, end)
		}
		if at, ok := places[pair{to, from}]; ok {
			list[at].fill(&c.Responder.Effort, &c.Originator.Effort, end)
		}
		if at, ok := dialling[from]; ok && ours(to.Addr()) && from.Addr() == to.Addr() {
			list[at].Hairpin = true
		}
		return true
	})
	return list
}

// troubled tells whether a socket waits for its peer longer than it should.
func troubled(s *host.Socket) bool {
	switch {
	case s.State == tcp.SynReceived:
		return true
	case s.State == tcp.Listen || s.State == tcp.TimeWait:
		return false
	default:
		return s.Retransmits > 0 || s.HasInfo && s.Info.Backoff > 0
	}
}

func (p *PacketSocket) fill(out, in *track.Effort, end time.Time) {
	p.Out, p.In = endOf(out, end), endOf(in, end)
	p.Turned = in.From != out.To && in.From != 0 && out.To != 0
	p.Unplaced = in.From == 0 || out.To == 0
}

func endOf(e *track.Effort, end time.Time) PacketEnd {
	return PacketEnd{
		SYNs: int(e.SYNs), ACKs: int(e.ACKs), Resets: int(e.Resets), Bare: e.Bare, Age: age(e.Last, end), Begin: age(e.First, end), ACKAge: age(e.FirstACK, end),
		Asked: int(e.Asked), Front: int(e.Front), FrontSent: int(e.FrontTimes), Passed: int(e.Passed), FreshAge: age(e.Fresh, end), ShutTimes: int(e.ShutTimes),
	}
}

func age(t, end time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return end.Sub(t).Seconds()
}
