package lab

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// JoinSlowly lays a cable that takes time: what enters at one end leaves at the
// other after the delay. Two interfaces without addresses in a namespace of
// their own stand for the cable.
func (w *World) JoinSlowly(a, b End, delay time.Duration) {
	cable := w.wall("cable")
	w.Join(a, cable.At("left"))
	w.Join(b, cable.At("right"))
	w.step("cable", func() error { return w.carry(cable.Namespace, delay) })
}

// wall is a namespace that only holds the ends of links: its kernel has no
// address, not even an automatic one, and says nothing.
func (w *World) wall(name string) *Host {
	h := &Host{world: w, Namespace: &Namespace{Name: name}}
	w.step(name, func() error {
		n, err := NewNamespace(name)
		if err != nil {
			return err
		}
		h.Namespace = n
		w.atEnd(n.Close)
		if err := n.Set("net.ipv6.conf.default.disable_ipv6", "1"); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	})
	return h
}

// carry moves frames both ways until the world ends.
func (w *World) carry(cable *Namespace, delay time.Duration) error {
	left, err := cable.openFrames("left", true)
	if err != nil {
		return err
	}
	right, err := cable.openFrames("right", true)
	if err != nil {
		left.close()
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	var readers sync.WaitGroup
	readers.Go(func() { relay(ctx, left, right, delay) })
	readers.Go(func() { relay(ctx, right, left, delay) })
	w.atEnd(func() error {
		stop()
		readers.Wait()
		left.close()
		right.close()
		return nil
	})
	return nil
}

// underway is a frame on the cable.
type underway struct {
	data []byte
	due  time.Time
}

// relay writes what came in at one end to the other one, in order, when its
// time has come.
func relay(ctx context.Context, from, to *frames, delay time.Duration) {
	queue := make(chan underway, 1<<14)
	var writer sync.WaitGroup
	writer.Go(func() {
		for u := range queue {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(u.due)):
				_ = to.write(u.data) // lost, as on a real wire
			}
		}
	})
	buffer := make([]byte, 1<<17)
	for ctx.Err() == nil {
		got, ok, err := from.read(buffer)
		if err != nil {
			break
		}
		if !ok || got.out {
			continue
		}
		select {
		case queue <- underway{append([]byte(nil), got.data...), time.Now().Add(delay)}:
		default: // full: lost
		}
	}
	close(queue)
	writer.Wait()
}
