package tcp

import (
	"net/netip"
	"testing"
	"time"
)

// TestChallengeLimit: ten in five seconds (RFC 5961 section 7).
func TestChallengeLimit(t *testing.T) {
	e := opened(t, EndpointConfig{})
	challenged := func(at time.Duration) (n int) {
		for range 30 {
			n += len(sentBy(feed(e, at, Segment{Seq: 5002, Flags: RST})))
		}
		return n
	}
	for i, c := range []struct {
		at   time.Duration
		want int
	}{{0, 10}, {4999 * time.Millisecond, 0}, {5 * time.Second, 10}} {
		if got := challenged(c.at); got != c.want {
			t.Errorf("%d: %d challenge ACKs at %v, want %d", i, got, c.at, c.want)
		}
	}
}

func misbehaving(t *testing.T, m Misbehaviour) *Endpoint {
	t.Helper()
	return opened(t, EndpointConfig{Misbehaviour: m, AutoReceive: true})
}

func octets(seq Seq, flags Flags, n Size) Segment {
	return Segment{Seq: seq, Ack: 1001, Flags: flags, Window: 1000, Data: n}
}

func TestNeverACK(t *testing.T) {
	e := misbehaving(t, Misbehaviour{NeverACK: true})
	if p := sentBy(feed(e, 0, octets(5001, ACK, 5))); p != nil {
		t.Errorf("sends %v", p)
	}
	if p := sentBy(e.Step(0, Incident{Event: CallSend, Text: []byte("x")})); len(p) != 1 || p[0].Segment.Ack != 5001 {
		t.Errorf("sends %v", p)
	}
}

func TestOldACK(t *testing.T) {
	e := misbehaving(t, Misbehaviour{})
	feed(e, 0, octets(5001, ACK, 5))
	e.SetMisbehaviour(Misbehaviour{OldACK: true})
	feed(e, 0, octets(5006, FIN|ACK, 5))
	p := sentBy(e.Step(0, Incident{Event: CallClose}))
	if e.State() != LastAck || len(p) != 1 || p[0].Segment.Ack != 5006 {
		t.Errorf("%v: %v", e.State(), p)
	}
}

// TestWithholdFIN: the state is that of an end whose FIN waits behind text; the
// FIN follows when the switch is off.
func TestWithholdFIN(t *testing.T) {
	e := misbehaving(t, Misbehaviour{WithholdFIN: true})
	if p := sentBy(e.Step(0, Incident{Event: CallClose})); p != nil || e.State() != FinWait1 {
		t.Errorf("%v: %v", e.State(), p)
	}
	e.SetMisbehaviour(Misbehaviour{})
	if p := sentBy(feed(e, 0, octets(5001, ACK, 0))); len(p) != 1 || !p[0].Segment.Flags.Has(FIN) {
		t.Errorf("sends %v", p)
	}
}

func TestIgnoreRST(t *testing.T) {
	e := misbehaving(t, Misbehaviour{IgnoreRST: true})
	effects := feed(e, 0, Segment{Seq: 5001, Flags: RST})
	if e.State() != Established || len(effects) != 1 || effects[0].Kind != IgnorePacket {
		t.Errorf("%v: %v", e.State(), effects)
	}
}

func TestWrongSources(t *testing.T) {
	wrong := netip.MustParseAddrPort("203.0.113.9:80")
	for _, m := range []Misbehaviour{{SpoofSource: wrong}, {AnswerFrom: wrong}} {
		e := misbehaving(t, m)
		if p := sentBy(feed(e, 0, octets(5001, ACK, 5))); p[0].Source != wrong || p[0].Destination != socketB {
			t.Errorf("%v -> %v", p[0].Source, p[0].Destination)
		}
	}
	active := NewEndpoint(EndpointConfig{Local: socketA, Misbehaviour: Misbehaviour{AnswerFrom: wrong}})
	if p := sentBy(active.Step(0, Incident{Event: CallActiveOpen, Foreign: socketB})); p[0].Source != socketA {
		t.Errorf("an active OPEN is no answer: %v", p[0].Source)
	}
}

// TestStrangersMeetNoConnection: a SYN,ACK from another address is answered as
// by a host that knows nothing, and the end goes on waiting.
func TestStrangersMeetNoConnection(t *testing.T) {
	e := endIn(t, SynSent)
	p := packetTo(e, Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK})
	p.Source = netip.MustParseAddrPort("203.0.113.9:80")
	sent := sentBy(e.Step(0, Incident{Event: SegmentArrives, Packet: p}))
	if e.State() != SynSent || len(sent) != 1 || sent[0].Destination != p.Source || sent[0].String() != "<SEQ=1001><CTL=RST>" {
		t.Errorf("%v: %v", e.State(), sent)
	}
}

func TestClone(t *testing.T) {
	e := opened(t, EndpointConfig{})
	e.Step(0, Incident{Event: CallSend, Text: []byte("one")})
	c := e.Clone()
	e.Step(0, Incident{Event: CallSend, Text: []byte("two")})
	c.Step(0, Incident{Event: CallSend, Text: []byte("six")})
	again := e.Step(time.Second, Incident{Event: RetransmissionTimeout})
	if got := string(sentBy(again)[0].Text); got != "onetwo" {
		t.Errorf("the first sends %q", got)
	}
	if c.Step(0, Incident{Event: CallAbort}); e.State() != Established || c.State() != Closed {
		t.Errorf("%v, %v", e.State(), c.State())
	}
}
