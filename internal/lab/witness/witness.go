package witness

import (
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Ends name a connection as its own host does.
type Ends struct{ Local, Remote netip.AddrPort }

// Connection is what the three witnesses say of one end.
type Connection struct {
	Ends

	Socket tcp.State // CLOSED: it is not in the list
	Kind   host.Kind
	Unsent bool // octets or a FIN wait to be sent, or to be acknowledged

	Events []tcp.State // every state that it was told to be in while the sockets were read; nil: never told of
	Looked bool        // its last change, or one that must have followed, is found only by looking again
	Ended  string      // what ended it, where the last event is its end: the cause, and the reason if one is known

	Packets tcp.StateSet // all states that fit what was captured; 0: nothing was
	Moved   bool         // a segment was captured, or an event happened, while the sockets were read
	FINSent bool         // its own FIN was captured
	SYNCame bool         // the peer's SYN was captured
	ACKCame bool         // an ACK of the peer was captured

	Translated bool // connection tracking gives it other addresses on the wire

	Mishaps []host.Mishap // that the kernel told of

	Listener Listener // that it came in through
}

// Tell adds a state that it was told to be in while the sockets were read.
func (c *Connection) Tell(s tcp.State) {
	if s != tcp.Unknown {
		c.Events = append(c.Events, s)
	}
}

// Listener is what is known of the socket that listens at the local end.
type Listener struct {
	There   bool
	Full    bool // its accept queue was full in the window
	Defers  bool // the kernel holds connections back until text comes (TCP_DEFER_ACCEPT)
	Refuses bool // it answered with cookies, or let SYNs fall because a queue was full
}

// Verdict is what comes of comparing the sockets with one of the others.
type Verdict struct {
	Compared bool   // both say something
	Reason   Reason // why they differ; "" where they agree
}

// Differs tells whether they do.
func (v Verdict) Differs() bool { return v.Compared && v.Reason != Agree }

// AgainstEvents compares the sockets with the events.
func (c *Connection) AgainstEvents() Verdict {
	switch {
	case c.Events == nil && c.Socket == tcp.Closed:
		return Verdict{}
	case slices.Contains(c.Events, c.Socket):
		return Verdict{Compared: true}
	}
	return Verdict{true, c.first(eventReasons)}
}

// AgainstPackets compares the sockets with the packets. Who listens, or has only
// bound a port, has sent nothing.
func (c *Connection) AgainstPackets() Verdict {
	switch {
	case c.Socket == tcp.Listen, c.Packets == 0 && c.Socket == tcp.Closed:
		return Verdict{}
	case c.Packets.Has(c.Socket), c.Socket == tcp.Closed && c.Packets.Has(tcp.Listen):
		return Verdict{Compared: true}
	}
	return Verdict{true, c.first(packetReasons)}
}

func (c *Connection) first(table []row) Reason {
	for _, r := range table {
		if r.holds(c) {
			return r.reason
		}
	}
	return Unexplained
}

// mishap tells whether one was told of.
func (c *Connection) mishap(like func(*host.Mishap) bool) bool {
	for i := range c.Mishaps {
		if like(&c.Mishaps[i]) {
			return true
		}
	}
	return false
}
