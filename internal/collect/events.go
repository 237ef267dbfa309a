package collect

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/live"
)

// eventsMost is in how many namespaces at the same time the kernel is asked to
// tell: each of them adds to the cost of every event of the host.
const eventsMost = 8

// attended is what came of beginning to attend.
type attended struct {
	tally *live.MishapTally
	err   error
}

// attend begins to add up what the kernel tells of the calling thread's network
// namespace, one of so many. To load the programs takes as long as to listen, so
// both are done at a time.
func attend(root kernel.Root, together int) <-chan attended {
	done := make(chan attended, 1)
	netns, err := attendable(root, together)
	if err != nil {
		done <- attended{err: err}
		return done
	}
	go func() {
		tally, err := live.OpenMishapTally(netns)
		done <- attended{tally, err}
	}()
	return done
}

// attendable is the number of the namespace, if its events may be asked for.
func attendable(root kernel.Root, together int) (uint32, error) {
	switch {
	case root != kernel.Host:
		return 0, errors.New("the files of another host tell of no events")
	case together > eventsMost:
		return 0, fmt.Errorf("%d network namespaces at once: events are told in %d at most, to spare the host; look at one alone", together, eventsMost)
	}
	identity, err := root.Identity()
	if err != nil {
		return 0, err
	}
	netns, err := strconv.ParseUint(identity.NetNS, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("the network namespace %q has no number", identity.NetNS)
	}
	return uint32(netns), nil
}

// recount ends that and puts the sums into the bundle.
func (r *run) recount(t *live.MishapTally) error {
	sum, err := t.End()
	if err != nil {
		return err
	}
	e := &evidence.Events{Mishaps: sum.Mishaps, Places: sum.Places, Lost: sum.Lost}
	for _, t := range sum.Transitions {
		e.Transitions = append(e.Transitions, evidence.EventTransition{From: t.From, To: t.To, Count: t.Count})
	}
	var all, told uint64
	for i := range sum.Mishaps {
		all += sum.Mishaps[i].Count
	}
	for i := range sum.Places {
		told += sum.Places[i].Count
	}
	e.Untold = max(all, told) - told
	e.Tidy()
	r.bundle.Events = e
	r.blind = sum.Blind
	return nil
}

// eventsSource says how that went.
func eventsSource(e *evidence.Events, blind []error) string {
	var notes []string
	if e != nil && e.Lost > 0 {
		notes = append(notes, fmt.Sprintf("%d events were not counted", e.Lost))
	}
	for _, missing := range blind {
		notes = append(notes, missing.Error())
	}
	return strings.Join(notes, "; ")
}
