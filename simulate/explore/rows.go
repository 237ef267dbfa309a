package explore

import "github.com/synoptic-net/synoptic/tcp"

// Reason says why no run took a row.
type Reason uint8

// The reasons.
const (
	Unheeded   Reason = iota + 1 // the row does nothing: no end in this state waits for the event, or asks
	NotCalled                    // no user within the bounds makes the call in this state
	NotFired                     // no such timer fires in this state within the bounds
	NotArrived                   // no such segment arrives in this state within the bounds
)

// Untaken is a row that no run took.
type Untaken struct {
	Row tcp.Row
	Why Reason
}

// Never returns the rows that none of the reports has taken, in the order of
// tcp.Rows.
func Never(reports ...Report) []Untaken {
	var list []Untaken
	for i, row := range tcp.Rows() {
		taken := false
		for _, r := range reports {
			taken = taken || r.Taken[i] > 0 || r.InVain[i]
		}
		if !taken {
			list = append(list, Untaken{row, reason(&row)})
		}
	}
	return list
}

func reason(row *tcp.Row) Reason {
	switch {
	case row.Event == tcp.SegmentArrives:
		return NotArrived
	case row.Event.Call():
		return NotCalled
	case row.Actions == 0 && row.To == row.From || row.Event == tcp.CloseDue:
		return Unheeded
	default:
		return NotFired
	}
}
