package evidence

import (
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Events is what the kernel told of in the window as it happened: transitions,
// and what went wrong. Counts are of the whole window; where it happened is told
// of a bounded number.
type Events struct {
	Transitions []EventTransition  `json:"transitions,omitempty"` // of full sockets, by state
	Mishaps     []host.MishapCount `json:"mishaps,omitempty"`     // most first
	Places      []host.MishapAt    `json:"places,omitempty"`      // most first
	Untold      uint64             `json:"untold,omitempty"`      // mishaps whose place is not told
	Lost        uint64             `json:"lost,omitempty"`        // events that the kernel had no room for, or did not tell
}

// EventTransition is how often sockets went from one state to another.
type EventTransition struct {
	From  tcp.State `json:"from"`
	To    tcp.State `json:"to"`
	Count uint64    `json:"count"`
}

// MishapPlacesKept is how many places are told.
const MishapPlacesKept = 1024

// Total adds up the mishaps that are wanted.
func (e *Events) Total(wanted func(*host.Mishap) bool) (n uint64) {
	for i := range e.Mishaps {
		if wanted(&e.Mishaps[i].Mishap) {
			n += e.Mishaps[i].Count
		}
	}
	return n
}

// Tidy puts the most frequent first and bounds the places; what it leaves out
// is counted as untold.
func (e *Events) Tidy() {
	slices.SortFunc(e.Mishaps, func(a, b host.MishapCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Compare(&b.Mishap))
	})
	slices.SortFunc(e.Places, func(a, b host.MishapAt) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Compare(&b.Mishap), a.Local.Compare(b.Local), a.Remote.Compare(b.Remote))
	})
	for _, p := range e.Places[min(len(e.Places), MishapPlacesKept):] {
		e.Untold += p.Count
	}
	e.Places = e.Places[:min(len(e.Places), MishapPlacesKept)]
}

// events replaces the addresses.
func (a *anonymizer) events(in *Events) *Events {
	if in == nil {
		return nil
	}
	out := *in
	out.Places = mapped(in.Places, func(p host.MishapAt) host.MishapAt {
		p.Local, p.Remote = a.addrPort(p.Local), a.addrPort(p.Remote)
		return p
	})
	return &out
}
