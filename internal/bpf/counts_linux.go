package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// Counter counts the TCP sockets of a network namespace inside the kernel.
type Counter struct {
	*iterator
	byListener bool
}

// ErrTooManyListeners says that there are more listeners than the kernel's table
// has room for.
var ErrTooManyListeners = errors.New("there are too many listeners to count by them in the kernel")

// OpenCounter loads the program. The error says what is missing.
func OpenCounter(byListener bool) (*Counter, error) {
	set := func(spec *ebpf.CollectionSpec) error {
		if !byListener {
			spec.Maps["listeners"].MaxEntries = 1
		}
		return spec.Variables["by_listener"].Set(flag(byListener))
	}
	it, err := openIterator(countsObject, "counts", 1, set, SocketIterator)
	if err != nil {
		return nil, err
	}
	return &Counter{it, byListener}, nil
}

// Count counts the sockets of the calling thread's network namespace.
func (c *Counter) Count() (counts Counts, err error) {
	if err := c.reset(); err != nil {
		return counts, err
	}
	if err := c.each(func([]byte) error { return nil }); err != nil {
		return counts, err
	}
	if err := c.objects.Variables["others"].Get(&counts.Others); err != nil || !c.byListener {
		return counts, err
	}
	var tooMany uint64
	if err := c.objects.Variables["too_many"].Get(&tooMany); err != nil {
		return counts, err
	}
	if tooMany > 0 {
		return counts, ErrTooManyListeners
	}
	counts.Listeners, err = c.listeners()
	return counts, err
}

// listeners reads the kernel's table.
func (c *Counter) listeners() (list []ListenerCounts, err error) {
	place, sums := make([]byte, sizeOfPlace), make([]byte, sizeOfSums)
	all := c.objects.Maps["listeners"].Iterate()
	for all.Next(&place, &sums) {
		var one ListenerCounts
		one.decode(place, sums)
		list = append(list, one)
	}
	if err := all.Err(); err != nil {
		return nil, fmt.Errorf("bpf: read the sums: %w", err)
	}
	return list, nil
}

// reset forgets an earlier count.
func (c *Counter) reset() error {
	table, place := c.objects.Maps["listeners"], make([]byte, sizeOfPlace)
	for table.NextKey(nil, &place) == nil {
		if err := table.Delete(place); err != nil {
			return fmt.Errorf("bpf: clear the sums: %w", err)
		}
	}
	return errors.Join(c.objects.Variables["others"].Set(Cells{}), c.objects.Variables["too_many"].Set(uint64(0)))
}
