package simulate

import (
	"slices"
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

// String returns "originator" or "responder".
func (s Side) String() string {
	if s == Originator {
		return "originator"
	}
	return "responder"
}

// Other returns the end at the other side.
func (s Side) Other() Side { return s ^ 1 }

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
//
// A Took whose Row begins in CLOSED while its end is in another state is the
// answer to a packet that belongs to no connection of that end.
type Happening struct {
	Kind   Kind
	Side   Side
	At     time.Duration // since the run began
	States [2]tcp.State  // by Side; Unknown where no end exists (yet)

	Event  tcp.Event   // Called, Fired
	Packet tcp.Packet  // Sent, Arrived, Lost
	Number int         // Sent, Arrived, Lost: counts packets from 1; a duplicate keeps the number
	Row    tcp.Row     // Took
	Octets tcp.Size    // Delivered, and Called for SEND
	Word   tcp.Actions // Told
	Why    string      // Ignored: the endpoint's own words; Noted, Lost: one of the reasons of this package
	Counts [3]int      // Noted: numbers that go with Why
}

// Trace is what happened in a run, in order.
type Trace []Happening

// Edges returns the changes of state that the two ends make, each once, in the
// order in which they first happen.
func (t Trace) Edges() (edges []tcp.Edge) {
	for i := range t {
		edge := tcp.Edge{From: t[i].Row.From, To: t[i].Row.To}
		if t[i].Kind == Took && edge.From != edge.To && !slices.Contains(edges, edge) {
			edges = append(edges, edge)
		}
	}
	return edges
}
