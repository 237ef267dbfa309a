package tcp

import (
	"testing"
	"time"
)

// answerTo opens an end passively by the SYN and returns it with its answer.
func answerTo(t *testing.T, c EndpointConfig, syn Packet) (*Endpoint, Packet) {
	t.Helper()
	c.Local, c.ISS = socketA, func() Seq { return 1000 }
	e := NewEndpoint(c)
	e.Step(0, Incident{Event: CallPassiveOpen})
	syn.Source, syn.Destination = socketB, socketA
	syn.Segment.Seq, syn.Segment.Flags, syn.Segment.Window = 5000, SYN, 1000
	p := sentBy(e.Step(0, Incident{Event: SegmentArrives, Packet: syn}))
	if len(p) != 1 || e.State() != SynReceived {
		t.Fatalf("%v: %v", e.State(), p)
	}
	return e, p[0]
}

var allOptions = EndpointConfig{WindowScaling: true, SACK: true, Timestamps: true, ReceiveBuffer: 1 << 20, MSS: 1400, AutoReceive: true}

func TestOptionsNeedBothEnds(t *testing.T) {
	_, p := answerTo(t, allOptions, Packet{})
	if p.Options != (Options{MSS: 1400}) || p.Segment.Timestamp.Present || p.Segment.Window != 65535 {
		t.Errorf("the peer offers nothing: %v %v", p.Options, p.Segment)
	}
	offer := Packet{Options: Options{MSS: 500, WindowScale: WindowScale{true, 3}, SACKPermitted: true},
		Segment: Segment{Timestamp: Timestamp{true, 70}}}
	if _, p := answerTo(t, EndpointConfig{}, offer); p.Options != (Options{MSS: 1460}) || p.Segment.Timestamp.Present {
		t.Errorf("this end offers nothing: %v", p.Options)
	}
	_, p = answerTo(t, allOptions, offer)
	want := Options{MSS: 1400, WindowScale: WindowScale{true, 5}, SACKPermitted: true, Echo: 70}
	if p.Options != want || !p.Segment.Timestamp.Present {
		t.Errorf("got %v, want %v", p.Options, want)
	}
}

func TestSYNOffersAll(t *testing.T) {
	e := NewEndpoint(allOptions)
	p := sentBy(e.Step(0, Incident{Event: CallActiveOpen, Foreign: socketB}))[0]
	want := Options{MSS: 1400, WindowScale: WindowScale{true, 5}, SACKPermitted: true}
	if p.Options != want || !p.Segment.Timestamp.Present || p.Segment.Window != 65535 {
		t.Errorf("got %v %v", p.Options, p.Segment)
	}
	if got := want.String(); got != "mss 1400, wscale 5, sack-permitted" {
		t.Error(got)
	}
}

// TestWindowsAreScaled: on the SYN never, later always, both ways.
func TestWindowsAreScaled(t *testing.T) {
	e, _ := answerTo(t, allOptions, Packet{Options: Options{WindowScale: WindowScale{true, 20}}})
	if got := e.Variables().SND.MaxWND; got != 1000 {
		t.Errorf("the window of the SYN is %d", got)
	}
	feed(e, 0, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 10})
	if got := e.Variables().SND.MaxWND; got != 10<<14 {
		t.Errorf("SND.WND is %d: shifts beyond 14 count as 14", got)
	}
	if p := sentBy(e.Step(0, Incident{Event: CallSend, Text: []byte("x")})); p[0].Segment.Window != 1<<20>>5 {
		t.Errorf("window field %d", p[0].Segment.Window)
	}
}

// TestSegmentSize: 536 where the peer says nothing; timestamps take 12 octets.
func TestSegmentSize(t *testing.T) {
	for _, c := range []struct {
		mss     uint16
		stamped bool
		want    int
	}{{0, false, 536}, {100, false, 100}, {9000, false, 1400}, {100, true, 88}} {
		e, _ := answerTo(t, allOptions, Packet{Options: Options{MSS: c.mss, WindowScale: WindowScale{true, 7}},
			Segment: Segment{Timestamp: Timestamp{c.stamped, 70}}})
		ack := Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000, Timestamp: Timestamp{c.stamped, 70}}
		feed(e, 0, ack)
		p := sentBy(e.Step(0, Incident{Event: CallSend, Text: make([]byte, 5000)}))
		if len(p) == 0 || len(p[0].Text) != c.want {
			t.Errorf("MSS %d: %v", c.mss, p)
		}
	}
}

