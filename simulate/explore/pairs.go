package explore

import "github.com/synoptic-net/synoptic/tcp"

// peers says, for the state of an end, in which states its peer can be while
// both are of the same connection and nobody has aborted, crashed or given up. It
// follows from what a state says about the two SYNs and FINs (RFC 9293 sections
// 3.3.2, 3.5 and 3.6):
//
//   - LISTEN knows of no peer, so the peer has at most sent its SYN.
//   - ESTABLISHED and later: our SYN has arrived, the peer has left SYN-SENT.
//     FIN-WAIT-1 alone may come before that, by a CLOSE in SYN-RECEIVED.
//   - FIN-WAIT-2, CLOSING, LAST-ACK, TIME-WAIT and CLOSE-WAIT speak of FINs that
//     were taken: who has taken a FIN has a peer that sent it, and whose FIN is
//     acknowledged has a peer that took it.
//   - CLOSED is before the beginning or after the end. It comes after TIME-WAIT,
//     so the peer may still miss the last ACK, and after SYN-SENT by CLOSE, so the
//     peer may have answered that SYN and even closed.
//
// The relation is symmetric; each pair stands in both rows.
var peers = [...]tcp.StateSet{
	tcp.Listen:      tcp.SetOf(tcp.SynSent, tcp.Closed),
	tcp.SynSent:     tcp.SetOf(tcp.Listen, tcp.SynSent, tcp.SynReceived, tcp.FinWait1, tcp.Closed),
	tcp.SynReceived: tcp.SetOf(tcp.SynSent, tcp.SynReceived, tcp.Established, tcp.FinWait1, tcp.Closed),
	tcp.Established: tcp.SetOf(tcp.SynReceived, tcp.Established, tcp.FinWait1),
	tcp.FinWait1: tcp.SetOf(tcp.SynSent, tcp.SynReceived, tcp.Established, tcp.FinWait1, tcp.CloseWait, tcp.Closing,
		tcp.LastAck, tcp.Closed),
	tcp.FinWait2:  tcp.SetOf(tcp.CloseWait, tcp.Closing, tcp.LastAck),
	tcp.CloseWait: tcp.SetOf(tcp.FinWait1, tcp.FinWait2),
	tcp.Closing:   tcp.SetOf(tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.TimeWait, tcp.Closed),
	tcp.LastAck:   tcp.SetOf(tcp.FinWait1, tcp.FinWait2, tcp.TimeWait, tcp.Closed),
	tcp.TimeWait:  tcp.SetOf(tcp.Closing, tcp.LastAck, tcp.TimeWait, tcp.Closed),
	tcp.Closed: tcp.SetOf(tcp.Listen, tcp.SynSent, tcp.SynReceived, tcp.FinWait1, tcp.Closing, tcp.LastAck,
		tcp.TimeWait, tcp.Closed),
}

// The peer of an end that is left alone may be gone, or begin anew. It gets no
// further than an old SYN leads, because its handshake needs an answer that the
// one left alone does not give (RFC 9293 section 3.5.1). A user who calls CLOSE in
// SYN-RECEIVED gets round this: see the bound close-in-handshake.
var (
	alone = tcp.AllStates &^ tcp.SetOf(tcp.Closed)
	anew  = tcp.SetOf(tcp.Closed, tcp.Listen, tcp.SynSent, tcp.SynReceived)
)

// Peers returns the states in which the peer of an end can be. Half-open means
// that one end may abort, crash, give up, or begin a new incarnation while the
// other is still in the old one; else both go through one connection.
func Peers(s tcp.State, halfOpen bool) tcp.StateSet {
	if int(s) >= len(peers) {
		return 0
	}
	set := peers[s]
	if halfOpen && alone.Has(s) {
		set |= anew
	}
	if halfOpen && anew.Has(s) {
		set |= alone
	}
	return set
}

// halfOpens tells whether half-open connections are possible within the bound.
func (b *Bound) halfOpens() bool {
	return b.Cut || hasTwoLives(b.Users[0]) || hasTwoLives(b.Users[1])
}

// hasTwoLives tells whether a user aborts, crashes, or opens again. An active OPEN
// right after a passive one goes on with the same life.
func hasTwoLives(calls []Call) bool {
	opened := false
	for i, c := range calls {
		opens := c.Event == tcp.CallActiveOpen || c.Event == tcp.CallPassiveOpen
		goesOn := opens && i > 0 && c.Event == tcp.CallActiveOpen && calls[i-1].Event == tcp.CallPassiveOpen
		if c.Crash || c.Event == tcp.CallAbort || opens && opened && !goesOn {
			return true
		}
		opened = opened || opens
	}
	return false
}
