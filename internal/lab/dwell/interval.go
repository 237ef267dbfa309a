package dwell

import (
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Edge is when something happened: at both times, or somewhere between them
// where a witness only looks from time to time.
type Edge struct{ Earliest, Latest time.Time }

// At is the edge of what happened at a known time.
func At(t time.Time) Edge { return Edge{t, t} }

// near tells whether a time lies in the edge, or off it by the tolerance.
func (e Edge) near(t time.Time, tolerance time.Duration) bool {
	return !t.Before(e.Earliest.Add(-tolerance)) && !t.After(e.Latest.Add(tolerance))
}

// Change is that an end came into a state.
type Change struct {
	Edge
	State tcp.State // Closed and Listen end a stay and begin none
}

// Interval is one stay of an end in a state.
type Interval struct {
	State    tcp.State
	From, To Edge
	Open     bool // it lasted when the watch ended, at To
}

// Length is how long it may have been at most.
func (i Interval) Length() time.Duration { return i.To.Latest.Sub(i.From.Earliest) }

// shortest is how long it was at least.
func (i Interval) shortest() time.Duration { return i.To.Earliest.Sub(i.From.Latest) }

// overlaps tells whether both may have gone on at one time.
func (i Interval) overlaps(o Interval) bool {
	return i.From.Earliest.Before(o.To.Latest) && o.From.Earliest.Before(i.To.Latest)
}

// nothing are the states in which there is no connection.
var nothing = tcp.SetOf(tcp.Unknown, tcp.Closed, tcp.Listen)

// Intervals returns the stays between changes, which stand in the order of time.
// The last one is open until the end of the watch.
func Intervals(changes []Change, end time.Time) (stays []Interval) {
	for n, c := range changes {
		if nothing.Has(c.State) {
			continue
		}
		stay := Interval{State: c.State, From: c.Edge, To: At(end), Open: true}
		if n+1 < len(changes) {
			stay.To, stay.Open = changes[n+1].Edge, false
		}
		stays = append(stays, stay)
	}
	return stays
}
