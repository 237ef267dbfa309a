package tcp_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// A client opens, and the SYN,ACK comes 20 ms later.
func ExampleEndpoint() {
	server := netip.MustParseAddrPort("198.51.100.2:80")
	client := tcp.NewEndpoint(tcp.EndpointConfig{
		Local: netip.MustParseAddrPort("192.0.2.1:1024"),
		ISS:   func() tcp.Seq { return 100 },
	})
	show := func(effects []tcp.Effect) {
		for _, effect := range effects {
			fmt.Println(effect)
		}
	}
	show(client.Step(0, tcp.Incident{Event: tcp.CallActiveOpen, Foreign: server}))
	answer := tcp.Packet{Source: server, Destination: client.Local(),
		Segment: tcp.Segment{Seq: 300, Ack: 101, Flags: tcp.SYN | tcp.ACK, Window: 1000}}
	show(client.Step(20*time.Millisecond, tcp.Incident{Event: tcp.SegmentArrives, Packet: answer}))
	// Output:
	// row closed-active-open: CLOSED->SYN-SENT
	// send <SEQ=100><CTL=SYN>
	// start RETRANSMISSION TIMEOUT at 1s
	// row syn-sent-syn-ack: SYN-SENT->ESTABLISHED
	// send <SEQ=101><ACK=301><CTL=ACK>
	// stop RETRANSMISSION TIMEOUT
}
