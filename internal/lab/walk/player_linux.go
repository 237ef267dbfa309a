package walk

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// player lets an Endpoint live on the wire: it carries its segments, keeps its
// timers, and collects its text.
type player struct {
	wire  *lab.PacketPeer
	begun time.Time

	mu      sync.Mutex
	end     *tcp.Endpoint
	timer   *time.Timer
	text    []byte
	held    []tcp.Packet // segments that are still under way
	holding bool
	moved   chan struct{} // closed and renewed at every step
	err     error         // the first segment that could not be sent
}

// newPlayer makes an end of the connection between two sockets of the stage.
func newPlayer(t *stage) (p *player, local, foreign netip.AddrPort) {
	p = &player{wire: t.wire, begun: time.Now(), moved: make(chan struct{})}
	foreign, local = t.pair(p.hear)
	p.end = tcp.NewEndpoint(tcp.EndpointConfig{
		Local: local, Seed: uint64(local.Port()), AutoReceive: true,
		WindowScaling: true, Timestamps: true, SACK: true, TimeWait: time.Second,
	})
	return p, local, foreign
}

// hear takes a segment from the wire, or leaves it under way.
func (p *player) hear(s tcp.Packet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Text = append([]byte(nil), s.Text...)
	if p.holding {
		p.held = append(p.held, s)
		return
	}
	p.step(tcp.Incident{Event: tcp.SegmentArrives, Packet: s})
}

// hold keeps what the kernel sends from now on under way, so that segments can
// cross; release lets it arrive.
func (p *player) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holding = true
}

func (p *player) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holding = false
	for _, s := range p.held {
		p.step(tcp.Incident{Event: tcp.SegmentArrives, Packet: s})
	}
	p.held = nil
}

// crossing returns how many segments are under way.
func (p *player) crossing() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.held)
}

// do makes a user call.
func (p *player) do(in tcp.Incident) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step(in)
}

// step runs with the lock held.
func (p *player) step(in tcp.Incident) {
	for _, f := range p.end.Step(time.Since(p.begun), in) {
		switch f.Kind {
		case tcp.SendPacket:
			if err := p.wire.Send(f.Packet); err != nil && p.err == nil {
				p.err = err
			}
		case tcp.DeliverData:
			p.text = append(p.text, f.Text...)
		}
	}
	p.arm()
	close(p.moved)
	p.moved = make(chan struct{})
}

// arm sets the one clock to the end's next timer.
func (p *player) arm() {
	if p.timer != nil {
		p.timer.Stop()
	}
	timer, at, running := p.end.Deadline()
	if !running {
		return
	}
	p.timer = time.AfterFunc(at-time.Since(p.begun), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if now, due, still := p.end.Deadline(); still && now == timer && due <= time.Since(p.begun) {
			p.step(tcp.Incident{Event: timer})
		}
	})
}

// stop ends the clock.
func (p *player) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
	}
}

// until waits until the end and its text are as ok says.
func (p *player) until(ctx context.Context, what string, ok func(s tcp.State, text []byte) bool) error {
	ctx, stop := context.WithTimeout(ctx, moment)
	defer stop()
	for {
		p.mu.Lock()
		done, err, moved := ok(p.end.State(), p.text), p.err, p.moved
		state, octets := p.end.State(), len(p.text)
		p.mu.Unlock()
		if done || err != nil {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("our end is not %s: it is in %v with %d octets received", what, state, octets)
		}
	}
}
