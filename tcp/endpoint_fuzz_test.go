package tcp

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// FuzzEndpoint lets anything happen to an end: no panic, the variables stay in
// order, and every change of state is one of the 29 edges, by a row of the table.
func FuzzEndpoint(f *testing.F) {
	f.Add([]byte{0, 0, 0})
	f.Add([]byte{7, 1, 0, 8, 2, 3, 0, 0, 0, 5, 8, 16, 5, 0, 0, 0, 9, 3, 40, 5, 10, 20, 30, 40})
	f.Add([]byte{31, 2, 9, 8, 18, 0, 0, 1, 0, 0, 8, 17, 1, 0, 0, 0, 4, 9, 10, 15, 8, 16, 2, 0, 0, 3})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 {
			return
		}
		fuzzRun(t, script)
	})
}

func fuzzRun(t *testing.T, script []byte) (reached StateSet) {
	t.Helper()
	e := NewEndpoint(fuzzConfig(script[0]))
	r := fuzzReader{script[1:]}
	for now := time.Duration(0); len(r.rest) > 0; now += time.Duration(r.octet()) * 50 * time.Millisecond {
		fuzzStep(t, e, now, r.incident(e))
		reached |= SetOf(e.State())
	}
	return reached
}

// TestRandomEvents does the same without the fuzzing engine, and sees to it that
// what happens leads through every state.
func TestRandomEvents(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 9293))
	var reached StateSet
	for range 8000 {
		script := make([]byte, 20+random.IntN(400))
		for i := range script {
			script[i] = byte(random.Uint32())
			if random.IntN(3) == 0 {
				script[i] = []byte{0, 0, 1, byte(SegmentArrives), byte(ACK), byte(FIN | ACK), byte(SYN), byte(CallSend), byte(CallClose)}[random.IntN(9)]
			}
		}
		often, seldom := byte(random.Uint32()), byte(random.Uint32())
		script[0] &= often & seldom // misbehave seldom
		reached |= fuzzRun(t, script)
	}
	if reached != AllStates {
		t.Errorf("reached only %v", reached)
	}
}

func fuzzConfig(bits byte) EndpointConfig {
	c := EndpointConfig{Seed: uint64(bits), ReceiveBuffer: 300, MSS: 100, UserTimeout: 9 * time.Second, Keepalive: time.Second}
	c.AutoReceive, c.Timestamps, c.WindowScaling = bits&1 != 0, bits&2 != 0, bits&4 != 0
	c.IgnoreRSTInTimeWait = bits&8 != 0
	c.Misbehaviour = Misbehaviour{OldACK: bits&16 != 0, WithholdFIN: bits&32 != 0, NeverACK: bits&64 != 0, IgnoreRST: bits&128 != 0}
	if bits&4 != 0 {
		c.ReceiveBuffer = 100000
	}
	return c
}

// fuzzReader makes incidents of octets. Segments lie near what the end expects,
// so that a few octets lead deep.
type fuzzReader struct{ rest []byte }

func (r *fuzzReader) octet() byte {
	if len(r.rest) == 0 {
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *fuzzReader) number() uint16 { return binary.BigEndian.Uint16([]byte{r.octet(), r.octet()}) }

func (r *fuzzReader) incident(e *Endpoint) Incident {
	in := Incident{Event: Event(r.octet() % (uint8(eventEnd) + 1)), Size: Size(r.octet()), Foreign: socketB}
	switch in.Event {
	case CallSend:
		in.Text = make([]byte, r.number()%2000)
	case SegmentArrives:
		in.Packet = r.packet(e)
	}
	return in
}

func (r *fuzzReader) packet(e *Endpoint) Packet {
	v := e.Variables()
	seg := Segment{Flags: Flags(r.octet()), Seq: v.RCV.NXT, Ack: v.SND.NXT, Window: Size(r.number())}
	seg.Seq = seg.Seq.Add(Size(int8(r.octet())))
	seg.Ack = seg.Ack.Add(Size(int8(r.octet())))
	p := Packet{Source: socketB, Destination: socketA, Segment: seg, Text: make([]byte, int(r.octet())*3)}
	if bits := r.octet(); bits&1 != 0 {
		p.Segment.Timestamp = Timestamp{true, uint32(bits)}
		p.Options = Options{MSS: uint16(bits), WindowScale: WindowScale{bits&2 != 0, bits}, Echo: uint32(bits)}
	} else if bits == 2 {
		p.Source = socketA
	}
	return p
}

func fuzzStep(t *testing.T, e *Endpoint, now time.Duration, in Incident) {
	t.Helper()
	state := e.State()
	for _, f := range e.Step(now, in) {
		switch f.Kind {
		case RowTaken:
			if stranger := f.Row.From == Closed && state != Closed; stranger {
				continue
			}
			if f.Row.From != state || f.Row.From != f.Row.To && !slices.Contains(legalEdges, Edge{f.Row.From, f.Row.To}) {
				t.Fatalf("%s takes %v to %v, the end was in %v", f.Row.ID, f.Row.From, f.Row.To, state)
			}
			state = f.Row.To
		case SendPacket:
			checkSent(t, e, f.Packet)
		}
	}
	if e.State() != state {
		t.Fatalf("no row leads from %v to %v", state, e.State())
	}
	checkInvariants(t, e)
	if c := e.Clone(); c.State() != state || c.Variables() != e.Variables() {
		t.Fatal("the clone differs")
	}
}

func checkSent(t *testing.T, e *Endpoint, p Packet) {
	t.Helper()
	if p.Segment.Window > 65535 || int(p.Segment.Data) != len(p.Text) || len(p.Text) > int(e.cfg.MSS) {
		t.Fatalf("sends %v with window %d and %d octets", p, p.Segment.Window, len(p.Text))
	}
	if f := p.Segment.Flags; f.Has(SYN|RST) || f.Has(SYN|FIN) || f.Has(RST|FIN) {
		t.Fatalf("sends %v", p)
	}
}
