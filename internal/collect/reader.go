package collect

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// Way is an interface of the kernel by which sockets are read.
type Way string

// The ways.
const (
	Quickest   Way = "auto"     // whichever is quicker for what is asked
	ByIterator Way = "iterator" // the kernel's BPF iterator, which needs CAP_BPF and CAP_PERFMON
	ByNetlink  Way = "netlink"  // sock_diag
)

// Ways returns the words of all of them.
func Ways() []string { return []string{string(Quickest), string(ByIterator), string(ByNetlink)} }

// The least number of sockets for which the iterator is quicker. To load its
// program takes some 18 ms; then it counts a socket in 0.4 us instead of 0.8, and
// copies it in 0.6 us (docs/performance.md).
const (
	manyToCount = 50_000
	manyToCopy  = 100_000
)

// Reader reads the sockets of network namespaces, of the calling thread's one
// each time, and knows by which way it did. Where the iterator is not to be had
// it reads by netlink.
type Reader struct {
	way      Way
	prepared bool // the iterator's program is as good as loaded: it is used for fewer sockets, too
	used     Way
	missing  error // why there is no iterator, once one was tried

	counters map[bool]*live.Counter // by whether they count by listener
	sockets  map[live.SocketOptions]*live.Sockets
}

// NewReader makes a reader. It opens what it needs when it needs it.
func NewReader(way Way) *Reader {
	return &Reader{way: way, used: ByNetlink, counters: map[bool]*live.Counter{}, sockets: map[live.SocketOptions]*live.Sockets{}}
}

// Prepared tells the reader that another iterator is in use: the kernel's types,
// most of the price of one more, have been read.
func (r *Reader) Prepared() { r.prepared = true }

// Count returns how many sockets are in each state.
func (r *Reader) Count(ctx context.Context) (tcp.Counts, sockdiag.Result, error) {
	if counter := r.counter(false); counter != nil {
		counts, err := counter.Count()
		if err == nil {
			return counts, sockdiag.Result{Sockets: int(counts.Total())}, nil
		}
		r.gaveUp(err)
	}
	return sockdiag.Count(ctx, sockdiag.Options{})
}

// CountByListener returns how many sockets of each listener are in each state,
// and of no listener. ok is false where only the sockets themselves can tell.
func (r *Reader) CountByListener() (listeners map[netip.AddrPort]tcp.Counts, others tcp.Counts, ok bool) {
	counter := r.counter(true)
	if counter == nil {
		return nil, others, false
	}
	listeners, others, err := counter.ByListener()
	if err != nil {
		r.gaveUp(err)
	}
	return listeners, others, err == nil
}

// Dump calls each for every socket that the options select, as sockdiag.Dump
// does. With a filter, which only netlink has, and for few states, which netlink
// finds more quickly, netlink is asked unless the iterator is demanded; then a
// filter is the caller's to apply.
func (r *Reader) Dump(ctx context.Context, o sockdiag.Options, each func(*host.Socket) error) (sockdiag.Result, error) {
	sockets := r.iterator(o)
	if sockets == nil {
		return sockdiag.Dump(ctx, o, each)
	}
	var result sockdiag.Result
	err := sockets.Each(func(s *host.Socket) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if result.Sockets++; !o.Info {
			s.HasInfo, s.Info = false, host.Info{}
		}
		if !o.Memory {
			s.HasMemory, s.Memory = false, host.Memory{}
		}
		return each(s)
	})
	return result, err
}

// Filters tells whether a filter of such a dump will have been applied.
func (r *Reader) Filters(o sockdiag.Options) bool { return o.Filter == nil || r.iterator(o) == nil }

// Snapshot collects a dump. If the iterator fails netlink is asked.
func (r *Reader) Snapshot(ctx context.Context, o sockdiag.Options) (host.Snapshot, error) {
	shot, err := r.snapshot(ctx, o)
	if err != nil && r.used == ByIterator && ctx.Err() == nil {
		r.gaveUp(err)
		return r.snapshot(ctx, o)
	}
	return shot, err
}

func (r *Reader) snapshot(ctx context.Context, o sockdiag.Options) (host.Snapshot, error) {
	shot := host.Snapshot{Time: time.Now(), States: o.States, Sockets: make([]host.Socket, 0, max(0, o.Expected))}
	if shot.States == 0 {
		shot.States = tcp.AllStates
	}
	result, err := r.Dump(ctx, o, func(s *host.Socket) error {
		shot.Sockets = append(shot.Sockets, *s)
		return nil
	})
	shot.Interrupted = result.Interrupted
	return shot, err
}

