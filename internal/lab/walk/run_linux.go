package walk

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// Options say how to walk.
type Options struct {
	Look  Look         // reads the sockets; required
	Slow  bool         // also the edges that take a minute
	Ended func(Result) // called as each edge ends, one at a time; may be nil
}

// Walk is what became of everything that was tried.
type Walk struct {
	Edges []Result // in the order of Edges
	Roles []Role
}

// Run tries every edge, all at once, and holds the conversations meanwhile. The
// error says why the walk itself could not take place.
func Run(ctx context.Context, o Options) (walk Walk, err error) {
	w := lab.NewWorld(ctx)
	defer func() { err = errors.Join(err, w.Close()) }()
	edges := Edges()
	stages := map[setting]*stage{}
	for i := range edges {
		if s := edges[i].in; stages[s] == nil && (o.Slow || edges[i].Slow == 0) {
			stages[s] = newStage(w, s, o.Look)
		}
	}
	if err := w.Err(); err != nil {
		return walk, err
	}
	watching, stop := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	for _, t := range stages {
		watchers.Go(func() { t.eyes.watch(watching) })
	}
	defer func() { stop(); watchers.Wait() }()
	var talking sync.WaitGroup
	talking.Go(func() { walk.Roles = playRoles(ctx, stages[usual]) })
	walk.Edges = runAll(ctx, edges, stages, o)
	talking.Wait()
	return walk, context.Cause(ctx)
}

func runAll(ctx context.Context, edges []Edge, stages map[setting]*stage, o Options) []Result {
	results := make([]Result, len(edges))
	var walking sync.WaitGroup
	var ended sync.Mutex
	for i := range edges {
		walking.Go(func() {
			results[i] = edges[i].try(ctx, stages[edges[i].in], o.Slow)
			if o.Ended != nil {
				ended.Lock()
				defer ended.Unlock()
				o.Ended(results[i])
			}
		})
	}
	walking.Wait()
	return results
}

// try walks one edge.
func (e *Edge) try(ctx context.Context, t *stage, slow bool) Result {
	r := Result{Edge: *e}
	if e.Slow > 0 && !slow {
		r.Why = fmt.Sprintf("takes %.0f s: not tried without --slow", e.Slow.Seconds())
		return r
	}
	started := time.Now()
	err := e.walk(ctx, t)
	r.Took = time.Since(started)
	switch {
	case err != nil:
		r.Failed, r.Why = true, err.Error()
	case e.Never != "":
		r.Why = e.Never
	default:
		r.Seen, r.ConfirmedBy = true, []string{"sockets"}
	}
	return r
}

func (e *Edge) walk(ctx context.Context, t *stage) error {
	p := newPlay(ctx, t)
	defer p.end()
	if err := p.run(e.reach); err != nil {
		return fmt.Errorf("on the way to %v: %w", e.From, err)
	}
	goal := e.goal()
	if err := p.await(e.From, p.subject(e.From, goal)); err != nil {
		return err
	}
	if err := p.run(e.act); err != nil {
		return fmt.Errorf("%s: %w", e.Way, err)
	}
	if err := p.await(goal, p.subject(goal, e.From)); err != nil {
		return fmt.Errorf("%s: %w", e.Way, err)
	}
	return nil
}

// subject returns the peer by which the place is found: none for a listener and
// for what becomes of it.
func (p *play) subject(at, other Place) netip.AddrPort {
	if at.State == tcp.Listen || at == closed && other.State == tcp.Listen {
		return netip.AddrPort{}
	}
	return p.remote
}
