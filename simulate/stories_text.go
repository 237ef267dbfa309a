package simulate

import "github.com/synoptic-net/synoptic/tcp"

// textStories: what happens between opening and closing.
func textStories() []Story {
	closed := [2]tcp.State{tcp.Closed, tcp.Closed}
	return []Story{
		{"exchange", play(listens, opens, sends(Originator, 40, once(Originator, tcp.Established, 0)),
			sends(Responder, 1000, once(Responder, tcp.Established, 470*ms)), closes, follows), closed, []tcp.Edge{
			edge(tcp.Established, tcp.FinWait1), edge(tcp.Established, tcp.CloseWait)}},
		{"lost-text", play(listens, opens, sends(Originator, 40, at(500*ms))).with(Rule{On: Match{Sorts: Texts}.Only(1), Do: Lose}),
			[2]tcp.State{tcp.Established, tcp.Established}, nil},
		{"zero-window", zeroWindow(), [2]tcp.State{tcp.Established, tcp.Established}, nil},
	}
}

// zeroWindow: the responder's user reads nothing for half a minute.
func zeroWindow() Config {
	c := play(listens, opens, sends(Originator, 600, at(500*ms)), does(Responder, tcp.CallReceive, at(30*sec)))
	c.Ends[Responder].AutoReceive, c.Ends[Responder].ReceiveBuffer = false, 400
	return c
}
