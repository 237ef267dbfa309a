package tcp

import (
	"slices"
	"testing"
	"time"
)

// alone lets an end that gets no answer at all live until nothing more happens;
// it returns the times, in seconds, at which it sends, and when it is CLOSED.
func alone(e *Endpoint) (sent []float64, closed float64) {
	for range 100 {
		timer, at, running := e.Deadline()
		if !running {
			break
		}
		for _, f := range e.Step(at, Incident{Event: timer}) {
			if f.Kind == SendPacket {
				sent = append(sent, at.Seconds())
			}
			if f.Kind == RowTaken && f.Row.To == Closed {
				closed = at.Seconds()
			}
		}
	}
	return sent, closed
}

// TestSYNIsSentAgain: 1, 2, 4 ... s apart, 60 s at most, and given up after 3
// minutes (RFC 6298 sections 2.1 and 5.5, RFC 9293 section 3.8.3).
func TestSYNIsSentAgain(t *testing.T) {
	e := NewEndpoint(EndpointConfig{})
	e.Step(0, Incident{Event: CallActiveOpen, Foreign: socketB})
	sent, closed := alone(e)
	if want := []float64{1, 3, 7, 15, 31, 63, 123}; !slices.Equal(sent, want) || closed != 183 {
		t.Errorf("sent again at %v, closed at %v", sent, closed)
	}
}

// feed gives the end a segment of its peer.
func feed(e *Endpoint, at time.Duration, seg Segment) []Effect {
	return e.Step(at, Incident{Event: SegmentArrives, Packet: packetTo(e, seg)})
}

func opened(t *testing.T, c EndpointConfig) *Endpoint {
	t.Helper()
	c.Local, c.ISS = socketA, func() Seq { return 1000 }
	orDefault(&c.ReceiveBuffer, 1000)
	e := NewEndpoint(c)
	e.Step(0, Incident{Event: CallPassiveOpen})
	feed(e, 0, Segment{Seq: 5000, Flags: SYN, Window: 1000})
	feed(e, 0, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000})
	if e.State() != Established {
		t.Fatal(e.State())
	}
	return e
}

// TestRTO follows RFC 6298 section 2 by hand. The first round trip, of the
// handshake, is 2 s: SRTT 2, RTTVAR 1, RTO 6. Then 4 s: RTTVAR 3/4+2/4 = 1.25,
// SRTT 14/8+4/8 = 2.25, RTO 2.25+5 = 7.25.
func TestRTO(t *testing.T) {
	e := NewEndpoint(EndpointConfig{Local: socketA, ISS: func() Seq { return 1000 }})
	rto := func(want time.Duration) {
		t.Helper()
		if e.RTO() != want {
			t.Errorf("RTO %v, want %v", e.RTO(), want)
		}
	}
	e.Step(0, Incident{Event: CallPassiveOpen})
	feed(e, 0, Segment{Seq: 5000, Flags: SYN, Window: 1000})
	rto(time.Second)
	feed(e, 2*time.Second, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000})
	rto(6 * time.Second)
	e.Step(10*time.Second, Incident{Event: CallSend, Text: make([]byte, 10)})
	feed(e, 14*time.Second, Segment{Seq: 5001, Ack: 1011, Flags: ACK, Window: 1000})
	rto(7250 * time.Millisecond)

	// Sent again: the timeout doubles, and what is acknowledged then is no
	// measurement (Karn). New text measures again: 1 s gives RTTVAR 15/16+5/16 =
	// 1.25, SRTT 15.75/8+1/8 = 2.09375.
	e.Step(20*time.Second, Incident{Event: CallSend, Text: make([]byte, 10)})
	if timer, at, _ := e.Deadline(); timer != RetransmissionTimeout || at != 27250*time.Millisecond {
		t.Errorf("%v at %v", timer, at)
	}
	e.Step(27250*time.Millisecond, Incident{Event: RetransmissionTimeout})
	rto(14500 * time.Millisecond)
	feed(e, 28*time.Second, Segment{Seq: 5001, Ack: 1021, Flags: ACK, Window: 1000})
	rto(14500 * time.Millisecond)
	e.Step(30*time.Second, Incident{Event: CallSend, Text: make([]byte, 10)})
	feed(e, 31*time.Second, Segment{Seq: 5001, Ack: 1031, Flags: ACK, Window: 1000})
	rto(7093750 * time.Microsecond)
}

