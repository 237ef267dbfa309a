package simulate

import "github.com/synoptic-net/synoptic/tcp"

// openingStories: how a connection begins, or does not (RFC 9293 section 3.5).
func openingStories() []Story {
	open := [2]tcp.State{tcp.Established, tcp.Established}
	return []Story{
		{"handshake", play(listens, opens), open, []tcp.Edge{
			edge(tcp.Closed, tcp.Listen), edge(tcp.Closed, tcp.SynSent), edge(tcp.Listen, tcp.SynReceived),
			edge(tcp.SynSent, tcp.Established), edge(tcp.SynReceived, tcp.Established)}},
		{"simultaneous-open", play(opens, does(Responder, tcp.CallActiveOpen, at(0))), open, []tcp.Edge{
			edge(tcp.SynSent, tcp.SynReceived), edge(tcp.SynReceived, tcp.Established)}},
		{"refused-port", play(opens), [2]tcp.State{tcp.Closed, tcp.Closed}, []tcp.Edge{
			edge(tcp.SynSent, tcp.Closed)}},
		{"silent-target", play(opens).with(Rule{On: Match{From: OfOriginator}, Do: Lose}),
			[2]tcp.State{tcp.Closed, tcp.Closed}, []tcp.Edge{edge(tcp.SynSent, tcp.Closed)}},
		{"listener-sends", play(listens, does(Originator, tcp.CallPassiveOpen, at(0)), sends(Originator, 5, at(100*ms))),
			open, []tcp.Edge{edge(tcp.Listen, tcp.SynSent)}},
		{"listener-closes", play(listens, does(Responder, tcp.CallClose, at(sec)), does(Originator, tcp.CallActiveOpen, at(2*sec))),
			[2]tcp.State{tcp.Closed, tcp.Closed}, []tcp.Edge{edge(tcp.Listen, tcp.Closed)}},
		{"early-close", play(listens, opens, does(Responder, tcp.CallClose, once(Responder, tcp.SynReceived, 5*ms)),
			does(Originator, tcp.CallClose, once(Originator, tcp.CloseWait, 50*ms))),
			[2]tcp.State{tcp.Closed, tcp.Closed}, []tcp.Edge{edge(tcp.SynReceived, tcp.FinWait1)}},
	}
}
