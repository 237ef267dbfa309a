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

// attend begins to add up what the kernel tells of this network namespace, one of
// so many.
func attend(root kernel.Root, together int) (*live.MishapTally, error) {
	switch {
	case root != kernel.Host:
		return nil, errors.New("the files of another host tell of no events")
	case together > eventsMost:
		return nil, fmt.Errorf("%d network namespaces at once: events are told in %d at most, to spare the host; look at one alone", together, eventsMost)
	}
	identity, err := root.Identity()
	if err != nil {
		return nil, err
	}
	netns, err := strconv.ParseUint(identity.NetNS, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("the network namespace %q has no number", identity.NetNS)
	}
	return live.OpenMishapTally(uint32(netns))
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