// TestPAWS: an old stamp is answered with ACK and moves nothing, RST is exempt,
// and a stamp says nothing any more after 24 days (RFC 7323 section 5).
func TestPAWS(t *testing.T) {
	e, _ := answerTo(t, allOptions, Packet{Segment: Segment{Timestamp: Timestamp{true, 70}}})
	stamped := func(seq Seq, text Size, stamp uint32) Segment {
		return Segment{Seq: seq, Ack: 1001, Flags: ACK, Window: 1000, Data: text, Timestamp: Timestamp{true, stamp}}
	}
	feed(e, 0, stamped(5001, 0, 71))
	if p := sentBy(feed(e, 0, stamped(5001, 5, 69))); len(p) != 1 || p[0].Segment.Ack != 5001 {
		t.Errorf("older than TS.Recent: %v", p)
	}
	if p := sentBy(feed(e, 0, stamped(5001, 5, 71))); len(p) != 1 || p[0].Segment.Ack != 5006 || p[0].Options.Echo != 71 {
		t.Errorf("as old as TS.Recent: %v", p)
	}
	if effects := feed(e, 0, Segment{Seq: 5006, Ack: 1001, Flags: ACK, Data: 5}); effects[0].Kind != IgnorePacket {
		t.Errorf("no stamp: %v", effects)
	}
	if p := sentBy(feed(e, 25*24*time.Hour, stamped(5006, 5, 1))); len(p) != 1 || p[0].Segment.Ack != 5011 {
		t.Errorf("after 25 days: %v", p)
	}
	if feed(e, 25*24*time.Hour, Segment{Seq: 5011, Flags: RST}); e.State() != Closed {
		t.Errorf("RST without stamp: %v", e.State())
	}
}

// TestTSRecentIsNotMovedByWhatComesEarly: a segment behind a gap is newer, but
// the one that is missing must not look old then (RFC 7323 section 4.3).
// TestTimestampsEndWithTheirConnection: where the connection is over, what comes
// without the option that it had agreed on is answered as by any closed or
// listening socket.
func TestTimestampsEndWithTheirConnection(t *testing.T) {
	stamped := Packet{Segment: Segment{Timestamp: Timestamp{true, 70}}}
	for name, c := range map[string]struct {
		segments []Segment
		ends     State
	}{
		"reset in SYN-RECEIVED": {[]Segment{{Seq: 5001, Flags: RST}}, Listen},
		"reset in ESTABLISHED":  {[]Segment{{Seq: 5001, Ack: 1001, Flags: ACK, Timestamp: Timestamp{true, 71}}, {Seq: 5001, Flags: RST}}, Closed},
	} {
		e, _ := answerTo(t, allOptions, stamped)
		for _, seg := range c.segments {
			feed(e, 0, seg)
		}
		if e.State() != c.ends {
			t.Fatalf("%s: %v", name, e.State())
		}
		sent := sentBy(e.Step(0, Incident{Event: SegmentArrives, Packet: Packet{Source: socketB, Destination: socketA, Segment: Segment{Seq: 5001, Ack: 1001, Flags: ACK}}}))
		if len(sent) != 1 || sent[0].Segment.Flags != RST || sent[0].Segment.Seq != 1001 {
			t.Errorf("%s: an ACK without timestamp is answered with %v", name, sent)
		}
	}
}

func TestTSRecentIsNotMovedByWhatComesEarly(t *testing.T) {
	e, _ := answerTo(t, allOptions, Packet{Segment: Segment{Timestamp: Timestamp{true, 70}}})
	ack := Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000, Timestamp: Timestamp{true, 71}}
	feed(e, 0, ack)
	ack.Seq, ack.Data, ack.Timestamp.Value = 5006, 5, 90
	feed(e, 0, ack)
	ack.Seq, ack.Timestamp.Value = 5001, 80
	if p := sentBy(feed(e, 0, ack)); p[len(p)-1].Segment.Ack != 5011 {
		t.Errorf("got %v", p)
	}
}

// TestRFC6191: with timestamps a younger stamp opens TIME-WAIT anew whatever the
// ISS, an older one never does.
func TestRFC6191(t *testing.T) {
	for stamp, want := range map[uint32]State{91: SynReceived, 89: TimeWait} {
		e, _ := answerTo(t, allOptions, Packet{Segment: Segment{Timestamp: Timestamp{true, 70}}})
		seg := Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000, Timestamp: Timestamp{true, 80}}
		feed(e, 0, seg)
		e.Step(0, Incident{Event: CallClose})
		seg.Ack, seg.Flags, seg.Timestamp.Value = 1002, FIN|ACK, 90
		feed(e, 0, seg)
		if e.State() != TimeWait {
			t.Fatal(e.State())
		}
		feed(e, 0, Segment{Seq: 40, Flags: SYN, Window: 1000, Timestamp: Timestamp{true, stamp}})
		if e.State() != want {
			t.Errorf("stamp %d: %v", stamp, e.State())
		}
	}
}
