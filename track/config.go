package track

import "time"

// Config is what a Tracker is made with. The zero value is usable.
type Config struct {
	// Memory caps what the tables take, in octets; 0 means 256 MiB, and less
	// than 1 MiB means that. A quarter is for attempts that nobody answered.
	Memory int

	// Seed keys the hash, so that nobody can choose addresses that collide.
	// Give a random one wherever the traffic may be hostile.
	Seed uint64

	// TimeWait is 2 MSL by the clock of the capture; 0 means 60 s, as Linux has it.
	TimeWait time.Duration

	// Attempt is how long an unanswered SYN is waited for before its place may be
	// given away; 0 means 70 s, the longest pause between two SYNs of Linux and a little.
	Attempt time.Duration

	// List keeps a record of each connection for Each. It costs five times the
	// memory of a connection and more, within Memory: see Unlisted.
	List bool

	// Transitions keeps the changes of state of listed connections, the first 16 of each.
	Transitions bool

	// Efforts keeps what each end of listed connections does over and over. It
	// doubles what a record takes.
	Efforts bool

	// Watch is told of each segment of a listed connection that changes the
	// likely state of an end, or shows an anomaly: at the latest by the next
	// Flush. The Event is its own only until it returns.
	Watch func(*Event)
}

const (
	defaultMemory   = 256 << 20
	smallestMemory  = 1 << 20
	defaultTimeWait = 60 * time.Second
	defaultAttempt  = 70 * time.Second
)

func (c Config) complete() Config {
	if c.Memory <= 0 {
		c.Memory = defaultMemory
	}
	c.Memory = max(c.Memory, smallestMemory)
	if c.TimeWait <= 0 {
		c.TimeWait = defaultTimeWait
	}
	if c.Attempt <= 0 {
		c.Attempt = defaultAttempt
	}
	c.List = c.List || c.Transitions || c.Efforts || c.Watch != nil
	return c
}

// ticks are the unit of time of the tables: 2^16 ns, about 65.5 us. They wrap
// after 78 hours, and are compared as sequence numbers are.
const tickShift = 16

func ticksOf(ns int64) uint32                { return uint32(ns >> tickShift) }
func ticksIn(d time.Duration) uint32         { return uint32(min(int64(d)>>tickShift, 1<<31-1)) }
func idle(now, then, limit uint32) bool      { return int32(now-then) > 0 && now-then > limit }
func nanoseconds(ticks uint32) time.Duration { return time.Duration(ticks) << tickShift }
