package live

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

// pool knows the half-open requests and the minisockets that there are, so that
// two looks at them become transitions. It owns no clock and reads nothing.
//
// Looks and events are not in step: an event may still be on its way when a look
// already shows what it did. So nothing counts as gone before two looks missed
// it, and what an event has told is not told again.
type pool struct {
	known  map[tuple]*member
	opened map[tuple]time.Time // half-open connections that became sockets: told by events, perhaps still seen by a look
	look   uint64              // number of the present look
	filled bool                // the first look is over
}

type tuple struct {
	netns         uint32
	local, remote netip.AddrPort
}

// member is a request or minisocket.
type member struct {
	state   tcp.State
	kind    host.Kind
	entered time.Time // zero: not known
	cookie  uint64
	mark    uint32
	device  uint32
	seen    uint64            // the last look that showed it
	missed  time.Time         // when it was first not shown; zero: never
	misses  uint8             // looks in a row that did not show it
	told    bool              // that it began
	owners  []inventory.Owner // who held what the minisocket took over
}

// sighting is what a look shows of one of them.
type sighting struct {
	at           tuple
	state        tcp.State
	kind         host.Kind
	since        time.Time // request: when its SYN-ACK was sent, zero: not known
	cookie       uint64
	mark, device uint32
}

func newPool() *pool {
	return &pool{known: map[tuple]*member{}, opened: map[tuple]time.Time{}}
}

// begin starts a look.
func (p *pool) begin() { p.look++ }

// sight notes what a look shows, and returns the transition that it reveals:
// from is UNKNOWN where there is none.
func (p *pool) sight(s *sighting, now time.Time) (t Transition) {
	m := p.known[s.at]
	if m != nil && m.kind == s.kind {
		m.seen, m.missed, m.misses = p.look, time.Time{}, 0
		if m.state == s.state {
			return t
		}
		t = p.transition(s.at, m, s.state, now)
		m.state, m.entered = s.state, now
		return t
	}
	if at, ok := p.opened[s.at]; ok && s.kind == host.Request && !s.since.After(at) {
		return t // a trace of what is a socket by now
	}
	m = &member{state: s.state, kind: s.kind, cookie: s.cookie, mark: s.mark, device: s.device, seen: p.look, entered: s.since}
	p.known[s.at] = m
	if s.kind != host.Request || !p.filled {
		return t // an event tells of entries into TIME-WAIT; what was there before us is not news
	}
	at := s.since
	if at.IsZero() {
		at, m.entered = now, now
	}
	m.told = true
	t = p.transition(s.at, m, tcp.SynReceived, at)
	t.From, t.Cause, t.HasInFrom = tcp.Listen, BySegment, false
	return t
}

// enough is how many looks in a row must miss one before it counts as gone. The
// kernel's iterator may pass one over while its table changes, even twice; and a
// minisocket hardly ever ends before its time.
func (m *member) enough(now time.Time) uint8 {
	const usual = 55 * time.Second // TIME-WAIT lasts 60 s
	if m.kind == host.TimeWaitKind && now.Sub(m.entered) < usual {
		return 4
	}
	return 2
}

// end closes a look and hands over what has ended: what too many looks in a row
// did not show, with the time of the first of them.
func (p *pool) end(now time.Time, gone func(Transition)) {
	for at, m := range p.known {
		switch {
		case m.seen == p.look:
		case m.missed.IsZero():
			m.missed, m.misses = now, 1
		default:
			if m.misses++; m.misses >= m.enough(now) {
				gone(p.transition(at, m, tcp.Closed, m.missed))
				delete(p.known, at)
			}
		}
	}
	const remembered = 2 * time.Second
	for at, when := range p.opened {
		if now.Sub(when) > remembered {
			delete(p.opened, at)
		}
	}
	p.filled = true
}

func (p *pool) transition(at tuple, m *member, to tcp.State, when time.Time) Transition {
	t := Transition{
		Time: when, From: m.state, To: to, Kind: m.kind, Source: Iterator, Local: at.local, Remote: at.remote,
		NetNS: at.netns, Cookie: m.cookie, mark: m.mark, device: m.device,
	}
	if t.OwnerKind = inventory.NeverAccepted; m.kind == host.TimeWaitKind {
		t.OwnerKind, t.Owners = inventory.Orphan, m.owners
	}
	if !m.entered.IsZero() {
		t.InFrom, t.HasInFrom = max(when.Sub(m.entered), 0), true
	}
	return t
}

// event takes note of what the tracepoint told, and tells whether it is news.
// What it knows better is put into t: since when the connection was half-open.
func (p *pool) event(t *Transition) (news bool) {
	switch at := (tuple{t.NetNS, t.Local, t.Remote}); {
	case t.Kind == host.TimeWaitKind:
		entered := t.Time
		if t.From == t.To && t.HasInFrom {
			entered = entered.Add(-t.InFrom)
		}
		p.known[at] = &member{
			state: t.To, kind: t.Kind, entered: entered, cookie: t.Cookie, mark: t.mark, device: t.device, seen: p.look, owners: t.Owners,
		}
		return t.From != t.To
	case t.From == tcp.Listen && t.To == tcp.SynReceived:
		p.opened[at] = t.Time
		if m := p.known[at]; m != nil && m.kind == host.Request {
			delete(p.known, at)
			return !m.told
		}
	}
	return true
}
