package host

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var timerWords = []string{
	TimerOff:        "off",
	TimerRetransmit: "on",
	TimerKeepalive:  "keepalive",
	TimerTimeWait:   "timewait",
	TimerProbe:      "probe",
	TimerDelayedAck: "delack",
}

// newerTimer starts the word of a timer that a newer kernel may add.
const newerTimer = "timer-"

// String returns "off", "on", "keepalive", "timewait", "probe" or "delack"; a
// number that only a newer kernel knows gives "timer-6".
func (t Timer) String() string {
	if int(t) < len(timerWords) {
		return timerWords[t]
	}
	return newerTimer + strconv.Itoa(int(t))
}

// MarshalText returns the word of String. It never fails: a dump of a newer
// kernel must still be saved.
func (t Timer) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a word of String; "persist", the word of ss, is "probe".
func (t *Timer) UnmarshalText(text []byte) error {
	word := string(text)
	if word == "persist" {
		word = "probe"
	}
	if i := slices.Index(timerWords, word); i >= 0 {
		*t = Timer(i)
		return nil
	}
	digits, isNewer := strings.CutPrefix(word, newerTimer)
	number, err := strconv.ParseUint(digits, 10, 8)
	if !isNewer || err != nil {
		return fmt.Errorf("%q is not a socket timer: %s", text, strings.Join(timerWords, ", "))
	}
	*t = Timer(number)
	return nil
}
