package bpf

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
)

// readRing hands over the records that wait in a ring buffer and those that come
// until the deadline. Where they come faster than they are used it returns a
// second later.
func readRing(reader *ringbuf.Reader, record *ringbuf.Record, deadline time.Time, use func([]byte) error) error {
	const between = 1024 // records from one look at the clock to the next
	latest := deadline.Add(time.Second)
	reader.SetDeadline(deadline)
	for n := 1; n%between != 0 || time.Now().Before(latest); n++ {
		err := reader.ReadInto(record)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return fmt.Errorf("bpf: read the ring buffer: %w", err)
		}
		if err := use(record.RawSample); err != nil {
			return err
		}
	}
	return nil
}

// sumOf adds up what each processor has in an array of counters.
func sumOf(array *ebpf.Map, at uint32) (sum uint64, err error) {
	var each []uint64
	if err := array.Lookup(at, &each); err != nil {
		return 0, fmt.Errorf("bpf: read the counters: %w", err)
	}
	for _, n := range each {
		sum += n
	}
	return sum, nil
}

// missed is how often the kernel left programs out because they were running
// already on that processor. Linux counts it since 5.12; before, it is 0.
func missed(objects *ebpf.Collection) (n uint64, err error) {
	for name, program := range objects.Programs {
		stats, err := program.Stats()
		if err != nil {
			return 0, fmt.Errorf("bpf: read the counters of %s: %w", name, err)
		}
		n += stats.RecursionMisses
	}
	return n, nil
}
