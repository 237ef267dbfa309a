package host

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// Tracked is an entry of connection tracking (nf_conntrack). Where addresses are
// translated, the reply does not come from where the original goes to.
type Tracked struct {
	From      netip.AddrPort `json:"from"` // of the original direction
	To        netip.AddrPort `json:"to"`
	ReplyFrom netip.AddrPort `json:"reply_from"` // whom the other direction comes from
	ReplyTo   netip.AddrPort `json:"reply_to"`
	Opening   bool           `json:"opening,omitempty"` // nothing was answered yet (SYN_SENT)
}

// Translated tells whether the destination is another one than was asked for.
func (t *Tracked) Translated() bool { return t.To != t.ReplyFrom }

// OfTrouble returns a function that tells whether an entry helps to explain
// attempts that nobody answers: it is theirs, or that of another connection of
// this host to the same place.
func OfTrouble(sockets []Socket) func(*Tracked) bool {
	type pair struct{ local, remote netip.AddrPort }
	wanted, places := map[pair]bool{}, map[netip.AddrPort]bool{}
	for i := range sockets {
		if s := &sockets[i]; s.State == tcp.SynSent && s.Retransmits > 0 {
			places[s.Remote] = true
		}
	}
	if len(places) == 0 {
		return nil
	}
	for i := range sockets {
		if s := &sockets[i]; places[s.Remote] {
			wanted[pair{s.Local, s.Remote}] = true
		}
	}
	return func(t *Tracked) bool { return wanted[pair{t.From, t.To}] }
}
