package live

import (
	"cmp"
	"errors"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// Summary adds up transitions, and mishaps if they are asked for, in the kernel
// from the moment when it is opened.
type Summary struct {
	events  *bpf.Transitions
	mishaps *bpf.Mishaps // nil: not asked for

	Blind []error // what this kernel does not tell
}

// OpenSummary begins to add up. Of the options NetNS, Filter and Mishaps count.
// The error says what the caller or the kernel lacks.
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
	s := &Summary{events: events}
	if len(o.Mishaps) == 0 {
		return s, nil
	}
	quiet := bpf.MishapOptions{NetNS: wanted.NetNS, Filter: wanted.Filter, Kinds: kindsOf(o.Mishaps), Quiet: true}
	if o.Filter != nil {
		if states, given := o.Filter.States(); given {
			quiet.States = mishapStates(states)
		}
	}
	if s.mishaps, err = bpf.OpenMishaps(quiet); err != nil {
		return nil, errors.Join(err, events.Close())
	}
	s.Blind = s.mishaps.Blind
	return s, nil
}

// Mishaps returns what went wrong until now, most first; nil unless it was asked
// for.
func (s *Summary) Mishaps() ([]host.MishapCount, error) {
	if s.mishaps == nil {
		return nil, nil
	}
	reasons, err := bpf.RunningReasons()
	if err != nil {
		return nil, err
	}
	counts, err := s.mishaps.Counts()
	if err != nil {
		return nil, err
	}
	return inWords(reasons, counts), nil
}

// inWords adds up what has the same words, most first.
func inWords(reasons *bpf.Reasons, counts []bpf.MishapCount) []host.MishapCount {
	merged := map[host.Mishap]uint64{}
	for i := range counts {
		merged[sortOf(reasons, &counts[i])] += counts[i].Count
	}
	list := make([]host.MishapCount, 0, len(merged))
	for sort, n := range merged {
		list = append(list, host.MishapCount{Mishap: sort, Count: n})
	}
	slices.SortFunc(list, func(a, b host.MishapCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Compare(&b.Mishap))
	})
	return list
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
func (s *Summary) Close() error {
	if s.mishaps != nil {
		return errors.Join(s.events.Close(), s.mishaps.Close())
	}
	return s.events.Close()
}
