package track_test

import (
	"bytes"
	"fmt"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// capture is a connection whose last segments were not captured.
func capture() []byte {
	var file bytes.Buffer
	w, err := packet.NewWriter(&file, packet.LinkEthernet, 65535)
	if err != nil {
		panic(err)
	}
	client := packet.Tuple{
		Source: packet.Address4(0xc0000201), Destination: packet.Address4(0xc6336407), SourcePort: 40000, DestinationPort: 443,
	}
	for i, segment := range []tcp.Segment{
		{Seq: 100, Flags: tcp.SYN},
		{Seq: 300, Ack: 101, Flags: tcp.SYN | tcp.ACK},
		{Seq: 101, Ack: 301, Flags: tcp.ACK},
		{Seq: 101, Ack: 301, Flags: tcp.FIN | tcp.ACK},
		{Seq: 301, Ack: 102, Flags: tcp.ACK},
	} {
		s := packet.Segment{Tuple: client, TCP: segment, IPVersion: 4, TTL: 64}
		if segment.Seq >= 300 {
			s.Tuple = client.Reverse()
		}
		s.TCP.Window = 65535
		data := traffic.AppendFrame(nil, &s)
		f := packet.Frame{Data: data, Length: len(data), Time: traffic.Start + int64(i)*1_000_000}
		if err := w.Write(&f); err != nil {
			panic(err)
		}
	}
	return file.Bytes()
}

// Read a capture and list its connections. The Originator has sent its
// FIN, and the acknowledgment of it may still be lost.
func Example() {
	r, err := packet.NewBytesReader(capture())
	if err != nil {
		fmt.Println(err)
		return
	}
	tracker := track.New(track.Config{Transitions: true})
	var d packet.Decoder
	var f packet.Frame
	var s packet.Segment
	for r.Next(&f) {
		if d.Decode(&f, &s) == packet.IsSegment {
			tracker.Add(&s)
		}
	}
	tracker.Each(func(c *track.Conn) bool {
		fmt.Println(c.Tuple, c.Word, c.History)
		fmt.Printf("Originator: %v, one of %v\n", c.Originator.State, c.Originator.Possible)
		fmt.Printf("Responder:  %v, one of %v\n", c.Responder.State, c.Responder.Possible)
		for _, t := range c.Transitions {
			fmt.Printf("packet %d: %v to %v, certain %v, %s (%s)\n", t.Number, t.From, t.To, t.Certain, t.Row, t.RFC)
		}
		return true
	})
	// Output:
	// 192.0.2.1:40000 > 198.51.100.7:443 S2 ShAFa
	// Originator: FIN-WAIT-2, one of FIN-WAIT-1,FIN-WAIT-2
	// Responder:  CLOSE-WAIT, one of CLOSE-WAIT
	// packet 1: CLOSED to SYN-SENT, certain true, closed-active-open (RFC 9293 3.10.1)
	// packet 2: LISTEN to SYN-RECEIVED, certain true, listen-syn (RFC 9293 3.10.7.2)
	// packet 3: SYN-SENT to ESTABLISHED, certain true, syn-sent-syn-ack (RFC 9293 3.10.7.3)
	// packet 3: SYN-RECEIVED to ESTABLISHED, certain false, syn-received-ack (RFC 9293 3.10.7.4)
	// packet 4: ESTABLISHED to FIN-WAIT-1, certain true, established-close (RFC 9293 3.10.4)
	// packet 4: ESTABLISHED to CLOSE-WAIT, certain false, established-fin (RFC 9293 3.10.7.4)
	// packet 5: FIN-WAIT-1 to FIN-WAIT-2, certain false, fin-wait-1-acked (RFC 9293 3.10.7.4)
}