// Listeners returns the listeners with both of their queues. The iterator stops
// behind them and tells how long the half-open queue is; without it the half-open
// connections come along, to be counted.
func (r *Reader) Listeners(ctx context.Context) (host.Snapshot, error) {
	only := sockdiag.Options{States: tcp.SetOf(tcp.Listen), Info: true, Memory: true}
	if r.way != ByNetlink && r.open(live.SocketOptions{States: only.States, Details: true}) != nil {
		if shot, err := r.Snapshot(ctx, only); err != nil || r.used == ByIterator {
			return shot, err
		}
	}
	return r.Snapshot(ctx, sockdiag.Options{States: tcp.SetOf(tcp.Listen, tcp.SynReceived), Memory: true})
}

// iterator returns the iterator for a dump, nil where netlink does it.
func (r *Reader) iterator(o sockdiag.Options) *live.Sockets {
	wanted := live.SocketOptions{States: o.States, Details: o.Info || o.Memory}
	if o.BoundInactive && r.way == ByIterator {
		r.missing = errors.New("the iterator does not show sockets that are only bound")
	}
	switch {
	case o.BoundInactive || o.NetNS != 0 || r.missing != nil:
	case r.way == ByIterator, r.sockets[wanted] != nil:
		return r.open(wanted)
	case r.way == Quickest && o.Filter == nil && (o.States == 0 || o.States.Has(tcp.Established)) && r.many(manyToCopy):
		return r.open(wanted)
	}
	r.used = ByNetlink
	return nil
}

// open returns the iterator with these options, nil where there is none.
func (r *Reader) open(o live.SocketOptions) *live.Sockets {
	sockets := r.sockets[o]
	if sockets == nil && r.missing == nil {
		var err error
		if sockets, err = live.OpenSockets(o); err != nil {
			r.gaveUp(err)
			return nil
		}
		r.sockets[o], r.prepared = sockets, true
	}
	if sockets != nil {
		r.used = ByIterator
	}
	return sockets
}

func (r *Reader) counter(byListener bool) *live.Counter {
	counter := r.counters[byListener]
	r.used = ByNetlink
	switch {
	case r.missing != nil || r.way == ByNetlink:
		return nil
	case counter == nil && r.way == Quickest && !r.many(manyToCount):
		return nil
	case counter == nil:
		open := live.OpenCounter
		if byListener {
			open = live.OpenListenerCounter
		}
		var err error
		if counter, err = open(); err != nil {
			r.gaveUp(err)
			return nil
		}
		r.counters[byListener], r.prepared = counter, true
	}
	r.used = ByIterator
	return counter
}

// gaveUp notes why the iterator is not used from now on.
func (r *Reader) gaveUp(why error) { r.missing, r.used = why, ByNetlink }

// many tells whether there are so many sockets, in the calling thread's network
// namespace and by the kernel's own account, that loading a program pays.
func (r *Reader) many(least int) bool {
	if r.prepared {
		least /= 16 // some 1 ms instead of 18
	}
	counters, _ := kernel.Host.Counters() // what cannot be read is not many
	return expected(counters) >= least
}

// expected is how many sockets the kernel's counters tell of, requests excepted.
func expected(c host.Counters) int {
	n := max(0, c.Values["sockstat.TCP.inuse"]+c.Values["sockstat6.TCP6.inuse"]+c.Values["sockstat.TCP.tw"])
	return int(min(n, 1<<24))
}

// Sources says by which way sockets were read last and, if the iterator was
// wanted and is missing, why.
func (r *Reader) Sources() []evidence.Source {
	source := evidence.Source{Name: evidence.SourceSockets, OK: true, By: string(r.used)}
	if r.missing != nil {
		source.Why = r.missing.Error()
	}
	return []evidence.Source{source}
}

// Missing is why the iterator was not used although it was wanted, nil if it was
// used or not wanted.
func (r *Reader) Missing() error { return r.missing }

// untold says why nothing is known of what netlink does not tell, nil if it is.
func (r *Reader) untold() error {
	if r.missing == nil && r.used == ByNetlink {
		return errors.New("netlink was asked, which does not tell")
	}
	return r.missing
}

// Close frees what the kernel keeps.
func (r *Reader) Close() error {
	var errs []error
	for _, c := range r.counters {
		errs = append(errs, c.Close())
	}
	for _, s := range r.sockets {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
