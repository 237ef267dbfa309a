package bpf

import (
	"testing"
	"time"
)

func TestAccount(t *testing.T) {
	var a account
	for i, step := range []struct {
		sock     uint64
		from, to uint8
		at       time.Duration
		known    time.Duration // by the kernel
		want     time.Duration
	}{
		{1, 7, 2, 100, 0, 0},
		{1, 2, 1, 130, 0, 30},
		{2, 10, 3, 140, 0, 0},
		{2, 3, 1, 141, 25, 25}, // the kernel knows better
		{2, 1, 8, 150, 0, 9},
		{2, 9, 7, 160, 0, 0}, // CLOSE-WAIT to LAST-ACK was lost
		{1, 1, 4, 200, 0, 70},
		{1, 4, 5, 210, 0, 10},
		{1, 5, 6, 215, 0, 5},
		{1, 7, 2, 300, 0, 0}, // another socket at the same address
	} {
		x := Transition{Sock: step.sock, From: step.from, To: step.to, Time: step.at, Dwell: step.known}
		if a.keep(&x); x.Dwell != step.want {
			t.Errorf("step %d: %d, not %d", i, x.Dwell, step.want)
		}
	}
	if len(a.last) != 1 {
		t.Errorf("%d sockets are remembered", len(a.last))
	}
}
