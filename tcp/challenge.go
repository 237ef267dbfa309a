package tcp

import "time"

// challenges counts challenge ACKs, so that nobody can make an end send them
// without limit (RFC 5961 section 7).
type challenges struct {
	since time.Duration // when the period began
	sent  int           // since then
}

// allow tells whether one more may be sent at this time, and counts it.
func (c *challenges) allow(now time.Duration, limit int, period time.Duration) bool {
	if c.sent == 0 || now-c.since >= period {
		c.since, c.sent = now, 0
	}
	if limit >= 0 && c.sent >= limit {
		return false
	}
	c.sent++
	return true
}

// limited takes the ACK out of the actions when the segment that it would answer
// is dropped, is empty, and comes too soon after another such. By the letter of
// RFC 9293 two ends that find each other's ACKs unacceptable answer each other
// without end (RFC 1337 section 2, hazard 2), and so they do where the network
// lets ACKs with timestamps overtake one another.
func (e *Endpoint) limited(actions Actions) Actions {
	if !actions.Has(SendACK|DropSegment) || e.seg.Len() > 0 || e.cfg.InvalidInterval < 0 {
		return actions
	}
	if !e.invalid.allow(e.now, 1, e.cfg.InvalidInterval) {
		actions &^= SendACK
	}
	return actions
}
