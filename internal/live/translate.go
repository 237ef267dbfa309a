package live

import (
	"syscall"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// translate turns what the tracepoint told into RFC words, all but the time and
// the owners.
func translate(b *bpf.Transition) Transition {
	t := Transition{
		Source: Event, Local: b.Local, Remote: b.Remote, NetNS: b.NetNS, Cookie: b.Cookie,
		InFrom: b.Dwell, HasInFrom: b.Dwell > 0, mark: b.Mark, device: b.Device,
	}
	t.From, _ = host.StateOfLinux(b.From)
	t.To, t.Kind = host.StateOfLinux(b.To)
	if handedOver(b) {
		t.Kind = host.TimeWaitKind
	}
	t.Cause = causeOf(t.From, t.To, b)
	return t
}

// handedOver tells whether a minisocket goes on in FIN-WAIT-2, the state that
// the socket was in: nothing changes but the object.
func handedOver(b *bpf.Transition) bool { return b.From == b.To }

// causeOf finds what made the connection change its state. The end of a socket
// leaves an error behind; every other transition has one possible cause or two
// that the caller tells apart.
func causeOf(from, to tcp.State, b *bpf.Transition) Cause {
	if to != tcp.Closed {
		if calls[tcp.Edge{From: from, To: to}] {
			return BySystemCall
		}
		return BySegment
	}
	switch syscall.Errno(b.Error) {
	case syscall.ETIMEDOUT:
		return ByTimer
	case syscall.ECONNABORTED:
		return ByDestruction
	}
	switch {
	case b.Reset:
		return ByReset
	case b.Error != 0:
		return ByICMP
	case from == tcp.LastAck:
		return BySegment
	case b.PID != 0:
		return BySystemCall
	}
	return ""
}

// calls are the transitions that only a program's system call makes. All others
// but those to CLOSED are made by a segment, in whoever's time it is worked on.
var calls = map[tcp.Edge]bool{
	{From: tcp.Closed, To: tcp.SynSent}:       true,
	{From: tcp.Closed, To: tcp.Listen}:        true,
	{From: tcp.Established, To: tcp.FinWait1}: true,
	{From: tcp.SynReceived, To: tcp.FinWait1}: true,
	{From: tcp.CloseWait, To: tcp.LastAck}:    true,
}
