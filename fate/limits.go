package fate

import (
	"strconv"
	"time"

	"github.com/synoptic-net/synoptic/host"
)

// Bounds of the retransmission timeout that the kernel reckons with when it
// decides whether to give up (TCP_RTO_MIN, TCP_TIMEOUT_INIT).
const (
	rtoMin  = 200 * time.Millisecond
	rtoInit = time.Second
)

// most bounds what a setting may say: the kernel keeps retries in a byte.
const most = 255

// limits are the settings that end a stay.
type limits struct {
	synRetries, synLinear, synAckRetries int
	retries2, orphanRetries              int
	keepaliveProbes                      int
	keepaliveTime, keepaliveInterval     time.Duration
	finTimeout, rtoMax                   time.Duration
}

func limitsOf(settings host.Settings) limits {
	get := func(name string, fallback, least, most int) int {
		n, err := strconv.Atoi(settings[name])
		if err != nil || n < least || n > most {
			return fallback
		}
		return n
	}
	l := limits{
		synRetries:        get("net.ipv4.tcp_syn_retries", 6, 1, most),
		synLinear:         get("net.ipv4.tcp_syn_linear_timeouts", 4, 0, most),
		synAckRetries:     get("net.ipv4.tcp_synack_retries", 5, 0, most),
		retries2:          get("net.ipv4.tcp_retries2", 15, 0, most),
		orphanRetries:     get("net.ipv4.tcp_orphan_retries", 0, 0, most),
		keepaliveProbes:   get("net.ipv4.tcp_keepalive_probes", 9, 1, most),
		keepaliveTime:     time.Duration(get("net.ipv4.tcp_keepalive_time", 7200, 1, 32767)) * time.Second,
		keepaliveInterval: time.Duration(get("net.ipv4.tcp_keepalive_intvl", 75, 1, 32767)) * time.Second,
		finTimeout:        time.Duration(get("net.ipv4.tcp_fin_timeout", 60, 0, 120)) * time.Second,
		rtoMax:            time.Duration(get("net.ipv4.tcp_rto_max_ms", 120_000, 1000, 120_000)) * time.Millisecond,
	}
	if l.orphanRetries == 0 {
		l.orphanRetries = 8 // tcp_orphan_retries(): 0 means 8 for a live error-free socket
	}
	return l
}

// A schedule is the waits between sendings: wait i is between the i-th
// sending again and the next one, the last one ends in giving up.

// synSchedule: the first tcp_syn_linear_timeouts waits and the one before them
// are a second each, then tcp_syn_retries more double it
// (tcp_retransmit_timer, tcp_write_timeout).
func (l limits) synSchedule() []time.Duration {
	waits := make([]time.Duration, 0, l.synLinear+l.synRetries+1)
	for range l.synLinear {
		waits = append(waits, rtoInit)
	}
	return append(waits, doubling(rtoInit, l.synRetries, l.rtoMax)...)
}

func (l limits) synAckSchedule() []time.Duration { return doubling(rtoInit, l.synAckRetries, l.rtoMax) }

// backoff is the model that the kernel compares elapsed time with
// (tcp_model_timeout): from the least timeout, doubling to the most.
func (l limits) backoff(retries int) []time.Duration { return doubling(rtoMin, retries, l.rtoMax) }

func doubling(first time.Duration, retries int, longest time.Duration) []time.Duration {
	waits := make([]time.Duration, retries+1)
	for i := range waits {
		waits[i] = min(first, longest)
		first = min(first*2, longest)
	}
	return waits
}

// remaining sums the running timer and the waits that follow it.
func remaining(s *host.Socket, expired int, schedule []time.Duration) time.Duration {
	left := max(0, s.Expires)
	for i := expired + 1; i < len(schedule); i++ {
		left += schedule[i]
	}
	return left
}
