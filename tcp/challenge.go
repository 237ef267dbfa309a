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
