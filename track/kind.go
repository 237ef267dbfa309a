package track

import (
	"math/bits"

	"github.com/synoptic-net/synoptic/tcp"
)

// kind is what a segment shows of its sender.
type kind uint8

const (
	kindACK       kind = iota // neither SYN, FIN, RST nor text; also keep-alives and window probes
	kindSYN                   // SYN without ACK
	kindSYNACK                // SYN with ACK
	kindText                  // text that was never sent before
	kindTextAgain             // text that may have been
	kindFIN                   // the first FIN, with or without text
	kindFINLate               // the first FIN, while earlier text was unacknowledged when the other's FIN came
	kindFINAgain
	kindRST
	kindRSTACK // RST with ACK: it refuses, or it aborts as Linux does
	kinds
)

// sending says how an end sends a kind: by rows with these actions, or once more
// in a state that retransmits and that has this to send again.
type sending struct {
	actions tcp.Actions
	again   tcp.StateSet
	also    []tcp.Edge
}

// Sets that follow from the rows alone.
var (
	// tookSYN: the other's SYN has arrived. Nothing is acknowledged before.
	tookSYN = onward(rowsDoing(tcp.TakeSYN))
	// tookText: text behind the SYN has arrived.
	tookText = onward(rowsDoing(tcp.TakeText))
	// tookFIN: the other's FIN has arrived, and everything before it.
	tookFIN = onward(rowsDoing(tcp.TakeFIN))
	// finSent: an own FIN is on its way.
	finSent = onward(rowsDoing(tcp.SendFIN))
	// finAcked: the acknowledgment of the own FIN has arrived.
	finAcked = onward(rowsAsking(tcp.AckOfFin))
	// resends: there is something unacknowledged.
	resends = rowsDoing(tcp.Resend)
)

// sendings: what a retransmission may hold follows from whether a FIN was sent.
var sendings = [kinds]sending{
	kindACK:       {actions: tcp.SendACK | tcp.SendChallenge | tcp.SendKeepalive | tcp.SendProbe},
	kindSYN:       {actions: tcp.SendSYN, again: resends &^ tookSYN},
	kindSYNACK:    {actions: tcp.SendSYNACK, again: resends & tookSYN &^ tcp.Synchronized},
	kindText:      {actions: tcp.SendText},
	kindTextAgain: {actions: tcp.SendText | tcp.SendProbe, again: resends & tcp.Synchronized},
	kindFIN:       {actions: tcp.SendFIN},
	kindFINLate:   {actions: tcp.SendFIN, also: []tcp.Edge{{From: tcp.CloseWait, To: tcp.Closing}}},
	kindFINAgain:  {again: resends & finSent},
	kindRST:       {actions: tcp.SendAbortRST | tcp.SendRST},
	kindRSTACK:    {actions: tcp.SendAbortRST | tcp.SendRSTACK},
}

// sends holds the states in which an end can be right after sending a kind, for
// each state before. An end that resets may have closed in silence before.
var sends = makeSends()

func makeSends() (table [kinds][states]tcp.StateSet) {
	for k, how := range sendings {
		for _, row := range tcp.Rows() {
			if row.Actions&how.actions != 0 && ownMove(row) {
				table[k][row.From] |= tcp.SetOf(row.To)
			}
		}
		for _, s := range how.again.States() {
			table[k][s] |= tcp.SetOf(s)
		}
		for _, e := range how.also {
			table[k][e.From] |= tcp.SetOf(e.To)
		}
	}
	answering(&table)
	return table
}

// ownMove tells whether the row is no change by what arrived: such a change is
// made when that segment is captured.
func ownMove(row tcp.Row) bool {
	return row.From == row.To || row.Event != tcp.SegmentArrives && row.Event != tcp.FinDue
}

// answering completes the answers that rows give while they change the state: an
// end that has just come into a state by such a row may have sent the answer.
func answering(table *[kinds][states]tcp.StateSet) {
	for k, how := range sendings {
		for _, row := range tcp.Rows() {
			if row.Actions&how.actions != 0 && !ownMove(row) && row.To != tcp.Closed {
				table[k][row.To] |= tcp.SetOf(row.To)
			}
		}
	}
	for _, k := range []kind{kindRST, kindRSTACK} {
		for s := tcp.Listen; s < states; s++ {
			table[k][s] |= tcp.SetOf(tcp.Closed)
		}
	}
}

// sendSet returns the union of sends over the members of a set.
func sendSet(k kind, set tcp.StateSet) (all tcp.StateSet) {
	row := &sends[k%kinds]
	for rest := uint16(set & tcp.AllStates); rest != 0; rest &= rest - 1 {
		all |= row[bits.TrailingZeros16(rest)]
	}
	return all
}

// rowsDoing returns the states behind rows that do any of the actions.
func rowsDoing(a tcp.Actions) (set tcp.StateSet) {
	for _, row := range tcp.Rows() {
		if row.Actions&a != 0 {
			set |= tcp.SetOf(row.To)
		}
	}
	return set
}

// rowsAsking returns the states behind rows that require the condition.
func rowsAsking(f tcp.Facts) (set tcp.StateSet) {
	for _, row := range tcp.Rows() {
		if row.Guard.Require.Has(f) {
			set |= tcp.SetOf(row.To)
		}
	}
	return set
}

// onward returns the set with all states to which the same connection can go
// from it. CLOSED and LISTEN are no part of a connection.
func onward(set tcp.StateSet) tcp.StateSet {
	const ended = 1<<tcp.Closed | 1<<tcp.Listen
	set &^= ended
	for before := tcp.StateSet(0); before != set; {
		before = set
		for _, row := range tcp.Rows() {
			if set.Has(row.From) && row.Actions&(tcp.DeleteTCB|tcp.TakeSYN) == 0 {
				set |= tcp.SetOf(row.To) &^ ended
			}
		}
	}
	return set
}
