package simulate

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Sorts is a set of sorts of segments; the zero set stands for all of them. A
// segment is of one sort, the first of RST, SYN or SYN,ACK, FIN, text, ACK that
// it is.
type Sorts uint8

// The sorts of segments.
const (
	SYNs    Sorts = 1 << iota // SYN without ACK
	SYNACKs                   // SYN,ACK
	ACKs                      // an acknowledgment and nothing else
	Texts                     // text, without FIN
	FINs                      // FIN, with or without text
	RSTs
)

// SortOf returns the sort of a segment.
func SortOf(s tcp.Segment) Sorts {
	switch f := s.Flags; {
	case f.Has(tcp.RST):
		return RSTs
	case f.Has(tcp.SYN | tcp.ACK):
		return SYNACKs
	case f.Has(tcp.SYN):
		return SYNs
	case f.Has(tcp.FIN):
		return FINs
	case s.Data > 0:
		return Texts
	default:
		return ACKs
	}
}

// Senders says whose packets are meant.
type Senders uint8

// Whose packets.
const (
	Anybody Senders = iota
	OfOriginator
	OfResponder
)

// Match says which packets a Rule is about; the zero Match means all. First and
// Last count, from 1, the packets that pass the conditions above them.
type Match struct {
	From   Senders
	Sorts  Sorts
	Since  time.Duration // sent from this time on
	Before time.Duration // sent before this time; 0: without end

	First  int     // 0: from the first on
	Last   int     // 0: without end
	Chance float64 // the part of what passes all this that is meant, as the seed decides; 0: all
}

// Only returns the match of the n-th packet alone.
func (m Match) Only(n int) Match {
	m.First, m.Last = n, n
	return m
}

func (m *Match) fits(side Side, s tcp.Segment, now time.Duration) bool {
	return (m.From == Anybody || m.From == OfOriginator+Senders(side)) &&
		(m.Sorts == 0 || m.Sorts&SortOf(s) != 0) &&
		m.Since <= now && (m.Before == 0 || now < m.Before)
}

// Deed is what a Rule does to the packets that it matches.
type Deed uint8

// The deeds of a network.
const (
	Lose          Deed = iota + 1
	Duplicate          // a copy comes By later
	Delay              // takes By longer, and up to Jitter more: what was sent later may overtake it
	RewriteTarget      // destination Old becomes New, as DNAT does
	RewriteSource      // source Old becomes New, as SNAT does
	Forget             // a firewall that lets pass what belongs to a connection whose SYN it saw, and forgets a connection that is idle for By
)

// Rule is one thing that the network does to packets. The rules of a network are
// applied in order, each to what the ones before it left.
type Rule struct {
	On       Match
	Do       Deed
	By       time.Duration
	Jitter   time.Duration
	Old, New netip.AddrPort
}

// Why a packet is lost, in Happening.Why.
const (
	WhyRule     = "lost-by-rule"     // a rule says so
	WhyFirewall = "lost-at-firewall" // a firewall knows no connection to which it belongs
	WhyNobody   = "lost-no-host"     // nobody has the address
	WhyVanished = "lost-host-gone"   // the host is switched off
)
