package host

import (
	"fmt"
	"sync"

	"github.com/synoptic-net/synoptic/tcp"
)

// UnknownStateError says that a word is no TCP state in any vocabulary.
type UnknownStateError struct {
	Word    string
	Nearest string // the RFC word of the nearest spelling, "" when none is near
}

// Error names the word and the nearest one that is known.
func (e *UnknownStateError) Error() string {
	if e.Nearest == "" {
		return fmt.Sprintf("%q is not a TCP state; the states are %v", e.Word, tcp.AllStates)
	}
	return fmt.Sprintf("%q is not a TCP state; did you mean %s?", e.Word, e.Nearest)
}

// folded maps every accepted spelling, folded, to its state.
var folded = sync.OnceValue(func() map[string]tcp.State {
	states := make(map[string]tcp.State)
	for i := range vocabulary {
		for _, word := range vocabulary[i].spellings() {
			states[fold(word)] = vocabulary[i].state
		}
	}
	return states
})

// ParseState reads a state in any of the vocabularies: RFC 9293, the kernel,
// ss, netstat of Linux, BSD, macOS and Windows, node_exporter, OpenTelemetry.
// Letter case, "-" and "_" make no difference. The error is an
// *UnknownStateError.
func ParseState(text string) (tcp.State, error) {
	if s, ok := folded()[fold(text)]; ok {
		return s, nil
	}
	return tcp.Unknown, &UnknownStateError{Word: text, Nearest: nearest(fold(text))}
}

// nearest returns the RFC word whose spelling needs the fewest changes; more
// changes than a third of the word are no resemblance. Ties go to the first
// state of the RFC's order, so that the answer does not depend on the map's.
func nearest(word string) string {
	best, bestState := len(word)/3+1, tcp.Unknown
	for spelling, state := range folded() {
		d := distance(word, spelling)
		if d < best || d == best && bestState != tcp.Unknown && state < bestState {
			best, bestState = d, state
		}
	}
	if bestState == tcp.Unknown {
		return ""
	}
	return bestState.String()
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
