package simulate

import (
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Side names one of the two ends of a connection.
type Side uint8

// The ends: who sends the first SYN, or is named first where both do, and the
// other.
const (
	Originator Side = iota
	Responder
)

// Kind says what a Happening is.
type Kind uint8

// What can happen in a run.
const (
	Called    Kind = iota + 1 // the user of Side makes the call Event
	Fired                     // a timer of Side, Event, runs out
	Sent                      // Side sends Packet; Number joins it with its fate
	Arrived                   // Packet reaches Side
	Lost                      // the network loses Packet, which Side has sent
	Took                      // Side takes Row
	Delivered                 // Octets of text go to the user of Side
	Told                      // Word is told to the user of Side
	Ignored                   // Side does not look at the packet, because of Why
	Noted                     // the network or the story does something, which Why says
)

// Happening is one thing that happens in a run. States are those after it.
type Happening struct {
	Kind   Kind
	Side   Side
	At     time.Duration // since the run began
	States [2]tcp.State  // by Side; Unknown where no end exists (yet)

	Event  tcp.Event   // Called, Fired
	Packet tcp.Packet  // Sent, Arrived, Lost
	Number int         // Sent, Arrived, Lost: counts packets from 1; a duplicate keeps the number
	Row    tcp.Row     // Took
	Octets tcp.Size    // Delivered
	Word   tcp.Actions // Told
	Why    string      // Ignored, Noted: a message id or the endpoint's own words
}

// Trace is what happened in a run, in order.
type Trace []Happening
