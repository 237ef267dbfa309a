package live

import "time"

// pause spaces out work so that it takes a twentieth of the time at most,
// however long one turn of it takes.
type pause struct {
	least time.Duration // between two turns
	next  time.Time
}

func (p *pause) over(now time.Time) bool { return !now.Before(p.next) }

// took notes a turn that began at now.
func (p *pause) took(now time.Time, cost time.Duration) {
	const share = 20
	p.next = now.Add(max(p.least, share*cost))
}