// TestRTOAfterLostSYN: text begins with 3 s (RFC 6298 section 5.7).
func TestRTOAfterLostSYN(t *testing.T) {
	e := NewEndpoint(EndpointConfig{Local: socketA, Foreign: socketB, ISS: func() Seq { return 1000 }})
	e.Step(0, Incident{Event: CallActiveOpen})
	e.Step(time.Second, Incident{Event: RetransmissionTimeout})
	feed(e, 2*time.Second, Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK, Window: 1000})
	if e.State() != Established || e.RTO() != 3*time.Second {
		t.Errorf("%v, RTO %v", e.State(), e.RTO())
	}
}

// TestTextIsSentAgain: RTO 1 s after a quick handshake; R2 after seven.
func TestTextIsSentAgain(t *testing.T) {
	e := opened(t, EndpointConfig{})
	e.Step(0, Incident{Event: CallSend, Text: []byte("text")})
	sent, closed := alone(e)
	if want := []float64{1, 3, 7, 15, 31, 63, 123}; !slices.Equal(sent, want) || closed != 183 {
		t.Errorf("sent again at %v, closed at %v", sent, closed)
	}
}

// TestNewACKStartsTheTimerAnew: RFC 6298 rules 5.2 and 5.3.
func TestNewACKStartsTheTimerAnew(t *testing.T) {
	e := opened(t, EndpointConfig{})
	e.Step(0, Incident{Event: CallSend, Text: []byte("one")})
	e.Step(0, Incident{Event: CallSend, Text: []byte("two")})
	feed(e, 600*time.Millisecond, Segment{Seq: 5001, Ack: 1004, Flags: ACK, Window: 1000})
	rto := e.RTO()
	if timer, at, _ := e.Deadline(); timer != RetransmissionTimeout || at != 600*time.Millisecond+rto {
		t.Errorf("%v at %v, RTO %v", timer, at, rto)
	}
	effects := feed(e, 700*time.Millisecond, Segment{Seq: 5001, Ack: 1007, Flags: ACK, Window: 1000})
	if last := effects[len(effects)-1]; last.Kind != StopTimer || last.Timer != RetransmissionTimeout {
		t.Errorf("all is acknowledged: %v", effects)
	}
}

func TestUserTimeout(t *testing.T) {
	e := opened(t, EndpointConfig{UserTimeout: 5 * time.Second})
	e.Step(0, Incident{Event: CallReceive})
	e.Step(0, Incident{Event: CallSend, Text: []byte("text")})
	effects := slices.Clone(e.Step(5*time.Second, Incident{Event: UserTimeout}))
	told := slices.IndexFunc(effects, func(f Effect) bool { return f.Kind == TellUser })
	if e.State() != Closed || told < 0 || effects[told].Word != SignalTimeout || effects[told].Count != 1 {
		t.Errorf("%v: %v", e.State(), effects)
	}
}

// TestZeroWindow: the window closes on text that waits; the end asks ever more
// seldom, never gives up while it is answered, and goes on when it opens.
func TestZeroWindow(t *testing.T) {
	e := opened(t, EndpointConfig{})
	feed(e, 0, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 0})
	e.Step(0, Incident{Event: CallSend, Text: []byte("waiting")})
	want := []float64{1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423}
	for i, seconds := range want {
		timer, at, _ := e.Deadline()
		if timer != ZeroWindowTimeout || at.Seconds() != seconds {
			t.Fatalf("probe %d: %v at %v", i, timer, at)
		}
		if p := sentBy(e.Step(at, Incident{Event: timer})); len(p) != 1 || string(p[0].Text) != "w" || p[0].Segment.Seq != 1001 {
			t.Fatalf("probe %d is %v", i, p)
		}
		feed(e, at, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 0})
	}
	p := sentBy(feed(e, 500*time.Second, Segment{Seq: 5001, Ack: 1002, Flags: ACK, Window: 1000}))
	if len(p) != 1 || string(p[0].Text) != "aiting" {
		t.Errorf("the window is open: %v", p)
	}
}

