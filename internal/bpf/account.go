package bpf

import "time"

// account knows when the last transition of each socket was, from the events
// themselves.
type account struct {
	last map[uint64]entry // by address of the sock
}

type entry struct {
	at    time.Duration
	state uint8
}

const (
	linuxTimeWait = 6
	linuxClose    = 7

	mostAccounts = 1 << 20
)

// keep fills in the time in the state that was left unless the kernel knows it.
// Where events were lost it stays unknown: the state that was left is then not
// the one that was entered last.
func (a *account) keep(t *Transition) {
	before, known := a.last[t.Sock]
	if t.Dwell == 0 && known && before.state == t.From {
		t.Dwell = t.Time - before.at
	}
	if t.To == linuxClose || t.To == linuxTimeWait || t.To == t.From {
		delete(a.last, t.Sock)
		return
	}
	if a.last == nil || len(a.last) > mostAccounts {
		a.last = map[uint64]entry{}
	}
	a.last[t.Sock] = entry{t.Time, t.To}
}
