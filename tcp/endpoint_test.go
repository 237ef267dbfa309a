package tcp

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEffects: what one step says, word for word.
func TestEffects(t *testing.T) {
	e := opened(t, EndpointConfig{})
	e.Step(0, Incident{Event: CallSend, Text: []byte("hi")})
	e.Step(0, Incident{Event: CallReceive})
	var got []string
	p := packetTo(e, Segment{Seq: 5001, Ack: 1003, Flags: FIN | ACK, Window: 1000})
	p.Text = []byte("bye")
	for _, f := range e.Step(time.Second, Incident{Event: SegmentArrives, Packet: p}) {
		if f.Peer != socketB {
			t.Errorf("%v is about %v", f, f.Peer)
		}
		got = append(got, f.String())
	}
	want := []string{
		"row established-fin: ESTABLISHED->CLOSE-WAIT",
		`deliver "bye"`,
		"send <SEQ=1003><ACK=5005><CTL=ACK>",
		`tell signal "connection closing"`,
		"stop RETRANSMISSION TIMEOUT",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	timer := Effect{Kind: StartTimer, Timer: UserTimeout, At: time.Second}
	if timer.String() != "start USER TIMEOUT at 1s" || (Effect{}).String() != "Effect(0)" {
		t.Errorf("%v, %v", timer, Effect{})
	}
}

// TestCallsFail: what the user is told when calls have no connection, or lose it.
func TestCallsFail(t *testing.T) {
	for _, c := range []struct {
		in    State
		calls []Event
		want  string
	}{
		{Closed, []Event{CallSend}, ErrNoConnection.String()},
		{Closed, []Event{CallStatus}, ErrNoConnection.String()},
		{Listen, []Event{CallReceive, CallClose}, FailClosing.String()},
		{SynSent, []Event{CallReceive, CallAbort}, FailReset.String()},
		{SynSent, []Event{CallActiveOpen}, ErrExists.String()},
		{Established, []Event{CallReceive, CallAbort}, FailReset.String()},
		{Established, []Event{CallStatus}, ReportState.String()},
		{FinWait2, []Event{CallSend}, ErrClosing.String()},
		{CloseWait, []Event{CallReceive}, ErrClosing.String()},
		{TimeWait, []Event{CallReceive}, ErrClosing.String()},
	} {
		e := endIn(t, c.in)
		var told []string
		for _, call := range c.calls {
			for _, f := range e.Step(0, Incident{Event: call}) {
				if f.Kind == TellUser {
					told = append(told, f.Word.String())
				}
			}
		}
		if strings.Join(told, " ") != c.want {
			t.Errorf("%v, %v: told %q, want %q", c.in, c.calls, told, c.want)
		}
	}
	e := NewEndpoint(EndpointConfig{})
	e.Step(0, Incident{Event: CallPassiveOpen})
	if f := e.Step(0, Incident{Event: CallSend}); f[1].Word != ErrForeign {
		t.Errorf("SEND without foreign socket: %v", f)
	}
}

// TestListenBecomesActive: SEND in LISTEN opens, and the text follows the
// handshake (RFC 9293 section 3.10.2).
func TestListenBecomesActive(t *testing.T) {
	e := endIn(t, Listen)
	p := sentBy(e.Step(0, Incident{Event: CallSend, Text: []byte("text"), Foreign: socketB}))
	if e.State() != SynSent || len(p) != 1 || p[0].Segment.Flags != SYN || p[0].Destination != socketB {
		t.Fatalf("%v: %v", e.State(), p)
	}
	p = sentBy(feed(e, 0, Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK, Window: 1000}))
	if len(p) != 2 || string(p[1].Text) != "text" {
		t.Errorf("%v", p)
	}
}

// TestSYNWithTextAndFIN: both wait for the handshake to be over.
func TestSYNWithTextAndFIN(t *testing.T) {
	e := endIn(t, Listen)
	p := packetTo(e, Segment{Seq: 5000, Flags: SYN | FIN, Window: 1000})
	p.Text = []byte("early")
	if p := sentBy(e.Step(0, Incident{Event: SegmentArrives, Packet: p})); p[0].Segment.Ack != 5001 {
		t.Errorf("only the SYN is acknowledged: %v", p)
	}
	var rows, text []string
	for _, f := range feed(e, 0, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Window: 1000}) {
		rows, text = append(rows, f.Row.ID), append(text, string(f.Text))
	}
	if e.State() != CloseWait || e.Variables().RCV.NXT != 5007 || !slices.Contains(text, "early") || !slices.Contains(rows, "established-fin-due") {
		t.Errorf("%v, RCV.NXT %v: %v %q", e.State(), e.Variables().RCV.NXT, rows, text)
	}
}