// TestWindowOpensOnAProbe: a probe that was not taken goes again as soon as the
// window opens, and the rest with it.
func TestWindowOpensOnAProbe(t *testing.T) {
	e := opened(t, EndpointConfig{})
	feed(e, 0, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 0})
	e.Step(0, Incident{Event: CallSend, Text: []byte("waiting")})
	for range 4 {
		timer, at, _ := e.Deadline()
		e.Step(at, Incident{Event: timer})
		feed(e, at, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 0})
	}
	p := sentBy(feed(e, 20*time.Second, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000}))
	if len(p) != 2 || string(p[0].Text) != "w" || p[0].Segment.Seq != 1001 || string(p[1].Text) != "aiting" {
		t.Errorf("the window is open: %v", p)
	}
}

// TestZeroWindowUnanswered: without answers R2 holds for probes too.
func TestZeroWindowUnanswered(t *testing.T) {
	e := opened(t, EndpointConfig{})
	feed(e, 0, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 0})
	e.Step(0, Incident{Event: CallSend, Text: []byte("waiting")})
	if sent, closed := alone(e); len(sent) != 7 || closed != 183 {
		t.Errorf("probes at %v, closed at %v", sent, closed)
	}
}

func sentBy(effects []Effect) (packets []Packet) {
	for _, f := range effects {
		if f.Kind == SendPacket {
			packets = append(packets, f.Packet)
		}
	}
	return packets
}

// TestReceiverOpensItsWindow: it closes as nobody reads, and the end says so
// when half of the buffer is free again.
func TestReceiverOpensItsWindow(t *testing.T) {
	e := opened(t, EndpointConfig{})
	p := sentBy(e.Step(0, Incident{Event: SegmentArrives, Packet: Packet{Source: socketB, Destination: socketA,
		Segment: Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000}, Text: make([]byte, 1000)}}))
	if len(p) != 1 || p[0].Segment.Window != 0 || p[0].Segment.Ack != 6001 {
		t.Fatalf("the buffer is full: %v", p)
	}
	if p := sentBy(e.Step(0, Incident{Event: CallReceive, Size: 499})); p != nil {
		t.Errorf("a silly window: %v", p)
	}
	if p := sentBy(e.Step(0, Incident{Event: CallReceive, Size: 1})); len(p) != 1 || p[0].Segment.Window != 500 {
		t.Errorf("half of the buffer is free: %v", p)
	}
}

func TestKeepalive(t *testing.T) {
	e := opened(t, EndpointConfig{Keepalive: 10 * time.Second, KeepaliveInterval: 2 * time.Second, KeepaliveProbes: 3})
	p := sentBy(e.Step(10*time.Second, Incident{Event: KeepaliveTimeout}))
	if len(p) != 1 || p[0].Segment.Seq != 1000 || len(p[0].Text) != 0 {
		t.Fatalf("keep-alive %v", p)
	}
	feed(e, 11*time.Second, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000})
	if sent, closed := alone(e); !slices.Equal(sent, []float64{21, 23, 25}) || closed != 27 {
		t.Errorf("keep-alives at %v, closed at %v", sent, closed)
	}
}

// TestTimeWaitLength: 2 MSL, begun anew by the FIN that comes again.
func TestTimeWaitLength(t *testing.T) {
	e := endIn(t, TimeWait)
	if timer, at, _ := e.Deadline(); timer != TimeWaitTimeout || at != 4*time.Minute {
		t.Errorf("%v at %v", timer, at)
	}
	feed(e, time.Minute, Segment{Seq: 5001, Ack: 1002, Flags: FIN | ACK, Window: 1000})
	if timer, at, _ := e.Deadline(); timer != TimeWaitTimeout || at != 5*time.Minute {
		t.Errorf("%v at %v", timer, at)
	}
	if _, closed := alone(e); closed != 300 {
		t.Errorf("closed at %v", closed)
	}
}
