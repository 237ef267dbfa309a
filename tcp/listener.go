package tcp

import (
	"net/netip"
	"slices"
	"time"
)

// Listener is a passive OPEN that stays: each SYN makes an Endpoint of its own,
// which waits in the SYN queue until its handshake is over and then in the
// accept queue until Accept. Like Endpoint it does no I/O and owns no clock.
//
// A connection that came in by a SYN cookie takes the same rows as any other,
// only later: the SYN is made up again from the cookie when its acknowledgment
// comes. What it cannot remember, window scale, SACK and timestamps, such a
// connection does without (RFC 4987 section 3.6).
type Listener struct {
	cfg      ListenerConfig
	ear      *Endpoint // stays in LISTEN, answers what belongs to no connection
	half     []*Endpoint
	ready    []*Endpoint
	byPeer   map[netip.AddrPort]*Endpoint // those of both queues that are not CLOSED
	counters ListenerCounters

	now     time.Duration
	effects []Effect
}

// NewListener returns a listener that is in LISTEN.
func NewListener(c ListenerConfig) *Listener {
	c.fill()
	c.Endpoint.Foreign = netip.AddrPort{}
	l := &Listener{cfg: c, ear: NewEndpoint(c.Endpoint), byPeer: map[netip.AddrPort]*Endpoint{}}
	l.ear.Step(0, Incident{Event: CallPassiveOpen})
	return l
}

// Arrive gives a packet to the connection to which it belongs, or to the
// listener. The effects name the connection by Peer and are good until the next
// call. A connection handed out by Accept gets its packets from its owner.
func (l *Listener) Arrive(now time.Duration, p Packet) []Effect {
	l.now, l.effects = now, l.effects[:0]
	child, known := l.byPeer[p.Source]
	flags := p.Segment.Flags
	switch {
	case known && (!l.cfg.Endpoint.Local.IsValid() || child.local == p.Destination):
		l.toChild(child, p)
	case flags.Has(SYN) && !flags.Any(RST|ACK) && l.State() == Listen:
		l.syn(p)
	case flags.Has(ACK) && !flags.Any(RST|SYN) && l.cfg.Cookies != CookiesOff && l.State() == Listen:
		l.acknowledged(p)
	default:
		l.forward(l.ear, Incident{Event: SegmentArrives, Packet: p})
	}
	return l.effects
}

// syn makes a connection, or a cookie, or nothing.
func (l *Listener) syn(p Packet) {
	switch full := len(l.half) >= l.cfg.SynQueue; {
	case len(l.ready) >= l.cfg.AcceptQueue:
		l.counters.ListenOverflow++
		l.ignore(p, "accept queue is full")
	case l.cfg.Cookies == CookiesAlways, full && l.cfg.Cookies == CookiesOnOverflow:
		l.answerWithCookie(p)
	case full:
		l.counters.SynDropped++
		l.ignore(p, "SYN queue is full")
	default:
		child := l.newChild(l.cfg.Endpoint)
		l.forward(child, Incident{Event: SegmentArrives, Packet: p})
		if child.state == SynReceived {
			l.half, l.byPeer[p.Source] = append(l.half, child), child
		}
	}
}

// newChild returns an end in LISTEN with random numbers of its own.
func (l *Listener) newChild(c EndpointConfig) *Endpoint {
	c.Seed = l.ear.nextRandom()
	child := NewEndpoint(c)
	child.Step(l.now, Incident{Event: CallPassiveOpen})
	return child
}

// answerWithCookie lets a child answer the SYN and forgets it.
func (l *Listener) answerWithCookie(p Packet) {
	l.counters.CookiesSent++
	child := l.newChild(l.cookieConfig(l.cookie(p)))
	for _, f := range child.Step(l.now, Incident{Event: SegmentArrives, Packet: p}) {
		if f.Kind == SendPacket {
			l.effects = append(l.effects, f)
		}
	}
}

// cookieConfig is for a connection that cannot remember options.
func (l *Listener) cookieConfig(iss Seq) EndpointConfig {
	c := l.cfg.Endpoint
	c.WindowScaling, c.SACK, c.Timestamps = false, false, false
	c.ISS = func() Seq { return iss }
	return c
}

// acknowledged looks for a cookie in an acknowledgment that belongs to no
// connection.
func (l *Listener) acknowledged(p Packet) {
	syn, iss, ok := l.cookieOpens(p)
	switch {
	case !ok:
		l.counters.CookiesWrong++
		l.forward(l.ear, Incident{Event: SegmentArrives, Packet: p})
	case len(l.ready) >= l.cfg.AcceptQueue:
		l.counters.ListenOverflow++
		l.ignore(p, "accept queue is full")
	default:
		l.counters.CookiesRight++
		l.openFromCookie(syn, iss, p)
	}
}

// openFromCookie takes the rows of the SYN, whose answer is long sent, and then
// those of the acknowledgment.
func (l *Listener) openFromCookie(syn Packet, iss Seq, p Packet) {
	child := l.newChild(l.cookieConfig(iss))
	for _, f := range child.Step(l.now, Incident{Event: SegmentArrives, Packet: syn}) {
		if f.Kind == RowTaken {
			l.effects = append(l.effects, f)
		}
	}
	l.half, l.byPeer[p.Source] = append(l.half, child), child
	l.toChild(child, p)
}

// toChild gives the packet to a connection of one of the queues, unless it would
// end a handshake that must not end yet.
func (l *Listener) toChild(child *Endpoint, p Packet) {
	if child.state == SynReceived && child.foresee(p).To.Synchronized() {
		switch {
		case len(l.ready) >= l.cfg.AcceptQueue:
			l.overflow(child, p)
			return
		case p.Segment.Len() == 0 && child.send.retries < l.cfg.DeferAccept:
			l.counters.Deferred++
			l.ignore(p, "a bare ACK, accepting is deferred until text comes")
			return
		}
	}
	l.stepChild(child, Incident{Event: SegmentArrives, Packet: p})
}

func (l *Listener) overflow(child *Endpoint, p Packet) {
	if l.cfg.AbortOnOverflow {
		l.counters.Aborted++
		l.stepChild(child, Incident{Event: CallAbort})
		return
	}
	l.counters.ListenOverflow++
	l.ignore(p, "accept queue is full")
}

// stepChild also moves the connection to the queue where it belongs. One that
// goes back to LISTEN is gone: the listener never left it.
func (l *Listener) stepChild(child *Endpoint, in Incident) {
	peer := child.foreign
	l.forward(child, in)
	i := slices.Index(l.half, child)
	gone := child.state == Closed || child.state == Listen
	if gone {
		delete(l.byPeer, peer)
	}
	if i >= 0 && child.state != SynReceived {
		l.half = slices.Delete(l.half, i, i+1)
		if !gone {
			l.ready = append(l.ready, child)
		}
	}
}

func (l *Listener) forward(to *Endpoint, in Incident) {
	l.effects = append(l.effects, to.Step(l.now, in)...)
}

func (l *Listener) ignore(p Packet, why string) {
	l.effects = append(l.effects, Effect{Kind: IgnorePacket, Peer: p.Source, Why: why})
}
