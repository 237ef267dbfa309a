package simulate

import "github.com/synoptic-net/synoptic/tcp"

// closingStories: how a connection ends when nothing is lost (RFC 9293 section
// 3.6).
func closingStories() []Story {
	closed := [2]tcp.State{tcp.Closed, tcp.Closed}
	return []Story{
		{"close", play(listens, opens, closes, follows), closed, []tcp.Edge{
			edge(tcp.Established, tcp.FinWait1), edge(tcp.FinWait1, tcp.FinWait2), edge(tcp.FinWait2, tcp.TimeWait),
			edge(tcp.TimeWait, tcp.Closed), edge(tcp.Established, tcp.CloseWait), edge(tcp.CloseWait, tcp.LastAck),
			edge(tcp.LastAck, tcp.Closed)}},
		{"half-close", play(listens, opens, sends(Originator, 40, at(500*ms)), closes,
			sends(Responder, 1000, at(2*sec)), sends(Responder, 1000, at(3*sec)), does(Responder, tcp.CallClose, at(4*sec))), closed,
			[]tcp.Edge{edge(tcp.FinWait1, tcp.FinWait2), edge(tcp.CloseWait, tcp.LastAck)}},
		{"simultaneous-close", play(listens, opens, closes, closesToo), closed,
			[]tcp.Edge{edge(tcp.FinWait1, tcp.Closing), edge(tcp.Closing, tcp.TimeWait)}},
		{"fin-with-ack-of-fin", play(listens, opens, closes, does(Responder, tcp.CallClose, once(Responder, tcp.CloseWait, 0))).
			with(Rule{On: Match{From: OfResponder, Sorts: ACKs, Since: sec}.Only(1), Do: Lose}), closed,
			[]tcp.Edge{edge(tcp.FinWait1, tcp.TimeWait)}},
		{"never-closed", play(listens, opens, closes), [2]tcp.State{tcp.FinWait2, tcp.CloseWait},
			[]tcp.Edge{edge(tcp.FinWait1, tcp.FinWait2), edge(tcp.Established, tcp.CloseWait)}},
		{"abort", play(listens, opens, does(Responder, tcp.CallAbort, at(sec))), closed,
			[]tcp.Edge{edge(tcp.Established, tcp.Closed)}},
		{"abort-while-closing", play(listens, opens, closes, does(Originator, tcp.CallAbort, at(2*sec))), closed,
			[]tcp.Edge{edge(tcp.FinWait2, tcp.Closed), edge(tcp.CloseWait, tcp.Closed)}},
	}
}
