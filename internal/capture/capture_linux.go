package capture

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/synoptic-net/synoptic/packet"
)

// Capture is interfaces that are being listened to.
type Capture struct {
	rings  []*ring
	known  []packet.Interface
	names  map[uint32]string // of interfaces by their number
	idle   func() error
	lasts  bool // Config.Outlast
	looks  sync.Mutex
	visits sync.Mutex
}

// Open begins to capture. The filter holds from the first packet on that Each
// hands out. The error says what can be done about it.
func Open(c Config) (*Capture, error) {
	wanted := c.Interfaces
	if len(wanted) == 0 {
		wanted = []string{Any}
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("capture: list of interfaces: %w", err)
	}
	capture := &Capture{idle: c.Idle, lasts: c.Outlast, names: make(map[uint32]string, len(all))}
	for _, i := range all {
		capture.names[uint32(i.Index)] = i.Name
	}
	for n, name := range wanted {
		if slices.Contains(wanted[:n], name) || name == Any && len(wanted) > 1 {
			capture.Close()
			return nil, fmt.Errorf("interface %s is named twice (%q holds all others)", name, Any)
		}
		if err := capture.add(name, all, &c); err != nil {
			capture.Close()
			return nil, err
		}
	}
	return capture, nil
}

func (c *Capture) add(name string, all []net.Interface, config *Config) error {
	p, err := placeOf(name, all)
	if err != nil {
		return err
	}
	r, err := openRing(p, config)
	if err != nil {
		return err
	}
	r.number = uint32(len(c.rings))
	c.rings = append(c.rings, r)
	about := packet.Interface{Name: p.name, Link: p.link}
	if config.Snap > 0 {
		about.SnapLength = config.Snap + cookedSize + tagSize // what is put back counts too
	}
	c.known = append(c.known, about)
	return nil
}

// Close ends the capture. No frame may be used any more.
func (c *Capture) Close() {
	for _, r := range c.rings {
		r.socket.Close()
	}
}

// Interfaces returns what is captured from; Frame.Interface is an index into it.
func (c *Capture) Interfaces() []packet.Interface { return c.known }

// InterfaceName returns the name of an interface by the number that a cooked
// frame carries (Segment.IfIndex), as it was when the capture was opened, or "".
func (c *Capture) InterfaceName(index uint32) string { return c.names[index] }

// Counts returns what happened at an interface since the capture was opened. It
// may be called while Each runs.
func (c *Capture) Counts(number int) (Counts, error) {
	c.looks.Lock()
	defer c.looks.Unlock()
	r := c.rings[number]
	counts, err := r.look()
	counts.Delivered = r.delivered.Load()
	return counts, err
}

// Each hands every packet to visit, one at a time, until the context ends or
// visit returns an error; that is returned. What the kernel had taken when the
// context ended is handed out too. Packets of one interface come in the order of
// their times; those of several are mixed in no exact order.
func (c *Capture) Each(ctx context.Context, visit func(*packet.Frame) error) error {
	if len(c.rings) > 1 {
		visit = c.oneAtATime(visit)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var readers sync.WaitGroup
	errs := make([]error, len(c.rings))
	for i, r := range c.rings[1:] {
		readers.Go(func() {
			if errs[i+1] = c.read(ctx, r, visit); errs[i+1] != nil {
				cancel(errs[i+1])
			}
		})
	}
	if errs[0] = c.read(ctx, c.rings[0], visit); errs[0] != nil {
		cancel(errs[0])
	}
	readers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads a ring until the context or its interface ends.
func (c *Capture) read(ctx context.Context, r *ring, visit func(*packet.Frame) error) error {
	err := r.each(ctx, visit, c.calm)
	if c.lasts && errors.Is(err, errDown) {
		return nil
	}
	return err
}

// oneAtATime numbers the packets of several rings as one capture. After an
// error nothing more is visited.
func (c *Capture) oneAtATime(visit func(*packet.Frame) error) func(*packet.Frame) error {
	var number uint64
	var failed error
	return func(f *packet.Frame) error {
		c.visits.Lock()
		defer c.visits.Unlock()
		if failed == nil {
			number++
			f.Number = number
			failed = visit(f)
		}
		return failed
	}
}

// calm is called when nothing came.
func (c *Capture) calm() error {
	if c.idle == nil {
		return nil
	}
	c.visits.Lock()
	defer c.visits.Unlock()
	return c.idle()
}

// Segments is Each for packets that are TCP segments.
func (c *Capture) Segments(ctx context.Context, visit func(*packet.Frame, *packet.Segment) error) error {
	var d packet.Decoder
	var s packet.Segment
	return c.Each(ctx, func(f *packet.Frame) error {
		if d.Decode(f, &s) != packet.IsSegment {
			return nil
		}
		return visit(f, &s)
	})
}

// each reads a ring. When the context ends, the filter is closed and what is in
// the ring is read.
func (r *ring) each(ctx context.Context, visit func(*packet.Frame) error, calm func() error) error {
	var over atomic.Bool
	defer context.AfterFunc(ctx, func() { over.Store(true) })()
	closed := false
	var f packet.Frame
	for {
		if over.Load() && !closed {
			if closed = true; r.filterBy(nothing) != nil {
				return nil // then reading would not end
			}
		}
		ok, err := r.next(&f)
		if err != nil {
			return fmt.Errorf("capture on %s: %w", r.name, err)
		}
		if !ok {
			if closed {
				return nil
			}
			if err := calm(); err != nil {
				return err
			}
			continue
		}
		if err := visit(&f); err != nil {
			return err
		}
	}
}
