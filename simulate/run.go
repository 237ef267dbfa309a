package simulate

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Stopped says why a run is over.
type Stopped uint8

// Why a run is over.
const (
	Quiet    Stopped = iota // nothing more can happen: no packet is under way, no timer runs
	TimeIsUp                // MaxTime is over
	TooMuch                 // MaxCount things have happened
)

// Result is what came of a run.
type Result struct {
	Trace    Trace
	States   [2]tcp.State
	End      time.Duration // when the last thing happened
	Segments int           // sent, by whomever
	Lost     int           // of them
	Stopped  Stopped
	Listener tcp.ListenerCounters // of a Service
}

// Run plays a Config to its end.
func Run(c Config) Result {
	r := newRun(c)
	for {
		o, ok := r.queue.pop()
		switch {
		case !ok:
			return r.over(Quiet)
		case o.at > r.c.MaxTime:
			return r.over(TimeIsUp)
		case r.happened >= r.c.MaxCount:
			return r.over(TooMuch)
		}
		r.now = o.at
		r.happen(o)
	}
}

// run is a Config that is being played.
type run struct {
	c       Config
	now     time.Duration
	queue   queue
	network network
	parcels parcels

	ends     []*end                  // originator, responder, then crowd and accepted connections
	accepted map[netip.AddrPort]*end // connections of the Service by the peer's socket
	service  *service
	states   [2]tcp.State        // as they are shown
	ready    []bool              // by act: its At has come
	waiting  []int               // acts whose state has not come yet
	hosts    map[netip.Addr]*end // of the crowd
	crowded  int                 // of the crowd, how many have opened
	flooded  int                 // of the flood, how many SYNs came
	random   *rand.Rand          // of the flood

	happened int
	number   int // of the last packet shown
	result   Result
	h        Happening
}

func newRun(c Config) *run {
	c.fill()
	r := &run{c: c, network: newNetwork(&c), accepted: map[netip.AddrPort]*end{}, hosts: map[netip.Addr]*end{},
		ready: make([]bool, len(c.Script)), random: randomFrom(c.Seed, 2)}
	if r.c.Watch == nil {
		r.c.Watch = func(h *Happening) { r.result.Trace = append(r.result.Trace, *h) }
	}
	for side := range Side(2) {
		r.ends = append(r.ends, newEnd(side, c.Ends[side], c.Seed+uint64(side)))
		r.states[side] = tcp.Closed
	}
	if c.Service != nil {
		r.listen()
	}
	for i := range c.Script {
		when := &c.Script[i].When
		at := bounded(when.At)
		if when.State == tcp.Unknown {
			at += bounded(when.After)
		}
		r.queue.push(at, actDue, i)
	}
	if c.Crowd.Size > 0 {
		r.queue.push(bounded(c.Crowd.From), crowdDue, 0)
	}
	if c.Flood.SYNs > 0 {
		r.queue.push(bounded(c.Flood.From), floodDue, 0)
	}
	return r
}

func (r *run) over(why Stopped) Result {
	r.result.Stopped, r.result.States = why, r.states
	if r.service != nil {
		r.result.Listener = r.service.listener.Counters()
	}
	return r.result
}

func (r *run) happen(o occasion) {
	r.happened++
	switch o.what {
	case arrivalDue:
		r.arrive(int(o.index))
	case timerDue:
		r.fire(r.ends[o.index])
	case queuesDue:
		r.expire()
	case actDue:
		r.act(int(o.index))
	case floodDue:
		r.flood()
	case crowdDue:
		r.crowd()
	}
}

// note prepares a Happening. The caller fills it and gives it to say.
func (r *run) note(kind Kind, side Side) *Happening {
	r.h = Happening{Kind: kind, Side: side, At: r.now, States: r.states}
	return &r.h
}

func (r *run) say() {
	r.happened++
	r.c.Watch(&r.h)
}

// tell notes what the network or the story does.
func (r *run) tell(side Side, why string, counts ...int) {
	h := r.note(Noted, side)
	h.Why = why
	copy(h.Counts[:], counts)
	r.say()
}

// enter sets the state in which an end is shown, and wakes the acts that waited
// for it.
func (r *run) enter(side Side, state tcp.State) {
	if r.states[side] == state {
		return
	}
	r.states[side] = state
	for i := 0; i < len(r.waiting); {
		index := r.waiting[i]
		when := &r.c.Script[index].When
		if when.Of != side || when.State != state {
			i++
			continue
		}
		r.waiting = append(r.waiting[:i], r.waiting[i+1:]...)
		r.queue.push(r.now+bounded(when.After), actDue, index)
	}
}
