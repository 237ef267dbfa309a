package tcp_test

import (
	"fmt"

	"github.com/synoptic-net/synoptic/tcp"
)

// The peer's FIN reaches an end whose own FIN is acknowledged.
func ExampleNext() {
	vars := tcp.Variables{
		SND:     tcp.SendSpace{ISS: 1000, UNA: 1601, NXT: 1601},
		RCV:     tcp.ReceiveSpace{IRS: 5000, NXT: 5101, WND: 65535},
		FinSent: true,
	}
	fin := tcp.Segment{Seq: 5101, Ack: 1601, Flags: tcp.FIN | tcp.ACK}

	row, _ := tcp.Next(tcp.FinWait2, tcp.Arrival(fin, vars))
	fmt.Println(row.ID, "->", row.To)
	fmt.Println(row.Actions)
	fmt.Println(row.RFC)
	// Output:
	// fin-wait-2-fin -> TIME-WAIT
	// take ACK; take text; take FIN; send ACK; stop timers; start 2MSL timer; signal "connection closing"
	// RFC 9293 3.10.7.4, figure 12
}

// A user who knows no conditions of a call leaves Facts empty.
func ExampleNext_call() {
	row, _ := tcp.Next(tcp.SynReceived, tcp.Input{Event: tcp.CallClose, Facts: tcp.SendsQueued})
	fmt.Printf("%s, %s: %s\n", row.Event, row.Guard, row.Actions)
	// Output: CLOSE, SENDs queued: queue CLOSE
}
