package collect

import (
	"context"
	"errors"

	"github.com/synoptic-net/synoptic/evidence"
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
	plan := r.bundle.WorthProbing()
	if len(plan) > 0 {
		r.Probe(plan)
	}
	err := probe.Run(ctx, plan)
	if err == nil {
		after := evidence.AfterSilence(plan)
		err = probe.Run(ctx, after)
		r.bundle.Probes = append(plan, after...)
	}
	r.source(evidence.SourceProbe, err)
}

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
