package live

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// Counter counts the sockets of network namespaces inside the kernel.
type Counter struct{ counter *bpf.Counter }

// OpenCounter makes ready to count by state; the error says which right or
// feature is missing.
func OpenCounter() (*Counter, error) { return openCounter(false) }

// OpenListenerCounter makes ready to count by state and listener.
func OpenListenerCounter() (*Counter, error) { return openCounter(true) }

func openCounter(byListener bool) (*Counter, error) {
	counter, err := bpf.OpenCounter(byListener)
	if err != nil {
		return nil, err
	}
	return &Counter{counter}, nil
}

// Count counts the sockets of the calling thread's network namespace by state.
func (c *Counter) Count() (tcp.Counts, error) {
	found, err := c.counter.Count()
	counts := countsOf(&found.Others)
	for i := range found.Listeners {
		for state, n := range countsOf(&found.Listeners[i].Cells) {
			counts[state] += n
		}
	}
	return counts, err
}

// ByListener counts the sockets of the calling thread's network namespace by
// state and by the listener that they are, or came in through. Others are those
// that came in through none.
func (c *Counter) ByListener() (listeners map[netip.AddrPort]tcp.Counts, others tcp.Counts, err error) {
	found, err := c.counter.Count()
	if err != nil {
		return nil, others, err
	}
	listeners = make(map[netip.AddrPort]tcp.Counts, len(found.Listeners))
	for i := range found.Listeners {
		listeners[found.Listeners[i].Local] = countsOf(&found.Listeners[i].Cells)
	}
	return listeners, countsOf(&found.Others), nil
}

// Close frees what the kernel keeps.
func (c *Counter) Close() error { return c.counter.Close() }

// countsOf forgets the kinds.
func countsOf(cells *bpf.Cells) (counts tcp.Counts) {
	for number, n := range cells {
		state, _ := host.StateOfLinux(uint8(number))
		if number == bpf.WaitingOrphans {
			state = tcp.FinWait2
		}
		if n > 0 {
			counts[state] += n
		}
	}
	return counts
}
