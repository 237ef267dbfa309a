package simulate

import "github.com/synoptic-net/synoptic/tcp"

// lossStories: one segment is lost, or all of a sort are, and what the
// retransmission timer makes of it (RFC 9293 section 3.8, RFC 6298).
func lossStories() []Story {
	open := [2]tcp.State{tcp.Established, tcp.Established}
	closed := [2]tcp.State{tcp.Closed, tcp.Closed}
	lose := func(m Match) Rule { return Rule{On: m, Do: Lose} }
	return []Story{
		{"lost-synack", play(listens, opens).with(lose(Match{Sorts: SYNACKs}.Only(1))), open,
			[]tcp.Edge{edge(tcp.SynSent, tcp.Established)}},
		{"lost-handshake-ack", play(listens, opens).with(lose(Match{From: OfOriginator, Sorts: ACKs}.Only(1))), open,
			[]tcp.Edge{edge(tcp.SynReceived, tcp.Established)}},
		{"handshake-ack-never", play(listens, opens).with(lose(Match{From: OfOriginator, Sorts: ACKs})),
			[2]tcp.State{tcp.Established, tcp.Closed}, []tcp.Edge{edge(tcp.SynReceived, tcp.Closed)}},
		{"fin-ends-handshake", play(listens, opens, does(Originator, tcp.CallClose, once(Originator, tcp.Established, 5*ms)), follows).
			with(lose(Match{From: OfOriginator, Sorts: ACKs}.Only(1))), closed,
			[]tcp.Edge{edge(tcp.SynReceived, tcp.CloseWait)}},
		{"lost-fin", play(listens, opens, closes, follows).with(lose(Match{Sorts: FINs}.Only(1))), closed,
			[]tcp.Edge{edge(tcp.FinWait1, tcp.FinWait2)}},
		{"fin-never", play(listens, opens, closes).with(lose(Match{From: OfOriginator, Sorts: FINs})),
			[2]tcp.State{tcp.Closed, tcp.Established}, []tcp.Edge{edge(tcp.FinWait1, tcp.Closed)}},
		{"lost-last-ack", play(listens, opens, closes, follows).with(lose(Match{From: OfOriginator, Sorts: ACKs, Since: sec}.Only(1))),
			closed, []tcp.Edge{edge(tcp.LastAck, tcp.Closed)}},
		{"last-ack-never", play(listens, opens, closes, follows).with(lose(Match{From: OfOriginator, Sorts: ACKs, Since: sec})),
			closed, []tcp.Edge{edge(tcp.LastAck, tcp.Closed)}},
		{"closing-never", play(listens, opens, closes, closesToo).with(lose(Match{Sorts: ACKs, Since: sec})),
			closed, []tcp.Edge{edge(tcp.Closing, tcp.Closed)}},
	}
}
