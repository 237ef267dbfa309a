package explore

import (
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// Invariants is a set of invariants.
type Invariants uint16

// What must hold in every joint state or of every move, whatever the network
// does within the bound. "The same connection" is known by its initial sequence
// numbers: one end's IRS is the other's ISS.
const (
	// OwnText: what an end delivers is the beginning of what its peer was given
	// to send in the same connection: no gap, nothing twice, nothing of an old
	// incarnation (RFC 9293 section 3.4).
	OwnText Invariants = 1 << iota
	// WholeText: an end takes a FIN only after all that the peer was given to send
	// (RFC 9293 section 3.6).
	WholeText
	// RealFIN: an end takes a FIN only if the peer has sent one in the same
	// connection (RFC 9293 section 3.6).
	RealFIN
	// RealACK: nothing counts as acknowledged, FIN included, that the peer has not
	// taken (RFC 9293 section 3.4).
	RealACK
	// Agreement: two ends that both know that the other has answered them agree on
	// both initial sequence numbers (RFC 9293 section 3.5).
	Agreement
	// KnownPair: the states of the two ends are a pair that Peers knows (RFC 9293
	// section 3.3.2).
	KnownPair
	// NoReset: no end whose SYN was acknowledged is reset (RFC 9293 section 3.5.2).
	// It can be expected where nobody aborts or crashes.
	NoReset
	// FullTimeWait: no segment ends TIME-WAIT but a younger SYN (RFC 1337 section
	// 3, RFC 6191).
	FullTimeWait
	// NoDeadlock: where nothing can happen any more both ends are CLOSED or wait in
	// LISTEN (RFC 9293 section 3.3.2).
	NoDeadlock
	// WayOut: from every joint state there is a run to such an end, so nothing goes
	// in circles for ever (RFC 9293 section 3.6).
	WayOut

	invariantsEnd
)

// AllInvariants is the set of all.
const AllInvariants = invariantsEnd - 1

var invariantNames = [...]string{
	"own-text", "whole-text", "real-fin", "real-ack", "agreement", "known-pair", "no-reset", "full-time-wait",
	"no-deadlock", "way-out",
}

// Has tells whether every one of the given invariants is in the set.
func (s Invariants) Has(other Invariants) bool { return s&other == other }

// List returns the invariants of the set one by one, in order.
func (s Invariants) List() []Invariants {
	var list []Invariants
	for one := OwnText; one < invariantsEnd; one <<= 1 {
		if s.Has(one) {
			list = append(list, one)
		}
	}
	return list
}

// String joins the names, lower case with hyphens.
func (s Invariants) String() string {
	var names []string
	for i, name := range invariantNames {
		if s.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// rowBreaks tells which invariants a row breaks by being taken.
func rowBreaks(row *tcp.Row) Invariants {
	segment := row.From == tcp.TimeWait && row.Event == tcp.SegmentArrives
	if segment && row.To == tcp.Closed {
		return FullTimeWait
	}
	return 0
}

// wordBreaks does so for what a user is told, whose SYN was answered or not.
func wordBreaks(answered bool, word tcp.Actions) Invariants {
	if answered && word == tcp.SignalReset {
		return NoReset
	}
	return 0
}

// jointBreaks tells which invariants two ends break together.
func jointBreaks(a, b *local, halfOpen bool) Invariants {
	broken := oneSided(a, b) | oneSided(b, a)
	if answered.Has(a.state()) && answered.Has(b.state()) {
		f, g := a.current(), b.current()
		if f.irs != g.iss || g.irs != f.iss {
			broken |= Agreement
		}
	}
	if !Peers(a.state(), halfOpen).Has(b.state()) {
		broken |= KnownPair
	}
	return broken
}

// answered are the states of an end whose SYN is acknowledged, as far as the
// state alone tells, and which still means to go on with the peer.
var answered = tcp.SetOf(tcp.Established, tcp.FinWait2, tcp.CloseWait)

// oneSided looks at what an end got from its peer.
func oneSided(l, peer *local) (broken Invariants) {
	f := l.current()
	if f.acked > receivedOf(peer, f.iss) {
		broken |= RealACK
	}
	if !f.heard {
		return broken
	}
	asked, finSent := sentBy(peer, f.irs)
	if !strings.HasPrefix(asked, f.delivered) {
		broken |= OwnText
	}
	if f.finTaken && !finSent {
		broken |= RealFIN
	}
	const synAndFIN = 2
	if f.finTaken && f.received != tcp.Size(len(asked))+synAndFIN {
		broken |= WholeText
	}
	return broken
}

// receivedOf returns how far an end has received from a peer with that ISS.
func receivedOf(l *local, iss tcp.Seq) (most tcp.Size) {
	for i := range l.lives {
		if f := &l.lives[i]; f.heard && f.irs == iss {
			most = max(most, f.received)
		}
	}
	return most
}

// sentBy returns the text that an end was given to send with that ISS, and
// whether it sent a FIN.
func sentBy(l *local, iss tcp.Seq) (asked string, finSent bool) {
	for i := range l.lives {
		if f := &l.lives[i]; f.iss == iss {
			return f.asked, f.finSent
		}
	}
	return "", false
}
