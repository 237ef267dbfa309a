package live

import (
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// Summary adds up transitions in the kernel from the moment when it is opened.
type Summary struct{ events *bpf.Transitions }

// OpenSummary begins to add up. Of the options NetNS and Filter count. The error
// says what the caller or the kernel lacks.
func OpenSummary(o Options) (*Summary, error) {
	wanted, err := request(o.NetNS, o.Filter)
	if err != nil {
		return nil, err
	}
	if o.Filter != nil {
		if states, given := o.Filter.States(); given {
			wanted.States = linuxSet(states)
		}
	}
	wanted.Summary = true
	events, err := bpf.OpenTransitions(wanted)
	if err != nil {
		return nil, err
	}
	return &Summary{events}, nil
}

// Read returns what was added up until now, in the order of the states.
func (s *Summary) Read() ([]Tally, error) {
	all, err := s.events.Summary()
	if err != nil {
		return nil, err
	}
	list := make([]Tally, 0, len(all))
	for i := range all {
		d := &all[i]
		t := Tally{Count: d.Count()}
		t.From, _ = host.StateOfLinux(d.From)
		t.To, _ = host.StateOfLinux(d.To)
		t.Median, t.HasTimes = d.Quantile(0.5)
		t.P99, _ = d.Quantile(0.99)
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Tally) int { return order(a.Edge) - order(b.Edge) })
	return list, nil
}

// order puts CLOSED first when a connection leaves it, and last otherwise.
func order(e tcp.Edge) int {
	from := int(e.From)
	if e.From == tcp.Closed {
		from = 0
	}
	return from<<8 | int(e.To)
}

// Close ends it.
func (s *Summary) Close() error { return s.events.Close() }
