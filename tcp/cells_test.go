package tcp

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The 88 cells of eight kinds of segments in eleven states, each at three
// places, are stated here from RFC 9293 section 3.10.7 with RFC 5961, by hand.
//
// A cell says the next state, "=" for the same, then what is sent, "-" for
// nothing, then what the user is told. In the columns the segment begins at
// RCV.NXT, one octet beyond it, and outside the window. Where there is no window
// yet, in CLOSED, LISTEN and SYN-SENT, SEQ is not looked at. SEG.ACK acknowledges
// all that was sent, a SYN or FIN of ours included.
//
// An ACK outside the window is answered with an ACK, and so is any SYN where the
// states are synchronized: that one is a challenge ACK.
var cells = map[State]string{
	Closed: `
RST      | = -             | = -             | = -
RST,ACK  | = -             | = -             | = -
SYN      | = RST,ACK       | = RST,ACK       | = RST,ACK
SYN,ACK  | = RST           | = RST           | = RST
SYN,FIN  | = RST,ACK       | = RST,ACK       | = RST,ACK
ACK      | = RST           | = RST           | = RST
FIN      | = RST,ACK       | = RST,ACK       | = RST,ACK
FIN,ACK  | = RST           | = RST           | = RST`,

	Listen: `
RST      | = -             | = -             | = -
RST,ACK  | = -             | = -             | = -
SYN      | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK
SYN,ACK  | = RST           | = RST           | = RST
SYN,FIN  | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK
ACK      | = RST           | = RST           | = RST
FIN      | = -             | = -             | = -
FIN,ACK  | = RST           | = RST           | = RST`,

	SynSent: `
RST      | = -             | = -             | = -
RST,ACK  | CLOSED - reset  | CLOSED - reset  | CLOSED - reset
SYN      | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK
SYN,ACK  | ESTABLISHED ACK | ESTABLISHED ACK | ESTABLISHED ACK
SYN,FIN  | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK
ACK      | = -             | = -             | = -
FIN      | = -             | = -             | = -
FIN,ACK  | = -             | = -             | = -`,

	// From a passive OPEN: RST and SYN lead back to LISTEN.
	SynReceived: `
RST      | LISTEN -        | = ACK           | = -
RST,ACK  | LISTEN -        | = ACK           | = -
SYN      | LISTEN -        | LISTEN -        | = ACK
SYN,ACK  | LISTEN -        | LISTEN -        | = ACK
SYN,FIN  | LISTEN -        | LISTEN -        | = ACK
ACK      | ESTABLISHED -   | ESTABLISHED -   | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | CLOSE-WAIT ACK closing | ESTABLISHED ACK | = ACK`,

	Established: `
RST      | CLOSED - reset  | = ACK           | = -
RST,ACK  | CLOSED - reset  | = ACK           | = -
SYN      | = ACK           | = ACK           | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | = ACK           | = ACK           | = ACK
ACK      | = -             | = -             | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | CLOSE-WAIT ACK closing | = ACK    | = ACK`,

	FinWait1: `
RST      | CLOSED - reset  | = ACK           | = -
RST,ACK  | CLOSED - reset  | = ACK           | = -
SYN      | = ACK           | = ACK           | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | = ACK           | = ACK           | = ACK
ACK      | FIN-WAIT-2 - ok | FIN-WAIT-2 - ok | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | TIME-WAIT ACK ok,closing | FIN-WAIT-2 ACK ok | = ACK`,

	FinWait2: `
RST      | CLOSED - reset  | = ACK           | = -
RST,ACK  | CLOSED - reset  | = ACK           | = -
SYN      | = ACK           | = ACK           | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | = ACK           | = ACK           | = ACK
ACK      | = -             | = -             | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | TIME-WAIT ACK closing | = ACK     | = ACK`,

	CloseWait: `
RST      | CLOSED - reset  | = ACK           | = -
RST,ACK  | CLOSED - reset  | = ACK           | = -
SYN      | = ACK           | = ACK           | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | = ACK           | = ACK           | = ACK
ACK      | = -             | = -             | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | = ACK           | = ACK           | = ACK`,

	Closing: `
RST      | CLOSED -        | = ACK           | = -
RST,ACK  | CLOSED -        | = ACK           | = -
SYN      | = ACK           | = ACK           | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | = ACK           | = ACK           | = ACK
ACK      | TIME-WAIT -     | TIME-WAIT -     | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | TIME-WAIT -     | TIME-WAIT -     | = ACK`,

	LastAck: `
RST      | CLOSED -        | = ACK           | = -
RST,ACK  | CLOSED -        | = ACK           | = -
SYN      | = ACK           | = ACK           | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | = ACK           | = ACK           | = ACK
ACK      | CLOSED -        | CLOSED -        | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | CLOSED -        | CLOSED -        | = ACK`,

	// A SYN beyond the old connection opens it anew (RFC 9293 section 3.6.1); the
	// one outside lies before it and is old.
	TimeWait: `
RST      | CLOSED -        | = ACK           | = -
RST,ACK  | CLOSED -        | = ACK           | = -
SYN      | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK | = ACK
SYN,ACK  | = ACK           | = ACK           | = ACK
SYN,FIN  | SYN-RECEIVED SYN,ACK | SYN-RECEIVED SYN,ACK | = ACK
ACK      | = -             | = -             | = ACK
FIN      | = -             | = -             | = ACK
FIN,ACK  | = ACK           | = ACK           | = ACK`,
}

