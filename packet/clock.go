package packet

import (
	"math"
	"math/bits"
)

// Clock says what an interface's timestamps count: the options if_tsresol and
// if_tsoffset of pcapng.
type Clock struct {
	Units  uint64 // ticks a second, a power of ten or of two
	Offset int64  // seconds from 1970-01-01 00:00 UTC to the clock's zero
}

const second = 1_000_000_000 // nanoseconds

// resolution reads if_tsresol: a negative power of ten, or with the highest bit
// of two. What does not fit into 64 bits is refused.
func resolution(v byte) (units uint64, ok bool) {
	const binary, maxTen = 0x80, 19
	if v&binary != 0 {
		return 1 << (v & 63), v&^binary < 64
	}
	if v > maxTen {
		return 0, false
	}
	units = 1
	for range v {
		units *= 10
	}
	return units, true
}

// nanoseconds converts ticks to nanoseconds since 1970. Times that do not fit
// become the nearest that does.
func (c Clock) nanoseconds(ticks uint64) int64 {
	seconds, rest := ticks/c.Units, ticks%c.Units
	high, low := bits.Mul64(rest, second)
	fraction, _ := bits.Div64(high, low, c.Units) // rest < Units, so it fits
	return joined(saturatedAdd(seconds, c.Offset), int64(fraction))
}

// joined puts together seconds and nanoseconds.
func joined(seconds, fraction int64) int64 {
	const limit = math.MaxInt64/second - 5 // fractions of damaged records are up to 4 s
	switch {
	case seconds > limit:
		return math.MaxInt64
	case seconds < -limit:
		return math.MinInt64
	default:
		return seconds*second + fraction
	}
}

func saturatedAdd(seconds uint64, offset int64) int64 {
	if seconds > math.MaxInt64/2 {
		return math.MaxInt64
	}
	total := int64(seconds) + offset
	if offset > 0 && total < offset {
		return math.MaxInt64
	}
	return total
}
