package ssfilter

import "fmt"

// Answer is what a filter says of an Endpoint.
type Answer uint8

// The answers, in the order in which "or" prefers them.
const (
	No    Answer = iota
	Maybe        // it hangs on something that the viewer does not know
	Yes
)

// String returns "no", "maybe" or "yes".
func (a Answer) String() string {
	switch a {
	case No:
		return "no"
	case Maybe:
		return "maybe"
	case Yes:
		return "yes"
	}
	return fmt.Sprintf("Answer(%d)", uint8(a))
}

func answer(holds bool) Answer {
	if holds {
		return Yes
	}
	return No
}

// opposite is "not": what is unknown stays unknown.
func (a Answer) opposite() Answer { return Yes - a }
