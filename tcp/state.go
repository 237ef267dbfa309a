package tcp

import (
	"fmt"
	"math/bits"
	"strings"
)

// State is one of the eleven connection states of RFC 9293 section 3.3.2, or
// Unknown, the zero value: ignorance is a value here, never a guess.
type State uint8

// The states, in the order in which a connection usually meets them.
const (
	Unknown State = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
	Closed
)

var stateNames = [...]string{
	Unknown:     "UNKNOWN",
	Listen:      "LISTEN",
	SynSent:     "SYN-SENT",
	SynReceived: "SYN-RECEIVED",
	Established: "ESTABLISHED",
	FinWait1:    "FIN-WAIT-1",
	FinWait2:    "FIN-WAIT-2",
	CloseWait:   "CLOSE-WAIT",
	Closing:     "CLOSING",
	LastAck:     "LAST-ACK",
	TimeWait:    "TIME-WAIT",
	Closed:      "CLOSED",
}

// States returns the eleven states in the order of RFC 9293 section 3.3.2.
// Unknown is not among them.
func States() []State {
	return []State{
		Listen, SynSent, SynReceived, Established, FinWait1, FinWait2,
		CloseWait, Closing, LastAck, TimeWait, Closed,
	}
}

// String returns the RFC 9293 word, upper case with hyphens.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// ParseState reads an RFC 9293 word, in either case. Other vocabularies are
// understood at the kernel edge: see package host.
func ParseState(word string) (State, error) {
	for i, name := range stateNames {
		if strings.EqualFold(name, word) {
			return State(i), nil
		}
	}
	return Unknown, fmt.Errorf("%q is not a TCP state of RFC 9293", word)
}

// MarshalText returns the RFC 9293 word.
func (s State) MarshalText() ([]byte, error) {
	if int(s) >= len(stateNames) {
		return nil, fmt.Errorf("no such TCP state: %d", uint8(s))
	}
	return []byte(stateNames[s]), nil
}

// UnmarshalText reads an RFC 9293 word.
func (s *State) UnmarshalText(text []byte) error {
	state, err := ParseState(string(text))
	if err != nil {
		return err
	}
	*s = state
	return nil
}

// Synchronized tells whether both ends have agreed on sequence numbers
// (RFC 9293 section 3.4): ESTABLISHED and every state after it. As in RFC 9293
// section 3.10.7.4 SYN-RECEIVED is not one of them.
func (s State) Synchronized() bool { return Synchronized.Has(s) }

// Transient tells whether a healthy connection leaves the state within one
// retransmission timeout, so that a socket that stays longer needs a reason.
func (s State) Transient() bool { return Transient.Has(s) }

// StateSet is a set of states.
type StateSet uint16

// Sets that have a name of their own.
const (
	AllStates    = StateSet(1<<Listen | 1<<SynSent | 1<<SynReceived | 1<<Established | 1<<FinWait1 | 1<<FinWait2 | 1<<CloseWait | 1<<Closing | 1<<LastAck | 1<<TimeWait | 1<<Closed)
	Synchronized = StateSet(1<<Established | 1<<FinWait1 | 1<<FinWait2 | 1<<CloseWait | 1<<Closing | 1<<LastAck | 1<<TimeWait)
	Transient    = StateSet(1<<SynSent | 1<<SynReceived | 1<<FinWait1 | 1<<Closing | 1<<LastAck)
)

// SetOf returns the set of the given states.
func SetOf(states ...State) StateSet {
	var set StateSet
	for _, s := range states {
		set |= 1 << s
	}
	return set
}

// Has tells whether the set holds the state.
func (set StateSet) Has(s State) bool { return set&(1<<s) != 0 }

// Len returns how many states the set holds.
func (set StateSet) Len() int { return bits.OnesCount16(uint16(set)) }

// States returns the members in RFC order; Unknown, if present, comes first.
func (set StateSet) States() []State {
	members := make([]State, 0, set.Len())
	for s := Unknown; s <= Closed; s++ {
		if set.Has(s) {
			members = append(members, s)
		}
	}
	return members
}

// String joins the words of the members with commas.
func (set StateSet) String() string {
	words := make([]string, 0, set.Len())
	for _, s := range set.States() {
		words = append(words, s.String())
	}
	return strings.Join(words, ",")
}

// Counts holds one number a state, indexed by State.
type Counts [Closed + 1]uint64

// Total returns the sum over all states, Unknown included.
func (c Counts) Total() uint64 {
	var sum uint64
	for _, n := range c {
		sum += n
	}
	return sum
}
