package fate

import (
	"cmp"
	"container/heap"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// When a timer of a half-open connection runs out and the queue of its listener
// is more than half full, the kernel allows fewer re-sends of the SYN-ACK: one
// less each time that the young ones, which were never sent again, would have to
// double to be more than half of the queue (reqsk_timer_handler). So a full
// queue is thinned until it is half full, and what one entry has to expect
// depends on all the others.
const (
	fewestSynAcks = 2 // re-sends that the rule leaves
	shortestQueue = 8 // a shorter limit counts as this one
)

// Among returns a forecast that knows how full the queues of half-open
// connections are. sockets are those of one namespace, listeners and requests
// among them; others are not looked at.
func (f Forecast) Among(sockets []host.Socket) Forecast {
	f.together = map[connection]time.Duration{}
	for _, q := range queuesOf(sockets) {
		if q.crowded() { // else the rule touches none of them
			q.foretell(f.limits, f.together)
		}
	}
	return f
}

type connection struct{ local, remote netip.AddrPort }

// halfOpen is one entry of a queue.
type halfOpen struct {
	connection
	expires time.Duration // when its timer runs out next, from now
	resent  int           // SYN-ACKs sent again by its timer
}

// queue is the half-open connections of one listener, ordered by their timers.
type queue struct {
	entries []halfOpen
	limit   int // what listen() was given; summed over those that share the port
	young   int
}

func queuesOf(sockets []host.Socket) map[netip.AddrPort]*queue {
	listening := host.NewListening(sockets)
	queues := map[netip.AddrPort]*queue{}
	for i := range sockets {
		s := &sockets[i]
		if s.State != tcp.SynReceived || s.Kind != host.Request {
			continue
		}
		at, ok := listening.Of(s.Local)
		if !ok {
			continue
		}
		if queues[at] == nil {
			queues[at] = &queue{}
		}
		queues[at].add(s)
	}
	for i := range sockets {
		if s := &sockets[i]; s.State == tcp.Listen && queues[s.Local] != nil {
			queues[s.Local].limit += int(s.SendQueue)
		}
	}
	return queues
}

func (q *queue) add(s *host.Socket) {
	expired := expiries(s)
	q.entries = append(q.entries, halfOpen{connection{s.Local, s.Remote}, max(0, s.Expires), expired})
	if expired == 0 {
		q.young++
	}
}

// expiries is how often the timer of a request has run out, or at most: an answer
// to a client that sent its SYN again counts as one where only sock_diag was asked.
func expiries(s *host.Socket) int {
	if s.Inner != nil {
		return int(s.Inner.Timeouts)
	}
	return int(s.Retransmits)
}

// foretell lets the timers run out one after the other.
func (q *queue) foretell(l limits, leaves map[connection]time.Duration) {
	waits := l.synAckSchedule()
	heap.Init(q)
	for len(q.entries) > 0 {
		next := &q.entries[0]
		if next.resent >= q.allowed(l.synAckRetries) {
			leaves[next.connection] = next.expires
			if next.resent == 0 {
				q.young--
			}
			heap.Pop(q)
			continue
		}
		if next.resent == 0 {
			q.young--
		}
		next.resent++
		next.expires += waits[min(next.resent, len(waits)-1)]
		heap.Fix(q, 0)
	}
}

// allowed is how many SYN-ACKs may be sent again, as full as the queue is now.
func (q *queue) allowed(retries int) int {
	if !q.crowded() {
		return retries
	}
	length := len(q.entries)
	for young := 2 * q.young; retries > fewestSynAcks && length >= young; young *= 2 {
		retries--
	}
	return retries
}

func (q *queue) crowded() bool { return 2*len(q.entries) > max(shortestQueue, q.limit) }

// Len, Less, Swap, Push and Pop make the queue a heap by the next timer.
func (q *queue) Len() int { return len(q.entries) }

func (q *queue) Less(i, j int) bool {
	a, b := &q.entries[i], &q.entries[j]
	return cmp.Or(cmp.Compare(a.expires, b.expires), a.remote.Compare(b.remote)) < 0
}

func (q *queue) Swap(i, j int) { q.entries[i], q.entries[j] = q.entries[j], q.entries[i] }

func (q *queue) Push(entry any) { q.entries = append(q.entries, entry.(halfOpen)) }

func (q *queue) Pop() any {
	last := len(q.entries) - 1
	entry := q.entries[last]
	q.entries = q.entries[:last]
	return entry
}
