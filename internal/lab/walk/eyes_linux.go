package walk

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// Look reads the sockets of the calling thread's network namespace, bound ones
// too.
type Look func(context.Context) (host.Snapshot, error)

// glance is the time between two looks while somebody waits.
const glance = 2 * time.Millisecond

// eyes looks at the sockets of a namespace for all who wait there: one dump
// serves them all.
type eyes struct {
	at      *lab.Namespace
	look    Look
	waiting chan *waiter
}

// waiter is somebody who waits for a place of a connection.
type waiter struct {
	local, peer netip.AddrPort
	is          func(Place) bool
	last        Place // what was seen last
	done        chan error
	gone        <-chan struct{} // it does not wait any longer
}

func newEyes(at *lab.Namespace, look Look) *eyes {
	return &eyes{at: at, look: look, waiting: make(chan *waiter)}
}

// watch serves those who wait until the context ends.
func (e *eyes) watch(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	var waiting []*waiter
	for {
		var ticked <-chan time.Time
		if len(waiting) > 0 {
			ticked = tick.C
		}
		select {
		case <-ctx.Done():
			return
		case w := <-e.waiting:
			waiting = append(waiting, w)
		case <-ticked:
			waiting = e.serve(ctx, waiting)
		}
	}
}

// serve looks once and returns those who still wait. A look begins after those
// whom it serves have begun to wait, so nobody is shown the past.
func (e *eyes) serve(ctx context.Context, waiting []*waiter) (rest []*waiter) {
	var seen host.Snapshot
	err := e.at.Do(func() (err error) { seen, err = e.look(ctx); return err })
	for _, w := range waiting {
		select {
		case <-w.gone:
			continue
		default:
		}
		if err == nil {
			w.last = placeOf(seen.Sockets, w.local, w.peer)
		}
		if err != nil || w.is(w.last) {
			w.done <- err
		} else {
			rest = append(rest, w)
		}
	}
	return rest
}

// wait returns when the connection is where is says, or the context ends.
func (e *eyes) wait(ctx context.Context, local, peer netip.AddrPort, is func(Place) bool) (Place, error) {
	w := &waiter{local: local, peer: peer, is: is, done: make(chan error, 1), gone: ctx.Done()}
	select {
	case e.waiting <- w:
	case <-ctx.Done():
		return closed, context.Cause(ctx)
	}
	select {
	case err := <-w.done:
		return w.last, err
	case <-ctx.Done():
		return closed, context.Cause(ctx)
	}
}

// placeOf finds the connection between two sockets, told by their ports, or the
// listener at the local one if the peer is zero. What is only bound is CLOSED.
func placeOf(sockets []host.Socket, local, peer netip.AddrPort) Place {
	for i := range sockets {
		s := &sockets[i]
		if s.Local.Port() == local.Port() && s.Remote.Port() == peer.Port() && s.State != tcp.Closed {
			return Place{s.State, s.Kind}
		}
	}
	return closed
}

// await waits until the connection is at the place, a few seconds at most.
func (p *play) await(at Place, peer netip.AddrPort) error {
	ctx, stop := context.WithTimeout(p.ctx, p.patience)
	defer stop()
	_, err := p.stage.eyes.wait(ctx, p.local, peer, func(now Place) bool { return now == at })
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("the kernel does not show %v: it shows %v", at, p.where(peer))
	}
	return err
}

// where returns where the connection is now.
func (p *play) where(peer netip.AddrPort) Place {
	ctx, stop := context.WithTimeout(p.ctx, time.Second)
	defer stop()
	now, _ := p.stage.eyes.wait(ctx, p.local, peer, func(Place) bool { return true }) // for a message only
	return now
}
