package collect

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/probe"
)

var (
	errNotAllowed = errors.New("nothing is sent unless --probe allows it")
	errCutShort   = errors.New("the window was interrupted: nothing was sent")
)

// probe asks those peers that are worth it, and by an echo request those that
// leave a segment unanswered.
func (r *run) probe(ctx context.Context) {
	switch {
	case r.Probe == nil:
		r.source(evidence.SourceProbe, errNotAllowed)
		return
	case ctx.Err() != nil:
		r.source(evidence.SourceProbe, errCutShort)
		return
	}
	if err := probe.Allowed(); err != nil {
		r.source(evidence.SourceProbe, err) // before anything is announced
		return
	}
	plan := r.bundle.WorthProbing()
	if len(plan) > 0 {
		r.Probe(plan)
	}
	err := probe.Run(ctx, plan)
	if err == nil {
		after := evidence.AfterSilence(plan)
		err = probe.Run(ctx, after)
		r.bundle.Probes = append(plan, after...)
		r.neighboursSettle(ctx, after)
	}
	r.source(evidence.SourceProbe, err)
}

// settling is how long the kernel takes to find out that a neighbour is gone: five
// seconds until it asks, and three questions, a second each (RFC 4861 section 7.3).
const settling = 9 * time.Second

// neighboursSettle reads the neighbours again, once the kernel knows of those that
// stayed silent whether they are there: what was sent makes it ask.
func (r *run) neighboursSettle(ctx context.Context, silent []evidence.Probe) {
	asked := map[netip.Addr]bool{}
	for _, p := range silent {
		asked[p.Remote.Addr()] = p.Silent()
	}
	end := time.NewTimer(settling)
	defer end.Stop()
	tick := time.NewTicker(probe.Patience / 2)
	defer tick.Stop()
	for len(asked) > 0 {
		list, err := kernel.Neighbours()
		if err != nil {
			return // the earlier reading stands
		}
		r.bundle.Neighbours = list
		if !slices.ContainsFunc(list, func(n host.Neighbour) bool { return asked[n.Address] && undecided[n.State] }) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-tick.C:
		}
	}
}

// undecided are the states of a neighbour that the kernel is asking, or soon will.
var undecided = map[string]bool{"INCOMPLETE": true, "DELAY": true, "PROBE": true}

// probeSource says how asking went.
func probeSource(probes []evidence.Probe) string {
	if len(probes) == 0 {
		return "no peer was worth asking: none is silent, and no connection is idle"
	}
	for _, p := range probes {
		if p.Why != "" {
			return "some could not be asked: " + p.Why
		}
	}
	return ""
}
