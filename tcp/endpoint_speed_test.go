package tcp

import "testing"

// BenchmarkEndpoints lets two ends exchange text and acknowledgments: two
// segments an iteration.
func BenchmarkEndpoints(b *testing.B) {
	a := NewEndpoint(EndpointConfig{Local: socketA, Foreign: socketB, AutoReceive: true})
	z := NewEndpoint(EndpointConfig{Local: socketB, AutoReceive: true})
	z.Step(0, Incident{Event: CallPassiveOpen})
	exchange(a, z, a.Step(0, Incident{Event: CallActiveOpen}))
	text := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		exchange(a, z, a.Step(0, Incident{Event: CallSend, Text: text}))
	}
	if a.State() != Established || z.State() != Established {
		b.Fatal(a.State(), z.State())
	}
}

// exchange carries packets to and fro until nobody sends.
func exchange(from, to *Endpoint, effects []Effect) {
	for i := range effects {
		if effects[i].Kind == SendPacket {
			exchange(to, from, to.Step(0, Incident{Event: SegmentArrives, Packet: effects[i].Packet}))
			return
		}
	}
}
