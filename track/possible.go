package track

import (
	"math/bits"

	"github.com/synoptic-net/synoptic/tcp"
)

// states is one more than the largest tcp.State.
const states = tcp.Closed + 1

// sent is what an end has been seen to send that can still change the state of
// the other: a set, because what was captured may arrive late or again.
type sent uint16

const (
	sentSYN    sent = 1 << iota // a SYN without ACK
	sentSYNACK                  // a SYN that acknowledges the other's SYN
	sentACK                     // an acknowledgment of the other's SYN, without a SYN
	sentFIN                     // a FIN that did not acknowledge the other's FIN
	ackedFIN                    // an acknowledgment of the other's FIN, on any segment without FIN
	sentFINACK                  // a FIN that acknowledged the other's FIN
	sentRST                     // a RST that the other may have to believe
	sents           = 1 << iota

	heldBack sent = sents // a mark beside them: its FIN waits for octets before it at the other end
)

// happening is one input that the other end's table may get because of a sent
// segment; the alternatives cover what an observer does not know.
type happening struct {
	because sent
	input   []tcp.Input
}

func arrival(f tcp.Facts) tcp.Input { return tcp.Input{Event: tcp.SegmentArrives, Facts: f} }

const (
	inOrder = tcp.SeqExact | tcp.SeqInWindow | tcp.InWindow
	goodACK = tcp.HasACK | tcp.AckOfSyn | tcp.AckNew
	goodFIN = tcp.HasFIN | tcp.NewText | tcp.FinInOrder
	heldFIN = tcp.HasFIN | tcp.NewText | tcp.BehindGap
)

// happenings stand in the order in which they happen to a connection that
// loses nothing; the first input of each is the one to expect.
var happenings = []happening{
	{sentSYN, []tcp.Input{arrival(tcp.HasSYN | tcp.SeqIRS | inOrder)}},
	{sentSYNACK, []tcp.Input{arrival(tcp.HasSYN | tcp.SeqIRS | inOrder | goodACK)}},
	{sentACK, []tcp.Input{arrival(inOrder | goodACK)}},
	{ackedFIN, []tcp.Input{arrival(inOrder | goodACK | tcp.AckOfFin)}},
	{sentFINACK, []tcp.Input{
		arrival(inOrder | goodACK | goodFIN | tcp.AckOfFin),
		arrival(inOrder | goodACK | heldFIN | tcp.AckOfFin),
	}},
	{sentFIN, []tcp.Input{
		arrival(inOrder | goodACK | goodFIN),
		arrival(inOrder | goodACK | heldFIN),
	}},
	{sentRST, []tcp.Input{
		arrival(inOrder | tcp.HasRST | goodACK),
		arrival(inOrder | tcp.HasRST | goodACK | tcp.FromPassive),
		arrival(inOrder | tcp.HasRST | goodACK | tcp.IgnoresRST),
	}},
}

// dueAfter says when a FIN that was held behind a gap may be taken later: such
// a FIN acknowledged ours, or it did not.
const dueAfter = sentFIN | sentFINACK

// reach holds, for what the other end has sent and a state, the states that an
// end may be in: that state, if nothing arrived, and all it leads to.
var reach, expect = makeReach()

func makeReach() (*[sents][states]tcp.StateSet, *[sents][states]tcp.State) {
	var sets [sents][states]tcp.StateSet
	var likely [sents][states]tcp.State
	for what := range sents {
		for s := tcp.Listen; s < states; s++ {
			sets[what][s] = spread(sent(what), s)
			likely[what][s] = follow(sent(what), s)
		}
	}
	return &sets, &likely
}

// spread returns all states to which any order of the arrivals leads.
func spread(what sent, from tcp.State) tcp.StateSet {
	set := tcp.SetOf(from)
	for before := tcp.StateSet(0); before != set; {
		before = set
		for _, s := range before.States() {
			set |= arrivals(what, s)
		}
	}
	return set
}

// arrivals returns the states one arrival away. A held FIN becomes due in its
// own time; if it acknowledged our FIN it leaves FIN-WAIT-1 before that.
func arrivals(what sent, s tcp.State) (set tcp.StateSet) {
	for _, h := range happenings {
		if what&h.because == 0 {
			continue
		}
		for _, in := range h.input {
			set |= tcp.SetOf(after(s, in))
		}
	}
	if what&dueAfter != 0 && (s != tcp.FinWait1 || what&sentFIN != 0) {
		set |= tcp.SetOf(after(s, tcp.Input{Event: tcp.FinDue}))
	}
	return set
}

// follow returns the state when everything arrives, each once and in order.
func follow(what sent, s tcp.State) tcp.State {
	for _, h := range happenings {
		if what&h.because != 0 {
			s = after(s, h.input[0])
		}
	}
	return s
}

// after returns the state behind the row, and behind the rest of a SYN,ACK.
func after(s tcp.State, in tcp.Input) tcp.State {
	row, ok := tcp.Next(s, in)
	if !ok {
		return s
	}
	return row.To
}

// spreadSet returns the union of reach over the members of a set.
func spreadSet(what sent, set tcp.StateSet) (all tcp.StateSet) {
	row := &reach[what%sents]
	for rest := uint16(set & tcp.AllStates); rest != 0; rest &= rest - 1 {
		all |= row[bits.TrailingZeros16(rest)]
	}
	return all
}