// TestCells: in a cell with "= ACK" for a FIN outside, the FIN lies so far before
// the window that it is not the one already taken.
func TestCells(t *testing.T) {
	count := 0
	for _, s := range States() {
		lines := strings.Split(strings.TrimSpace(cells[s]), "\n")
		for _, line := range lines {
			columns := strings.Split(line, "|")
			for place, want := range columns[1:] {
				checkCell(t, s, strings.TrimSpace(columns[0]), place, strings.Fields(want))
				count++
			}
		}
	}
	if want := 88 * 3; count != want {
		t.Errorf("%d cells, want %d", count, want)
	}
}

func checkCell(t *testing.T, s State, kind string, place int, want []string) {
	t.Helper()
	e := endIn(t, s)
	v := e.Variables()
	seg := Segment{Seq: v.RCV.NXT, Flags: parseFlags(kind), Window: 1000}
	switch place {
	case 1:
		seg.Seq = seg.Seq.Add(1)
	case 2:
		seg.Seq = seg.Seq.Sub(500)
	}
	if seg.Flags.Has(ACK) {
		seg.Ack = v.SND.NXT
	}
	next, sent, told := outcome(e, e.Step(time.Hour, Incident{Event: SegmentArrives, Packet: packetTo(e, seg)}))
	if want[0] == "=" {
		want[0] = s.String()
	}
	if len(want) == 2 {
		want = append(want, "")
	}
	if got := []string{next, sent, told}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, %v at place %d: got %q, want %q", s, seg, place+1, got, want)
	}
}

// outcome puts the effects of a step into the words of a cell.
func outcome(e *Endpoint, effects []Effect) (next, sent, told string) {
	sent = "-"
	for _, f := range effects {
		switch f.Kind {
		case SendPacket:
			if sent != "-" {
				sent += "+"
			} else {
				sent = ""
			}
			sent += f.Packet.Segment.Flags.String()
		case TellUser:
			words := map[Actions]string{SignalReset: "reset", SignalRefused: "refused", SignalClosing: "closing", AnswerClose: "ok"}
			if told != "" {
				told += ","
			}
			told += words[f.Word]
		}
	}
	return e.State().String(), sent, told
}

func packetTo(e *Endpoint, seg Segment) Packet {
	return Packet{Source: socketB, Destination: socketA, Segment: seg, Text: make([]byte, seg.Data)}
}

// endIn leads an end into a state, from both kinds of OPEN, by segments and
// calls. ISS is 1000, IRS 5000, all windows 1000.
func endIn(t *testing.T, s State) *Endpoint {
	t.Helper()
	e := NewEndpoint(EndpointConfig{Local: socketA, ISS: func() Seq { return 1000 }, ReceiveBuffer: 1000, AutoReceive: true})
	syn, ack := Segment{Seq: 5000, Flags: SYN}, Segment{Seq: 5001, Ack: 1001, Flags: ACK}
	ackFIN := Segment{Seq: 5001, Ack: 1002, Flags: ACK}
	fin, finOnly := Segment{Seq: 5001, Ack: 1002, Flags: FIN | ACK}, Segment{Seq: 5001, Ack: 1001, Flags: FIN | ACK}
	steps := map[State][]any{
		Closed:      {},
		Listen:      {CallPassiveOpen},
		SynSent:     {CallActiveOpen},
		SynReceived: {CallPassiveOpen, syn},
		Established: {CallPassiveOpen, syn, ack},
		FinWait1:    {CallPassiveOpen, syn, ack, CallClose},
		FinWait2:    {CallPassiveOpen, syn, ack, CallClose, ackFIN},
		CloseWait:   {CallPassiveOpen, syn, finOnly},
		Closing:     {CallPassiveOpen, syn, ack, CallClose, finOnly},
		LastAck:     {CallPassiveOpen, syn, finOnly, CallClose},
		TimeWait:    {CallPassiveOpen, syn, ack, CallClose, fin},
	}[s]
	for _, step := range steps {
		switch step := step.(type) {
		case Event:
			e.Step(0, Incident{Event: step, Foreign: socketB})
		case Segment:
			step.Window = 1000
			e.Step(0, Incident{Event: SegmentArrives, Packet: packetTo(e, step)})
		}
	}
	if e.State() != s {
		t.Fatalf("no way to %v: %v", s, e.State())
	}
	return e
}

// TestSimultaneousCells: SYN-RECEIVED from an active OPEN differs in what ends it.
func TestSimultaneousCells(t *testing.T) {
	for _, c := range []struct {
		kind, next, sent, told string
	}{
		{"RST", "CLOSED", "-", "refused"},
		{"RST,ACK", "CLOSED", "-", "refused"},
		{"SYN", "SYN-RECEIVED", "ACK", ""},
		{"SYN,FIN", "SYN-RECEIVED", "ACK", ""},
		{"ACK", "ESTABLISHED", "-", ""},
		{"FIN", "SYN-RECEIVED", "-", ""},
		{"FIN,ACK", "CLOSE-WAIT", "ACK", "closing"},
	} {
		e := endIn(t, SynSent)
		e.Step(0, Incident{Event: SegmentArrives, Packet: packetTo(e, Segment{Seq: 5000, Flags: SYN, Window: 1000})})
		seg := Segment{Seq: 5001, Ack: 1001, Flags: parseFlags(c.kind), Window: 1000}
		next, sent, told := outcome(e, e.Step(0, Incident{Event: SegmentArrives, Packet: packetTo(e, seg)}))
		if got, want := fmt.Sprint(next, sent, told), fmt.Sprint(c.next, c.sent, c.told); got != want {
			t.Errorf("%s: got %q, want %q", c.kind, got, want)
		}
	}
}
