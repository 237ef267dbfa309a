package simulate

import "time"

// occasion is a time at which something is due.
type occasion struct {
	at    time.Duration
	order uint64 // among those of one time: who came first
	what  due
	index int32 // of what is due in its list
}

// due says what an occasion is about.
type due uint8

const (
	arrivalDue due = iota // a parcel arrives
	timerDue              // a timer of an end may fire
	queuesDue             // a timer in the queues of the listener may fire
	actDue                // a line of the script
	floodDue              // the next SYN of a flood
	crowdDue              // the next of a crowd opens
)

func (o *occasion) before(p *occasion) bool {
	return o.at < p.at || o.at == p.at && o.order < p.order
}

// queue is a binary heap of occasions.
type queue struct {
	heap  []occasion
	order uint64
}

func (q *queue) push(at time.Duration, what due, index int) {
	q.order++
	o := occasion{at, q.order, what, int32(index)}
	q.heap = append(q.heap, o)
	i := len(q.heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !o.before(&q.heap[parent]) {
			break
		}
		q.heap[i] = q.heap[parent]
		i = parent
	}
	q.heap[i] = o
}

// pop returns the earliest occasion, false if there is none.
func (q *queue) pop() (first occasion, ok bool) {
	if len(q.heap) == 0 {
		return occasion{}, false
	}
	first = q.heap[0]
	end := len(q.heap) - 1
	last := q.heap[end]
	q.heap = q.heap[:end]
	if end > 0 {
		q.sink(last)
	}
	return first, true
}

// sink puts an occasion in its place from the top down.
func (q *queue) sink(o occasion) {
	i, n := 0, len(q.heap)
	for {
		child := 2*i + 1
		if child >= n {
			break
		}
		if child+1 < n && q.heap[child+1].before(&q.heap[child]) {
			child++
		}
		if !q.heap[child].before(&o) {
			break
		}
		q.heap[i] = q.heap[child]
		i = child
	}
	q.heap[i] = o
}
