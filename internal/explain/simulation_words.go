package explain

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// state is the word of a state in a margin.
func (w *simulationWords) state(s tcp.State) string {
	if s == tcp.Unknown {
		return w.NoEnd
	}
	return s.String()
}

// delivered says how much text came to the user.
func (w *simulationWords) delivered(octets tcp.Size) string {
	if octets == 1 {
		return w.DeliveredOne
	}
	return fmt.Sprintf(w.Delivered, octets)
}

// call is what a user asks for.
func (w *simulationWords) call(h *simulate.Happening) string {
	if h.Event == tcp.CallSend {
		return fmt.Sprintf(w.Send, h.Octets)
	}
	return h.Event.String()
}

// note puts a note of a run into words.
func (w *simulationWords) note(h *simulate.Happening) string {
	text, ok := w.Notes[h.Why]
	if !ok {
		return h.Why
	}
	if n := strings.Count(text, "%d"); n > 0 {
		args := make([]any, n)
		for i := range args {
			args[i] = h.Counts[i]
		}
		return fmt.Sprintf(text, args...)
	}
	return text
}