// TestOutOfOrder: pieces that overlap come in any order and leave in one.
func TestOutOfOrder(t *testing.T) {
	const whole = "abcdefghijkl"
	for _, order := range [][][2]int{
		{{8, 12}, {4, 10}, {2, 5}, {0, 3}},
		{{3, 5}, {7, 9}, {2, 11}, {11, 12}, {0, 4}},
		{{1, 2}, {3, 4}, {5, 6}, {1, 12}, {0, 1}},
		{{4, 8}, {4, 8}, {0, 12}},
	} {
		e := endIn(t, Established)
		var got []byte
		for _, o := range order {
			p := packetTo(e, Segment{Seq: Seq(5001 + o[0]), Ack: 1001, Flags: ACK, Window: 1000})
			p.Text = []byte(whole[o[0]:o[1]])
			for _, f := range e.Step(0, Incident{Event: SegmentArrives, Packet: p}) {
				got = append(got, f.Text...)
			}
			clear(p.Text) // the end must have its own copy
		}
		if string(got) != whole {
			t.Errorf("%v gives %q", order, got)
		}
	}
}

// TestFINPushesText: what nobody has read when RECEIVE begins to fail goes to the
// user all the same.
func TestFINPushesText(t *testing.T) {
	e := opened(t, EndpointConfig{})
	e.Step(0, Incident{Event: CallClose})
	p := packetTo(e, Segment{Seq: 5001, Ack: 1002, Flags: FIN | ACK, Window: 1000})
	p.Text = []byte("last words")
	var got []byte
	for _, f := range e.Step(0, Incident{Event: SegmentArrives, Packet: p}) {
		got = append(got, f.Text...)
	}
	if e.State() != TimeWait || string(got) != "last words" {
		t.Errorf("%v, %q", e.State(), got)
	}
}

// TestEveryEdgeIsTaken: an end that runs takes each of the 29 edges by a plain
// call, timeout or segment.
func TestEveryEdgeIsTaken(t *testing.T) {
	taken := map[Edge]bool{}
	note := func(effects []Effect) {
		for _, f := range effects {
			if f.Kind == RowTaken {
				taken[Edge{f.Row.From, f.Row.To}] = true
			}
		}
	}
	for _, s := range States() {
		for _, event := range []Event{CallPassiveOpen, CallActiveOpen, CallClose, CallAbort, UserTimeout, TimeWaitTimeout} {
			note(endIn(t, s).Step(0, Incident{Event: event, Foreign: socketB}))
		}
		for _, kind := range []string{"RST", "SYN", "SYN,ACK", "ACK", "FIN,ACK"} {
			for _, old := range []Size{0, 1} {
				e := endIn(t, s)
				v := e.Variables()
				seg := Segment{Seq: v.RCV.NXT, Ack: v.SND.NXT.Sub(old), Flags: parseFlags(kind), Window: 1000}
				note(feed(e, 0, seg))
			}
		}
	}
	for _, edge := range legalEdges {
		if !taken[edge] {
			t.Errorf("%v is taken by nothing", edge)
		}
	}
}

// TestKeys: equal for what behaves alike elsewhere in sequence space and time.
func TestKeys(t *testing.T) {
	key := func(iss, irs Seq, at time.Duration, text string) []byte {
		e := NewEndpoint(EndpointConfig{Local: socketA, ISS: func() Seq { return iss }})
		e.Step(at, Incident{Event: CallPassiveOpen})
		feed(e, at, Segment{Seq: irs, Flags: SYN, Window: 1000})
		feed(e, at, Segment{Seq: irs.Add(1), Ack: iss.Add(1), Flags: ACK, Window: 1000})
		e.Step(at, Incident{Event: CallSend, Text: []byte(text)})
		return e.AppendKey(nil)
	}
	a, b, c := key(1000, 5000, 0, "x"), key(1<<32-1, 7, time.Hour, "x"), key(1000, 5000, 0, "y")
	if !bytes.Equal(a, b) || bytes.Equal(a, c) {
		t.Errorf("%x\n%x\n%x", a, b, c)
	}
}
