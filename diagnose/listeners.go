package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// listener is one listening address and port. With SO_REUSEPORT several
// sockets share it, each with a queue of its own.
type listener struct {
	at        netip.AddrPort
	sockets   []seen
	queues    map[uint64][]uint32 // accept queue length at every look, by cookie of the socket
	synQueues map[uint64][]uint32 // half-open queue length, where an iterator told it
	waiting   []seen              // connections that no program has accepted
	taken     int                 // connections that left the queue into a program in the window
	lost      int                 // connections that waited when the window opened and are gone
}

func (x *index) readListeners() {
	for _, s := range x.byState[tcp.Listen] {
		l := x.listeners[s.now.Local]
		if l == nil {
			l = &listener{at: s.now.Local, queues: map[uint64][]uint32{}, synQueues: map[uint64][]uint32{}}
			x.listeners[s.now.Local] = l
		}
		l.sockets = append(l.sockets, s)
	}
	for i := range x.bundle.Snapshots {
		x.readQueues(x.bundle.Snapshots[i].Sockets)
	}
	for _, state := range tcp.Synchronized.States() {
		for _, s := range x.byState[state] {
			x.readChild(s)
		}
	}
	for _, sockets := range x.gone {
		for _, s := range sockets {
			if l := x.listenerOf(s.Local); l != nil && unaccepted(s) {
				l.lost++
			}
		}
	}
}

func (x *index) readQueues(sockets []host.Socket) {
	for i := range sockets {
		s := &sockets[i]
		if s.State != tcp.Listen {
			continue
		}
		if l := x.listeners[s.Local]; l != nil {
			l.queues[s.Cookie] = append(l.queues[s.Cookie], s.RecvQueue)
			if s.Inner != nil {
				l.synQueues[s.Cookie] = append(l.synQueues[s.Cookie], s.Inner.SynQueue)
			}
		}
	}
}

// readChild sorts a connection into the queue of its listener, or counts it as
// taken when the program got it within the window.
func (x *index) readChild(s seen) {
	l := x.listenerOf(s.now.Local)
	switch {
	case l == nil:
	case unaccepted(s.now):
		l.waiting = append(l.waiting, s)
	case x.looks > 1 && (s.before == nil || untaken(s.before)):
		l.taken++ // also one that was served and closed since: nobody else closes on this side
	}
}

// untaken tells whether the connection was on its way into a program, in the
// accept queue or still half-open.
func untaken(s *host.Socket) bool { return unaccepted(s) || s.State == tcp.SynReceived }

// unaccepted tells whether the connection waits in an accept queue: nothing
// has given it an inode.
func unaccepted(s *host.Socket) bool {
	return s.Inode == 0 && s.Kind == host.Full && (s.State == tcp.Established || s.State == tcp.CloseWait)
}

// listenerOf finds the listener that a local address belongs to, nil if nobody
// listens there.
func (x *index) listenerOf(local netip.AddrPort) *listener {
	if at, ok := x.listening.Of(local); ok {
		return x.listeners[at]
	}
	return nil
}

// length and limit sum the queues of the sockets, now.
func (l *listener) length() (n int) {
	for _, s := range l.sockets {
		n += int(s.now.RecvQueue)
	}
	return n
}

func (l *listener) limit() (n int) {
	for _, s := range l.sockets {
		n += int(s.now.SendQueue)
	}
	return n
}

// stuck returns the connections that waited through the whole window.
func (l *listener) stuck() []seen {
	var stuck []seen
	for _, s := range l.waiting {
		if s.before != nil && unaccepted(s.before) {
			stuck = append(stuck, s)
		}
	}
	return stuck
}

// neverFell tells whether some socket's queue held connections at every look
// and never became shorter: accept() alone makes it shorter.
func (l *listener) neverFell() bool {
	for _, lengths := range l.queues {
		if len(lengths) > 1 && neverFell(lengths) {
			return true
		}
	}
	return false
}

func neverFell(lengths []uint32) bool {
	for i, n := range lengths {
		if n == 0 || i > 0 && n < lengths[i-1] {
			return false
		}
	}
	return true
}

// fullLooks counts the looks at which some queue was full, and all looks. Linux
// takes one connection more than the limit.
func (l *listener) fullLooks() (full, looks int) {
	for _, s := range l.sockets {
		for _, n := range l.queues[s.now.Cookie] {
			looks++
			if n >= s.now.SendQueue && n > 0 {
				full++
			}
		}
	}
	return full, looks
}

// drops returns how many SYNs and ACKs the sockets refused in the window
// (sk_drops); ok is false when the kernel did not tell.
func (l *listener) drops() (n int, ok bool) {
	for _, s := range l.sockets {
		if s.before == nil || !s.before.HasMemory || !s.now.HasMemory {
			return 0, false
		}
		n += int(s.now.Memory.Drops - s.before.Memory.Drops)
	}
	return n, true
}

// pid returns the process that listens, 0 when none is visible.
func (x *index) listenerPID(l *listener) int {
	for _, s := range l.sockets {
		if pid := x.owner(s.now); pid != 0 {
			return pid
		}
	}
	return 0
}
