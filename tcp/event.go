package tcp

import "fmt"

// Event is one of the things that can happen to a connection (RFC 9293 section
// 3.10). The set is closed: user calls, arriving segments, timeouts, and two
// that the end causes itself when something it held back becomes due.
type Event uint8

// The events. The zero Event is none of them.
const (
	CallPassiveOpen Event = iota + 1
	CallActiveOpen
	CallSend
	CallReceive
	CallClose
	CallAbort
	CallStatus

	SegmentArrives

	UserTimeout
	RetransmissionTimeout   // RFC 6298: time to send the first unacknowledged segment again
	RetransmissionExhausted // the threshold R2 of RFC 9293 section 3.8.3
	ZeroWindowTimeout       // the persist timer of RFC 9293 section 3.8.6.1
	KeepaliveTimeout        // RFC 9293 section 3.8.4: idle for so long that the peer is asked
	KeepaliveExhausted      // no answer to any keep-alive
	TimeWaitTimeout

	CloseDue // a CLOSE that waited for SENDs or for the handshake
	FinDue   // a FIN that came with the SYN or behind a gap and is now next in order

	eventEnd
)

var eventNames = [eventEnd]string{
	0:                       "none",
	CallPassiveOpen:         "passive OPEN",
	CallActiveOpen:          "active OPEN",
	CallSend:                "SEND",
	CallReceive:             "RECEIVE",
	CallClose:               "CLOSE",
	CallAbort:               "ABORT",
	CallStatus:              "STATUS",
	SegmentArrives:          "SEGMENT ARRIVES",
	UserTimeout:             "USER TIMEOUT",
	RetransmissionTimeout:   "RETRANSMISSION TIMEOUT",
	RetransmissionExhausted: "retransmission exhausted (R2)",
	ZeroWindowTimeout:       "zero-window probe timeout",
	KeepaliveTimeout:        "keep-alive timeout",
	KeepaliveExhausted:      "keep-alive exhausted",
	TimeWaitTimeout:         "TIME-WAIT TIMEOUT",
	CloseDue:                "queued CLOSE becomes due",
	FinDue:                  "held FIN becomes due",
}

// Events returns all events in the order of RFC 9293 section 3.10.
func Events() []Event {
	events := make([]Event, 0, eventEnd-1)
	for e := CallPassiveOpen; e < eventEnd; e++ {
		events = append(events, e)
	}
	return events
}

// String returns the RFC's words: "passive OPEN", "SEGMENT ARRIVES".
func (e Event) String() string {
	if e < eventEnd {
		return eventNames[e]
	}
	return fmt.Sprintf("Event(%d)", uint8(e))
}

// Call tells whether the event is a call of the user (RFC 9293 section 3.9.1).
func (e Event) Call() bool { return CallPassiveOpen <= e && e <= CallStatus }
