package pasted

import (
	"math"
	"strconv"
	"time"
)

// decimal reads a whole number up to limit.
func decimal(b []byte, limit uint64) (uint64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		digit := uint64(c - '0')
		if c < '0' || c > '9' || n > (limit-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, n <= limit
}

// hexadecimal reads a whole hexadecimal number of at most 16 digits.
func hexadecimal(b []byte) (uint64, bool) {
	if len(b) == 0 || len(b) > 16 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		digit := hexDigit(c)
		if digit > 15 {
			return 0, false
		}
		n = n<<4 | uint64(digit)
	}
	return n, true
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

func u32(b []byte) (uint32, bool) {
	n, ok := decimal(b, math.MaxUint32)
	return uint32(n), ok
}

// saturated keeps a count in eight bits.
func saturated(n uint64) uint8 { return uint8(min(n, math.MaxUint8)) }

// longest bounds times: no timer of TCP runs longer, and sums cannot overflow.
const longest = 365 * 24 * time.Hour

// amount reads a number that may have a fraction and a unit, "1.5ms"; 0 when it
// is none.
func amount(b []byte, unit time.Duration) time.Duration {
	end := 0
	for end < len(b) && (b[end] >= '0' && b[end] <= '9' || b[end] == '.') {
		end++
	}
	n, err := strconv.ParseFloat(string(b[:min(end, 32)]), 64)
	if err != nil {
		return 0
	}
	return time.Duration(min(n*float64(unit), float64(longest)))
}
