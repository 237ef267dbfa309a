package pasted

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// timers are the words of netstat -o in every language of net-tools, and those
// of ss.
var timers = map[string]host.Timer{
	"off": host.TimerOff, "vyp": host.TimerOff, "aus": host.TimerOff, "eikäi": host.TimerOff,
	"オフ": host.TimerOff, "desligado": host.TimerOff, "关闭": host.TimerOff,
	"on": host.TimerRetransmit, "zapnut": host.TimerRetransmit, "ein": host.TimerRetransmit, "käib": host.TimerRetransmit,
	"オン": host.TimerRetransmit, "em": host.TimerRetransmit, "打开": host.TimerRetransmit,
	"keepalive": host.TimerKeepalive, "キープアライブ": host.TimerKeepalive, "保持连接": host.TimerKeepalive,
	"timewait": host.TimerTimeWait, "時間待ち": host.TimerTimeWait,
	"probe": host.TimerProbe, "persist": host.TimerProbe, "unkn-4": host.TimerProbe,
}

// netstatTimer reads "keepalive (7105.55/0/0)": seconds left, retransmissions,
// probes. It refuses words of any other shape.
func (s *scanner) netstatTimer(word, numbers []byte) bool {
	for len(numbers) > 0 && numbers[0] == '(' { // Estonian writes two
		numbers = numbers[1:]
	}
	if len(numbers) == 0 || numbers[len(numbers)-1] != ')' {
		return false
	}
	first, rest, ok := cutAt(numbers[:len(numbers)-1], '/')
	second, third, ok2 := cutAt(rest, '/')
	left, ok3 := hundredths(first)
	retransmits, ok4 := decimal(second, 1<<32)
	probes, ok5 := decimal(third, 1<<32)
	if !ok || !ok2 || !ok3 || !ok4 || !ok5 {
		return false
	}
	s.setTimer(word, left, retransmits, probes)
	return true
}

// setTimer puts a timer into the row, unless its word is unknown. Only
// minisockets are in TIME-WAIT, and they run no other timer.
func (s *scanner) setTimer(word []byte, left time.Duration, retransmits, probes uint64) {
	timer, known := timers[string(word)]
	if s.row.Socket.State == tcp.TimeWait && left > 0 {
		timer, known = host.TimerTimeWait, true
	}
	if !known {
		return
	}
	s.text.Knows.Timers = true
	socket := &s.row.Socket
	socket.Timer = timer
	if timer == host.TimerOff {
		return
	}
	socket.Expires = left
	socket.Retransmits = saturated(retransmits)
	if timer == host.TimerKeepalive || timer == host.TimerProbe {
		socket.Retransmits = saturated(probes)
	}
}

// hundredths reads seconds with a fraction behind a point or a comma.
func hundredths(b []byte) (time.Duration, bool) {
	whole, fraction, found := cutAt(b, '.')
	if !found {
		whole, fraction, _ = cutAt(b, ',')
	}
	seconds, ok := decimal(whole, uint64(longest/time.Second))
	left := time.Duration(seconds) * time.Second
	unit := time.Second
	for _, c := range fraction {
		if c < '0' || c > '9' {
			return 0, false
		}
		unit /= 10
		left += time.Duration(c-'0') * unit
	}
	return left, ok
}

// cutAt is bytes.Cut for one byte.
func cutAt(b []byte, sep byte) (before, after []byte, found bool) {
	for i, c := range b {
		if c == sep {
			return b[:i], b[i+1:], true
		}
	}
	return b, nil, false
}

// ssTime reads the times of ss: "119min", "1min59sec", "59sec", "204ms", and
// "1.204ms", which means a second and 204 milliseconds.
func ssTime(b []byte) time.Duration {
	var total time.Duration
	for len(b) > 0 {
		end := 0
		for end < len(b) && b[end] >= '0' && b[end] <= '9' {
			end++
		}
		n, ok := decimal(b[:end], uint64(longest/time.Minute))
		if !ok {
			return total
		}
		unit, size := ssUnit(b[end:])
		total += time.Duration(n) * unit
		b = b[end+size:]
	}
	return min(total, longest)
}

// ssUnit returns the unit at the beginning of b and how long it is written.
func ssUnit(b []byte) (time.Duration, int) {
	switch {
	case len(b) >= 3 && string(b[:3]) == "min":
		return time.Minute, 3
	case len(b) >= 3 && string(b[:3]) == "sec":
		return time.Second, 3
	case len(b) >= 2 && string(b[:2]) == "ms":
		return time.Millisecond, 2
	case len(b) >= 1 && b[0] == '.':
		return time.Second, 1
	}
	return 0, len(b)
}
